"""A measured figure beside its budget."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["stretch met", "met", "missed", "information"]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    group: str
    what: str
    value: float
    unit: str
    """`x` for a ratio; else the unit of `value`."""
    budget: float | None = None
    stretch: float | None = None
    cpu: float | None = None
    """The same ratio by processor time."""
    higher_is_better: bool = False
    note: str = ""
    """What was compared, in absolute figures; what dominates, where the budget is missed."""

    @property
    def verdict(self) -> Verdict:
        """Whether the budget, or even the stretch, is met."""
        if self.stretch is not None and self._within(self.stretch):
            return "stretch met"
        if self.budget is None:
            return "information"
        return "met" if self._within(self.budget) else "missed"

    def _within(self, limit: float) -> bool:
        return self.value >= limit if self.higher_is_better else self.value <= limit

    def as_json(self) -> dict[str, Any]:
        """The row with its verdict."""
        return asdict(self) | {"verdict": self.verdict}
