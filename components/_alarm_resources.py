"""From watches to CloudWatch alarms, and which composites it takes to page once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._alarm_model import Kind, Metric, Watch, bounded
from components._base import ArgumentError

EVALUATION_PERIODS = 3
DATAPOINTS_TO_ALARM = 2
"""Two of three: one bad minute is noise, and one good minute between two bad ones is no all-clear."""

MAX_CHILD_NAME_LENGTH = 100
"""Well below the 255 that AWS allows: a composite's rule holds every name."""

MAX_COMPOSITE_CHILDREN = 100
MAX_COMPOSITE_RULE_LENGTH = 10_240
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""

MAX_AWS_NAME_LENGTH = 255
"""Of an alarm and of a dashboard."""

_AUTO_NAME_SUFFIX = 8  # Pulumi adds a hyphen and seven digits
_IN_ALARM = 'ALARM("{}")'
_OR = " OR "
_PLURALS: Mapping[Kind, str] = {
    "function": "functions",
    "api": "apis",
    "channel": "channels",
    "table": "tables",
}


def alarm_name(component: str, watch: Watch) -> str:
    """The Pulumi name of a watch's alarm."""
    return bounded(f"{component}-{watch.suffix}", MAX_CHILD_NAME_LENGTH)


def aws_name(child: str) -> str:
    """The AWS name of a child that Pulumi doesn't name.

    It is unique for each stack: AWS would overwrite an alarm or dashboard that has the name already.
    """
    return bounded(f"{pulumi.get_project()}-{pulumi.get_stack()}-{child}", MAX_AWS_NAME_LENGTH)


def metric_alarm(
    name: str, watch: Watch, runbook_url: str, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.MetricAlarm:
    """One alarm. It has no actions of its own: the composite pages for all of them."""
    return aws.cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{watch.component}: {watch.meaning} Runbook: {runbook_url}#{watch.rule.name}",
        comparison_operator="GreaterThanThreshold",
        threshold=watch.threshold,
        evaluation_periods=EVALUATION_PERIODS,
        datapoints_to_alarm=DATAPOINTS_TO_ALARM,
        # No data means no traffic or, from a metric that is only sent while it isn't zero, no error.
        treat_missing_data="notBreaching",
        opts=opts,
        **_reading(watch),
    )


def _reading(watch: Watch) -> dict[str, Any]:
    """What the alarm reads: one metric, or an expression over several."""
    if watch.expression is None:
        (metric,) = watch.metrics.values()
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": metric.dimensions,
            "period": metric.period_seconds,
            **_statistic(metric),
        }
    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="result", expression=watch.expression, label=watch.rule.title, return_data=True
    )
    return {"metric_queries": [result, *(_query(key, metric) for key, metric in watch.metrics.items())]}


def _statistic(metric: Metric) -> dict[str, str]:
    if not metric.statistic.startswith("p"):
        return {"statistic": metric.statistic}
    # "ignore" trusts a p99 only above 1,000 calls a minute: a quiet backend would never alarm.
    return {"extended_statistic": metric.statistic, "evaluate_low_sample_count_percentiles": "evaluate"}


def _query(key: str, metric: Metric) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=key,
        return_data=False,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=metric.namespace,
            metric_name=metric.name,
            stat=metric.statistic,
            period=metric.period_seconds,
            dimensions=metric.dimensions,
        ),
    )


def composite_rule(names: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
    """In alarm as soon as one of the alarms is."""
    return pulumi.Output.all(*names).apply(lambda known: _OR.join(map(_IN_ALARM.format, known)))


def composite_groups(component: str, alarms: Mapping[str, Watch]) -> dict[str, list[str]]:
    """Which alarms each nested composite holds, by its suffix; none where one composite can hold them all.

    They are grouped by kind of component, in as many composites as AWS's limits ask for.
    """
    if _fits(alarms):
        return {}
    groups = {
        f"{_PLURALS[kind]}{f'-{number}' if number > 1 else ''}": chunk
        for kind in _PLURALS
        for number, chunk in enumerate(_chunks([n for n, w in alarms.items() if w.rule.kind == kind]), 1)
    }
    if len(groups) > MAX_COMPOSITE_CHILDREN:
        raise ArgumentError(
            f"Alarms {component!r} has {len(alarms):,} alarms, more than {MAX_COMPOSITE_CHILDREN} composites "
            "can hold; divide the components among several Alarms"
        )
    return groups


def _chunks(names: Sequence[str]) -> list[list[str]]:
    """The names in order, in as few runs as fit a composite each."""
    chunks: list[list[str]] = []
    for name in names:
        if not chunks or not _fits([*chunks[-1], name]):
            chunks.append([])
        chunks[-1].append(name)
    return chunks


def _fits(names: Collection[str]) -> bool:
    """Whether one composite may hold alarms of these Pulumi names."""
    one = len(_IN_ALARM.format("")) + _AUTO_NAME_SUFFIX + len(_OR)
    length = sum(one + len(name) for name in names) - len(_OR)
    return len(names) <= MAX_COMPOSITE_CHILDREN and length <= MAX_COMPOSITE_RULE_LENGTH
