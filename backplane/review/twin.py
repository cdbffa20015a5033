"""A review as JSON, for tools: the same findings in the same order, nothing escaped and nothing left out."""

from __future__ import annotations

from typing import Any

from backplane.review.model import Finding
from backplane.review.money import Cost
from backplane.review.prices import table
from backplane.review.review import Rest, Review
from backplane.review.words import plain

VERSION = 1
"""Goes up when a key changes its meaning or goes."""


def document(review: Review) -> dict[str, Any]:
    """The review as values of JSON."""
    money, comparison = review.money, review.comparison
    return {
        "version": VERSION,
        "project": comparison.project,
        "stack": comparison.stack,
        "changed": review.changed,
        "complete": not comparison.errors,
        "errors": list(comparison.errors),
        "counts": review.counts,
        "findings": [_finding(review, item) for item in review.findings],
        "guard": {
            "passes": review.holds,
            "unacknowledged": sorted({item.change.urn for item in review.unacknowledged}),
            "unmatched": list(review.unmatched),
        },
        "money": {
            "currency": "USD",
            "pricesAsOf": table().as_of.isoformat(),
            "region": money.region or None,
            "monthlyDifference": round(money.difference, 2),
            "resources": [_cost(cost) for cost in money.costs],
            "unknown": [
                {"urn": change.urn, "type": change.type, "why": why} for change, why in money.unknown
            ],
        },
        "policiesNotSeen": review.unseen,
        "rest": [_rest(item) for item in review.rest],
    }


def _finding(review: Review, item: Finding) -> dict[str, Any]:
    return {
        "section": item.section.name.lower(),
        "urn": item.change.urn,
        "type": item.change.type,
        "name": item.change.name,
        "operation": item.change.op,
        "text": plain(item.text),
        "guarded": item.guarded,
        "acknowledged": review.reasons.get(item.change.urn) if item.guarded else None,
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "urn": cost.change.urn,
        "before": round(cost.before, 4),
        "after": round(cost.after, 4),
        "difference": round(cost.difference, 4),
    }


def _rest(item: Rest) -> dict[str, Any]:
    return {
        "operation": item.op,
        "type": item.type,
        "urns": [change.urn for change in item.changes],
        "text": plain(item.text),
    }
