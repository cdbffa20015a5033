"""Widgets that a dashboard shows beside those of the components it is given.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pydantic

from components._base import Input, Shape

COLUMNS = 24
MAX_METRICS_PER_WIDGET = 500
MAX_HEIGHT = 1000
MAX_LOG_GROUPS = 50
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

_STATISTIC = re.compile(r"Sum|Average|Minimum|Maximum|SampleCount|IQM|p(\d{1,2}(\.\d{1,10})?|100)")
_PERIODS = (1, 5, 10, 20, 30)

_Width = Annotated[int, pydantic.Field(ge=1, le=COLUMNS)]
_Height = Annotated[int, pydantic.Field(ge=1, le=MAX_HEIGHT)]


class TextWidget(Shape):
    """Text: what the dashboard is about, or where the runbook is."""

    kind: ClassVar[str] = "text"

    markdown: Annotated[str, pydantic.Field(min_length=1)]
    """The text, in Markdown."""

    width: _Width = COLUMNS
    """Columns that it takes, 1-24."""

    height: _Height = 2
    """Rows that it takes, 1-1,000."""

    def properties(self, region: pulumi.Input[str]) -> dict[str, Any]:
        """What CloudWatch draws."""
        del region  # text is text everywhere
        return {"markdown": self.markdown}


class GraphMetric(Shape):
    """One line of a graph."""

    namespace: str
    """Where the metric is: `AWS/SQS`."""

    name: str
    """The metric: `ApproximateAgeOfOldestMessage`."""

    dimensions: Mapping[str, Input[str]] = {}
    """What it is of: `{"QueueName": queue.name}`."""

    statistic: str = "Sum"
    """What is drawn of each period: `Sum`, `Average`, `Maximum`, `p99` and the like."""

    label: str | None = None
    """What the legend says; unset, the metric's name and dimensions."""

    @pydantic.field_validator("statistic")
    @classmethod
    def _statistic_exists(cls, statistic: str) -> str:
        if not _STATISTIC.fullmatch(statistic):
            raise ValueError(
                f"must be Sum, Average, Minimum, Maximum, SampleCount, IQM or a percentile such as p99, "
                f"got {statistic!r}"
            )
        return statistic

    @property
    def line(self) -> list[Any]:
        """What a graph takes."""
        dimensions = [part for dimension in self.dimensions.items() for part in dimension]
        label = {"label": self.label} if self.label is not None else {}
        return [self.namespace, self.name, *dimensions, {"stat": self.statistic, **label}]


class GraphWidget(Shape):
    """Metrics over time, or their latest values."""

    kind: ClassVar[str] = "metric"

    title: str
    """What stands above it."""

    metrics: Sequence[GraphMetric]
    """The lines, 1-500."""

    period_seconds: int = 60
    """Seconds that each point stands for: a multiple of 60, or 1, 5, 10, 20 or 30 for metrics that are sent
    so often."""

    view: Literal["timeSeries", "singleValue"] = "timeSeries"
    """Lines over time, or the latest values as numbers."""

    threshold: float | None = None
    """A value to draw a line at."""

    width: _Width = 12
    """Columns that it takes, 1-24."""

    height: _Height = 6
    """Rows that it takes, 1-1,000."""

    @pydantic.model_validator(mode="after")
    def _metrics_can_be_drawn(self) -> GraphWidget:
        if not 1 <= len(self.metrics) <= MAX_METRICS_PER_WIDGET:
            raise ValueError(f"metrics must be 1-{MAX_METRICS_PER_WIDGET}, got {len(self.metrics)}")
        period = self.period_seconds
        if period not in _PERIODS and (period < 60 or period % 60):  # noqa: PLR2004 - a minute
            raise ValueError(f"period_seconds must be 1, 5, 10, 20, 30 or a multiple of 60, got {period}")
        return self

    def properties(self, region: pulumi.Input[str]) -> dict[str, Any]:
        """What CloudWatch draws."""
        drawn = {
            "title": self.title,
            "region": region,
            "view": self.view,
            "period": self.period_seconds,
            "metrics": [metric.line for metric in self.metrics],
        }
        if self.threshold is None:
            return drawn
        return {**drawn, "annotations": {"horizontal": [{"value": self.threshold}]}}


class LogWidget(Shape):
    """The answer of a CloudWatch Logs Insights query, run whenever somebody looks: $0.005 a GB searched."""

    kind: ClassVar[str] = "log"

    title: str
    """What stands above it."""

    log_groups: Sequence[Input[str]]
    """Physical names of the log groups, 1-50: `function.log_group.name`."""

    query: Annotated[str, pydantic.Field(min_length=1)]
    """What is asked: `fields @timestamp, @message | filter level = "ERROR" | limit 20`.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html"""

    width: _Width = COLUMNS
    """Columns that it takes, 1-24."""

    height: _Height = 6
    """Rows that it takes, 1-1,000."""

    @pydantic.model_validator(mode="after")
    def _log_groups_can_be_asked(self) -> LogWidget:
        if not 1 <= len(self.log_groups) <= MAX_LOG_GROUPS:
            raise ValueError(f"log_groups must be 1-{MAX_LOG_GROUPS}, got {len(self.log_groups)}")
        return self

    def properties(self, region: pulumi.Input[str]) -> dict[str, Any]:
        """What CloudWatch draws."""
        sources: list[pulumi.Input[str]] = []
        for group in self.log_groups:
            sources += ["SOURCE '", group, "' | "]
        return {
            "title": self.title,
            "region": region,
            "view": "table",
            "query": pulumi.Output.concat(*sources, self.query),
        }


Widget = TextWidget | GraphWidget | LogWidget
