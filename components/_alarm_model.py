"""What an alarm is, apart from what it watches: metrics, a rule, and a rule applied to one component."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi

Kind = Literal["function", "api", "channel", "table"]

MINUTE = 60
FIVE_MINUTES = 300

MAX_ALARM_NAME_LENGTH = 255
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

MAX_METRICS_PER_ALARM = 10
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

_HASH_LENGTH = 8


@dataclass(frozen=True)
class Metric:
    """One CloudWatch metric, as an alarm or a graph reads it."""

    namespace: str
    name: str
    statistic: str
    """`Sum`, or a percentile such as `p99`."""

    period_seconds: int
    dimensions: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True)
class Rule:
    """What is watched of every component of a kind; its name is public, for `thresholds` and `disabled`."""

    name: str
    kind: Kind
    essential: bool
    """Whether the smaller pack has it too."""

    threshold: float
    unit: Literal["percent", "milliseconds", "a minute"]
    title: str
    meaning: str
    """What has happened when it fires, and what that means for the callers; one or two sentences that
    may use `{threshold}` and `{minimum}`."""

    minimum: int = 0
    """A rate over fewer events than this in a period counts as zero."""


@dataclass(frozen=True)
class Watch:
    """A rule applied to one component."""

    rule: Rule
    component: str
    metrics: Mapping[str, Metric]
    """By the id that the expression uses."""

    expression: str | None
    """Metric math over the ids; without one there is a single metric."""

    threshold: float
    """In the metric's own unit: a share of a timeout is in milliseconds here."""

    meaning: str
    part: int = 1
    """A rule over more metrics than one alarm may read is several alarms."""

    @property
    def period_seconds(self) -> int:
        """The period that all its metrics share."""
        return next(iter(self.metrics.values())).period_seconds

    @property
    def suffix(self) -> str:
        """What follows the name of the alarms component in the name of this alarm."""
        part = f"-{self.part}" if self.part > 1 else ""
        return f"{self.component}-{self.rule.name}{part}"


def bounded(name: str, length: int) -> str:
    """`name`, or as much of it as fits in `length` with a hash of the whole."""
    if len(name) <= length:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: length - _HASH_LENGTH - 1].rstrip('-')}-{digest}"
