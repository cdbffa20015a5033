"""A dashboard: alarms, free widgets, and a row for each component with a graph for each rule.

The graphs show their thresholds, whether there is an alarm on them or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pulumi

from components._alarm_model import Watch
from components._alarm_resources import aws_name
from components._base import ArgumentError, json_text
from components._dashboard_widgets import COLUMNS, GraphWidget, Widget

MAX_WIDGETS = 500
MAX_METRICS = 2_500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

MAX_ALARMS_PER_WIDGET = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""

_ALARMS_HEIGHT = 4
_GRAPH_HEIGHT = 6
_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


def check_size(
    component: str, watches: Sequence[Watch], alarms: int, free: Sequence[Widget] = (), *, fix: str
) -> None:
    """Refuse what one dashboard can't show."""
    widgets = len(watches) + len(free) + -(-alarms // MAX_ALARMS_PER_WIDGET)
    metrics = sum(len(watch.metrics) for watch in watches)
    metrics += sum(len(widget.metrics) for widget in free if isinstance(widget, GraphWidget))
    if widgets > MAX_WIDGETS or metrics > MAX_METRICS:
        raise ArgumentError(
            f"{component}: a dashboard shows at most {MAX_WIDGETS} widgets and {MAX_METRICS:,} "
            f"metrics, got {widgets:,} and {metrics:,}; {fix}"
        )


def dashboard_body(
    watches: Sequence[Watch],
    alarm_arns: Sequence[pulumi.Input[str]],
    region: pulumi.Input[str],
    free: Sequence[Widget] = (),
) -> pulumi.Output[str]:
    """The dashboard as JSON, with its keys sorted so that only a real change shows in a preview."""
    widgets = [
        {
            "type": "alarm",
            **_place(0, number * _ALARMS_HEIGHT, COLUMNS, _ALARMS_HEIGHT),
            "properties": {
                "title": "Alarms",
                "alarms": alarm_arns[start : start + MAX_ALARMS_PER_WIDGET],
            },
        }
        for number, start in enumerate(range(0, len(alarm_arns), MAX_ALARMS_PER_WIDGET))
    ]
    top = len(widgets) * _ALARMS_HEIGHT
    flowed, top = _flowed(free, region, top)
    widgets += flowed
    for _, group in groupby(watches, key=lambda watch: (watch.rule.kind, watch.component)):
        row = list(group)
        width = COLUMNS // len(row)
        widgets += [_graph(watch, region, x * width, top, width) for x, watch in enumerate(row)]
        top += _GRAPH_HEIGHT
    return json_text({"widgets": widgets})


def _flowed(free: Sequence[Widget], region: pulumi.Input[str], top: int) -> tuple[list[dict[str, Any]], int]:
    """The widgets from left to right, each row as high as its highest, and where the next one begins."""
    placed: list[dict[str, Any]] = []
    left = height = 0
    for widget in free:
        if left + widget.width > COLUMNS:
            top, left, height = top + height, 0, 0
        where = _place(left, top, widget.width, widget.height)
        placed.append({"type": widget.kind, **where, "properties": widget.properties(region)})
        left, height = left + widget.width, max(height, widget.height)
    return placed, top + height


def dashboard_name(child: str) -> str:
    """The AWS name of a dashboard, unique for each stack; it takes no dot."""
    return aws_name(child).replace(".", "-")


def dashboard_url(name: pulumi.Output[str], region: pulumi.Output[str]) -> pulumi.Output[str]:
    """The dashboard in the AWS console."""
    return pulumi.Output.all(name, region).apply(
        lambda known: (
            f"https://{_console(known[1])}/cloudwatch/home?region={known[1]}#dashboards/dashboard/{known[0]}"
        )
    )


def _console(region: str) -> str:
    other = next((host for prefix, host in _CONSOLES.items() if region.startswith(prefix)), None)
    return other or f"{region}.console.aws.amazon.com"


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "width": width, "height": height}


def _graph(watch: Watch, region: pulumi.Input[str], x: int, y: int, width: int) -> dict[str, Any]:
    part = f" ({watch.part})" if watch.part > 1 else ""
    return {
        "type": "metric",
        **_place(x, y, width, _GRAPH_HEIGHT),
        "properties": {
            "title": f"{watch.component}: {watch.rule.title}{part}",
            "region": region,
            "view": "timeSeries",
            "period": watch.period_seconds,
            "metrics": _lines(watch),
            "yAxis": {"left": {"min": 0}},
            "annotations": {"horizontal": [{"label": "alarm above", "value": watch.threshold}]},
        },
    }


def _lines(watch: Watch) -> list[list[Any]]:
    """The lines of a graph: the expression with its metrics hidden, or the one metric."""
    lines: list[list[Any]] = []
    if watch.expression is not None:
        lines.append([{"id": "result", "expression": watch.expression, "label": watch.rule.title}])
    for key, metric in watch.metrics.items():
        dimensions = [part for dimension in metric.dimensions.items() for part in dimension]
        shown = {"id": key, "stat": metric.statistic, "visible": watch.expression is None}
        lines.append([metric.namespace, metric.name, *dimensions, shown])
    return lines
