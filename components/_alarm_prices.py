"""What alarms and dashboards cost a month, in US dollars.

Source: https://aws.amazon.com/cloudwatch/pricing/ (read in November 2026), without the free tier, which is
one for the whole account. Deliveries of the topic are SNS's own prices and not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components._alarm_model import Watch


@dataclass(frozen=True)
class Prices:
    """Prices a month of one region, in US dollars."""

    alarm_metric: float
    """A standard-resolution alarm pays for each metric that it reads, those in an expression included."""

    composite_alarm: float
    dashboard: float


_USUAL = Prices(alarm_metric=0.10, composite_alarm=0.50, dashboard=3.00)

PRICES = dict.fromkeys(
    ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1"), _USUAL
)
"""Regions whose prices are known; elsewhere the cost is None, not a guess."""


def monthly_cost_usd(
    region: str, watches: Sequence[Watch], composites: int, *, dashboard: bool
) -> float | None:
    """The cost of a month, to the cent, or None in a region whose prices aren't known."""
    prices = PRICES.get(region)
    if prices is None:
        return None
    metrics = sum(len(watch.metrics) for watch in watches)
    return round(
        metrics * prices.alarm_metric
        + composites * prices.composite_alarm
        + (prices.dashboard if dashboard else 0),
        2,
    )
