"""Puts a review together: every change, what it means, and what has been acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backplane.review import access, entrances, lifecycle, losses, settings
from backplane.review.model import Change, Comparison, Finding, Op, Section, name_of
from backplane.review.money import Money, money
from backplane.review.prices import Usage
from backplane.review.steps import presence, step
from backplane.review.values import Special, at
from backplane.review.words import Code, Text, joined, listed, say

_OPS: tuple[Op, ...] = ("delete", "replace", "update", "create")
LONGEST_LIST = 20
"""At most so many resources stand in one row of what is left."""


@dataclass(frozen=True)
class Rest:
    """Resources that change in one way, which hurts nobody."""

    op: Op
    type: str
    text: Text
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Review:
    """All that there is to say about a change."""

    comparison: Comparison
    findings: tuple[Finding, ...]
    """The worst first."""

    money: Money
    rest: tuple[Rest, ...]
    reasons: Mapping[str, str]
    """For each acknowledged URN the reason."""

    unseen: int
    """Policies whose text only a deployment knows, so that a comparison of programs can't compare them."""

    @property
    def counts(self) -> dict[Op, int]:
        """How many resources are created, updated, replaced and deleted."""
        counted = Counter(change.op for change in self.comparison.changes)
        return {op: counted[op] for op in reversed(_OPS) if counted[op]}

    @property
    def changed(self) -> bool:
        """Whether there is anything to review."""
        return bool(self.counts or self.findings or self.comparison.errors or self.unmatched)

    @property
    def unacknowledged(self) -> tuple[Finding, ...]:
        """What nobody has accepted yet."""
        return tuple(item for item in self.findings if item.guarded and item.change.urn not in self.reasons)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Acknowledged URNs of which there is nothing to accept."""
        guarded = {item.change.urn for item in self.findings if item.guarded}
        return tuple(urn for urn in self.reasons if urn not in guarded)

    @property
    def holds(self) -> bool:
        """Whether a guard lets it pass: the preview is whole, and all that hurts is acknowledged."""
        return not self.unacknowledged and not self.comparison.errors

    def of(self, section: Section) -> list[Finding]:
        """What stands in a section."""
        return [item for item in self.findings if item.section is section]


def review(comparison: Comparison, reasons: Mapping[str, str], region: str, usage: Usage) -> Review:
    """Review a change.

    Args:
        comparison: what changes.
        reasons: for each acknowledged URN the reason.
        region: where it runs, for prices; empty where nobody said.
        usage: the assumptions for prices.
    """
    everywhere = comparison.by_urn()
    new = losses.created(comparison.changes)
    found = [item for change in comparison.changes for item in _of(change, new, everywhere)]
    found.sort(key=lambda item: (item.section, item.change.urn in reasons, item.weight, item.change.urn))
    return Review(
        comparison,
        tuple(found),
        money(comparison.changes, region, usage),
        tuple(_rest(comparison.changes, found)),
        reasons,
        0 if comparison.exact else _unseen(comparison.changes, everywhere),
    )


def _of(change: Change, new: losses.Created, everywhere: Mapping[str, Change]) -> Iterable[Finding]:
    yield from losses.findings(change, new)
    if change.leftover:
        return
    yield from settings.findings(change)
    yield from lifecycle.findings(change, everywhere)
    yield from access.findings(change, everywhere)
    yield from entrances.findings(change, everywhere)


def _unseen(changes: Iterable[Change], everywhere: Mapping[str, Change]) -> int:
    return sum(
        isinstance(at(change.after, access.POLICIES[change.type]), Special)
        for change in changes
        if change.type in access.POLICIES and change.new and not access.declares(change, everywhere)
    )


def _rest(changes: Iterable[Change], found: Iterable[Finding]) -> Iterable[Rest]:
    """What no finding speaks of, together where it is alike."""
    covered: dict[int, set[str]] = {}
    for item in found:
        covered.setdefault(id(item.change), set()).update(item.covers or ("",))
    groups: dict[tuple[str, str, Text], list[Change]] = {}
    for change in changes:
        if change.op == "same" or not _is_worth_a_row(change):
            continue
        paths = [path for path in change.reasons if not _is_covered(path, covered.get(id(change), set()))]
        if id(change) in covered and (not paths or change.op in ("create", "delete")):
            continue
        groups.setdefault((change.op, change.type, _what(change, paths)), []).append(change)
    for (_, type_, text), members in sorted(
        groups.items(), key=lambda entry: (_OPS.index(entry[1][0].op), entry[0][1])
    ):
        for start in range(0, len(members), LONGEST_LIST):
            part = members[start : start + LONGEST_LIST]
            yield Rest(part[0].op, type_, text, tuple(part))


def _is_worth_a_row(change: Change) -> bool:
    """Whether it is a resource of its own: a component is what its children are."""
    return not change.type.startswith("backplane:") or bool(change.reasons)


def _is_covered(path: str, covered: set[str]) -> bool:
    return any(
        path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")
        for other in covered
        if other
    )


def _made_from(change: Change) -> list[Text]:
    """From which resources the values come that aren't known yet, where only that is different."""
    before = change.old.dependencies if change.old else ()
    after = change.new.dependencies if change.new else ()
    texts = [
        say(
            "its values now come from {} as well", listed(name_of(urn) for urn in after if urn not in before)
        ),
        say("its values come no more from {}", listed(name_of(urn) for urn in before if urn not in after)),
    ]
    return [text for text in texts if len(text) > 1 and isinstance(text[1], Code)]


def _what(change: Change, paths: list[str]) -> Text:
    """What is different, with the values where they are short."""
    if change.op in ("create", "delete"):
        return presence(change)
    steps = [step(change, path) for path in paths] or _made_from(change)
    if len(steps) > 6:  # noqa: PLR2004 - a row's width
        return listed(dict.fromkeys(path.partition(".")[0] for path in paths))
    return joined(steps)
