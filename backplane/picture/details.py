"""The few facts that a box tells beside its name, out of the inputs of its resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from backplane.local.engine import Resource
from backplane.picture import kinds
from backplane.picture.kinds import Kind

MAX_INDEXES = 3
"""More are counted."""

Inputs = Mapping[str, Any]
Fact = tuple[str, str]
"""What is told, and its value: values of one thing stand on one line. Of nothing, it is a line by itself."""

_PROTOCOLS: Final = {"email": "e-mail", "https": "a URL", "application": "devices"}
"""Subscribers that have no box."""


def details_of(kind: Kind, parts: Iterable[Resource]) -> tuple[str, ...]:
    """The details of one component, a line each.

    Args:
        kind: the component's.
        parts: all its resources.
    """
    values: dict[str, list[str]] = {}
    for part in parts:
        told = _TOLD.get((kind, part.type))
        for label, value in told(part.inputs) if told else ():
            line = values.setdefault(label or value, [])
            if label and value not in line:
                line.append(value)
    return tuple(_said(label, found) for label, found in values.items())


def _said(label: str, found: list[str]) -> str:
    return f"{label}{'s' if len(found) > 1 else ''} {', '.join(found)}".rstrip()


def _table(inputs: Inputs) -> Iterator[Fact]:
    yield "", f"key {', '.join(str(inputs[key]) for key in ('hashKey', 'rangeKey') if inputs.get(key))}"
    names = sorted(str(index["name"]) for index in inputs.get("globalSecondaryIndexes") or ())
    for line in names if len(names) <= MAX_INDEXES else [f"{len(names)} indexes"]:
        yield "", line
    if inputs.get("replicas"):
        yield "", "replicated"


def _function(inputs: Inputs) -> Iterator[Fact]:
    if isinstance(inputs.get("runtime"), str):
        yield "", inputs["runtime"]


def _group(inputs: Inputs) -> Iterator[Fact]:
    if isinstance(inputs.get("name"), str):
        yield "group", inputs["name"]


def _schedule(inputs: Inputs) -> Iterator[Fact]:
    if isinstance(inputs.get("scheduleExpression"), str):
        yield "", inputs["scheduleExpression"]


def _subscription(inputs: Inputs) -> Iterator[Fact]:
    if inputs.get("protocol") in _PROTOCOLS:
        yield "", f"to {_PROTOCOLS[inputs['protocol']]}"


def _distribution(inputs: Inputs) -> Iterator[Fact]:
    for rule in inputs.get("orderedCacheBehaviors") or ():
        if isinstance(rule, dict) and isinstance(rule.get("pathPattern"), str):
            yield "", rule["pathPattern"]


def _versioning(inputs: Inputs) -> Iterator[Fact]:
    told = inputs.get("versioningConfiguration")
    if isinstance(told, dict) and told.get("status") == "Enabled":
        yield "", "versioned"


_TOLD: Final[Mapping[tuple[Kind, str], Callable[[Inputs], Iterator[Fact]]]] = {
    (kinds.BUCKET, "aws:s3/bucketVersioning:BucketVersioning"): _versioning,
    (kinds.CDN, "aws:cloudfront/distribution:Distribution"): _distribution,
    (kinds.FUNCTION, "aws:lambda/function:Function"): _function,
    (kinds.POOL, "aws:cognito/userGroup:UserGroup"): _group,
    (kinds.SCHEDULE, "aws:scheduler/schedule:Schedule"): _schedule,
    (kinds.SITE, "aws:cloudfront/distribution:Distribution"): _distribution,
    (kinds.TABLE, "aws:dynamodb/table:Table"): _table,
    (kinds.TOPIC, "aws:sns/topicSubscription:TopicSubscription"): _subscription,
}
