"""CloudWatch alarms and dashboards."""

from __future__ import annotations

from backplane.local.provider.table import Inputs, Naming, Row, Template

_ALARM = "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"


def _composite(inputs: Inputs) -> None:
    suppressor = inputs.get("actionsSuppressor")
    if isinstance(suppressor, dict):
        inputs["ActionsSuppressorExtensionPeriod"] = suppressor.pop("extensionPeriod", None)
        inputs["ActionsSuppressorWaitPeriod"] = suppressor.pop("waitPeriod", None)
        inputs["actionsSuppressor"] = suppressor.pop("alarm", None)


ROWS = (
    Row(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        create="PutMetricAlarm",
        id="in.name",
        name=Naming(),
        rename={
            "name": "AlarmName",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "metricQueries.metric.dimensions": "Metric.Dimensions",
        },
        outputs={"arn": Template(_ALARM)},
        defaults={"evaluateLowSampleCountPercentiles": ""},
        not_emulated="judged only when somebody puts metric data, whatever its dimensions; no metric math",
    ),
    Row(
        type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
        service="cloudwatch",
        create="PutCompositeAlarm",
        id="in.alarmName",
        reshape=_composite,
        outputs={"arn": Template(_ALARM)},
        inputs_not_emulated={"actionsSuppressor": "nothing is suppressed"},
    ),
    Row(
        type="aws:cloudwatch/dashboard:Dashboard",
        service="cloudwatch",
        create="PutDashboard",
        id="in.dashboardName",
        outputs={"dashboardArn": Template("arn:aws:cloudwatch::{account}:dashboard/{id}")},
        not_emulated="stored, with nobody to draw it",
    ),
)
