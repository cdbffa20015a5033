"""What a change costs or saves in a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backplane.review.model import Change, short
from backplane.review.prices import Usage
from backplane.review.tariffs import FORMULAS, PRICED_BY, UnknownPriceError, is_free, price
from backplane.review.words import Text, listed, say

_CENT = 0.005


@dataclass(frozen=True)
class Cost:
    """One resource in a month."""

    change: Change
    before: float
    after: float

    @property
    def difference(self) -> float:
        """In US dollars; more than 0 costs."""
        return self.after - self.before


@dataclass(frozen=True)
class Money:
    """All that changes in a month."""

    costs: tuple[Cost, ...]
    """The largest difference first."""

    unknown: tuple[tuple[Change, str], ...]
    """Resources whose price isn't known, and why."""

    region: str
    requests_per_day: float

    @property
    def difference(self) -> float:
        """Of what is known, in US dollars."""
        return sum(cost.difference for cost in self.costs)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to say."""
        return not self.unknown and all(abs(cost.difference) < _CENT / 10 for cost in self.costs)


def money(changes: Iterable[Change], region: str, usage: Usage) -> Money:
    """What the changes cost or save."""
    changes = [change for change in changes if not change.leftover]
    states = (
        {change.urn: change.old for change in changes if change.old},
        {change.urn: change.new for change in changes if change.new},
    )
    costs, unknown = [], []
    for change in changes:
        if change.op == "same" or is_free(change.type):
            continue
        try:
            before, after = (
                price(state, region, usage, around)
                for state, around in zip((change.old, change.new), states, strict=True)
            )
            costs.append(Cost(change, before, after))
        except UnknownPriceError as error:
            if change.op != "update" or change.type not in FORMULAS or _touches_price(change):
                unknown.append((change, str(error)))
    known = sorted(
        (cost for cost in costs if abs(cost.difference) > _CENT / 100),
        key=lambda cost: (-abs(cost.difference), cost.change.urn),
    )
    return Money(tuple(known), tuple(unknown), region, usage.requests_per_day)


def dollars(amount: float) -> str:
    """A difference: `+$1.20`, `-$0.03`, `less than a cent`."""
    if abs(amount) < _CENT:
        return "less than a cent"
    return f"{'+' if amount > 0 else '-'}${abs(amount):,.2f}"


def line(costs: Sequence[Cost]) -> Text:
    """The cost of resources that cost the same, in words."""
    first = costs[0]
    each = say(" each" if len(costs) > 1 else "")
    if abs(first.difference) < _CENT:
        return say("less than a cent{}", each)
    before, after = f"${first.before:,.2f}", f"${first.after:,.2f}"
    return say("{}{}, from {} to {}", dollars(first.difference), each, before, after)


def unknown_lines(unknown: Iterable[tuple[Change, str]]) -> list[Text]:
    """What has no known price: a sentence for each type and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for change, why in unknown:
        groups.setdefault((short(change.type), why), []).append(change.name)
    return [
        say("the price of {} {} is unknown: {}", type_, listed(names, 6), why)
        for (type_, why), names in sorted(groups.items())
    ]


def _touches_price(change: Change) -> bool:
    return any(reason.split(".")[0] in PRICED_BY.get(change.type, ()) for reason in change.reasons)
