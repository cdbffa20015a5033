"""Alarms for functions, APIs, WebSocket channels and tables, on one topic, and a dashboard.

Creates a CloudWatch alarm for each rule and component, one composite alarm that notifies the topic, and one
dashboard that graphs every rule, alarmed or not. Where AWS's limits ask for it, the composite watches nested
composites, one or more for each kind of component.

It pages once: only the composite has actions. The topic hears when the first alarm fires and when the last
one ends, and nothing between; the composite and the dashboard show which. An alarm fires on two of three
datapoints. Missing data counts as good: no traffic, or a metric that is only sent while it isn't zero.
DynamoDB's alarms keep their state instead, whatever they are told, so the tables' alarms fill the gaps with
zeros. A failing share of too few calls doesn't count.

Costs: $0.10 a month for each metric that an alarm reads (a rate reads two, a table's system errors up to
ten), $0.50 for each composite and $3 for the dashboard; the output `monthly_cost_usd` adds them up.
https://aws.amazon.com/cloudwatch/pricing/

Won't do: watch replicas of a table in other Regions, notify again while the composite is already in alarm, or
tell a slow day from a fault (no anomaly detection).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._alarm_model import Watch
from components._alarm_prices import monthly_cost_usd
from components._alarm_resources import (
    alarm_name,
    aws_name,
    composite_groups,
    composite_rule,
    metric_alarm,
)
from components._alarm_rules import TABLE_OPERATIONS, TableOperation
from components._base import ArgumentError, Component
from components._dashboard import check_size, dashboard_body, dashboard_name, dashboard_url
from components._watched import WatchedArgs, check_rules
from components.topic import Topic

__all__ = ["Alarms", "AlarmsArgs", "TableOperation"]

PUBLISHER = "cloudwatch.amazonaws.com"
"""Who publishes for an alarm. A topic under the key `alias/aws/sns` refuses it: the topic needs its own."""

MAX_RUNBOOK_URL_LENGTH = 500
"""An alarm's description holds 1,024 characters, and the meaning comes first."""

_TOO_MUCH = "set dashboard=False or divide the components among several Alarms"


class AlarmsArgs(WatchedArgs):
    """Arguments of `Alarms`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {
        "composite": aws.cloudwatch.CompositeAlarm,
        "dashboard": aws.cloudwatch.Dashboard,
    }

    topic: Topic
    """Where the composite reports that it fires and that it ends. `cloudwatch.amazonaws.com` has to be among
    the topic's publishers.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""

    pack: Literal["essential", "standard"] = "standard"
    """`"standard"`: every rule. `"essential"`: what says that callers get errors (function-error-rate,
    api-error-rate, channel-connect-errors, table-system-errors), for less money."""

    runbook_url: Annotated[
        str, pydantic.Field(max_length=MAX_RUNBOOK_URL_LENGTH, pattern=r"^https://[^\s#]+$")
    ]
    """Page that says what to do: an https address without a fragment. Each alarm links to it with the rule's
    name as the fragment, such as `#api-latency`. Changed in place."""

    disabled: Sequence[str] = ()
    """Names of rules that get no alarm. The dashboard keeps their graphs."""

    table_operations: Sequence[TableOperation] = TABLE_OPERATIONS
    """The operations whose system errors count. Each costs $0.10 a month and table: name those that the
    backend uses where that matters; by default none goes unseen."""

    dashboard: bool = True
    """Whether to create the dashboard: $3 a month."""

    @pydantic.model_validator(mode="after")
    def _topic_hears_alarms(self) -> AlarmsArgs:
        if PUBLISHER not in self.topic.publishers:
            raise ValueError(
                f"topic {self.topic.name!r} must let {PUBLISHER} publish, got {list(self.topic.publishers)}; "
                f"set TopicArgs.publishers=[{PUBLISHER!r}]"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _something_is_watched(self) -> AlarmsArgs:
        if not (self.functions or self.apis or self.channels or self.tables):
            raise ValueError("functions, apis, channels and tables are all empty; name what to watch")
        return self

    @pydantic.model_validator(mode="after")
    def _disabled_rules_are_known(self) -> AlarmsArgs:
        check_rules("disabled", self.disabled)
        return self

    @pydantic.model_validator(mode="after")
    def _operations_are_distinct(self) -> AlarmsArgs:
        if not self.table_operations or len(set(self.table_operations)) < len(self.table_operations):
            raise ValueError(
                "table_operations must name at least one operation, each once, "
                f"got {list(self.table_operations)}"
            )
        return self


class Alarms(Component):
    """Alarms on the components of a backend, one page for all of them, and a dashboard.

    Children: the composite carries the component's name; an alarm is `<name>-<component>-<rule>`, a nested
    composite `<name>-<kind>s`, the dashboard `<name>-dashboard`.
    """

    alarms: Mapping[str, aws.cloudwatch.MetricAlarm]
    """The alarms, by their Pulumi names."""

    groups: Mapping[str, aws.cloudwatch.CompositeAlarm]
    """The nested composites, by their Pulumi names; empty while one composite can watch all alarms."""

    composite: aws.cloudwatch.CompositeAlarm
    """In alarm as soon as one of the alarms is; the only one with actions."""

    dashboard: aws.cloudwatch.Dashboard | None
    """The dashboard, where there is one."""

    dashboard_url: pulumi.Output[str | None]
    """The dashboard in the AWS console; None where there is none."""

    monthly_cost_usd: pulumi.Output[float | None]
    """What the alarms and the dashboard cost a month before the free tier, in US dollars; None in a Region
    whose prices aren't known."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        graphs = args.watched(args.table_operations)
        alarmed = {alarm_name(name, watch): watch for watch in graphs if _has_alarm(args, watch)}
        if not alarmed:
            raise ArgumentError(
                f"Alarms {name!r}: pack {args.pack!r} without the disabled rules leaves no alarm"
            )
        groups = composite_groups(name, alarmed)
        if args.dashboard:
            check_size(f"Alarms {name!r}", graphs, len(alarmed), fix=_TOO_MUCH)
        super().__init__(name, opts)
        self.alarms = {
            child: metric_alarm(child, watch, args.runbook_url, self._child())
            for child, watch in alarmed.items()
        }
        self.groups = self._create_groups(groups)
        self.composite = self._create_composite(args)
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self.dashboard = self._create_dashboard(args, graphs, region) if args.dashboard else None
        self.dashboard_url = (
            dashboard_url(self.dashboard.dashboard_name, region)
            if self.dashboard is not None
            else pulumi.Output.from_input(None)
        )
        watches, composites = list(alarmed.values()), len(groups) + 1
        self.monthly_cost_usd = region.apply(
            lambda known: monthly_cost_usd(known, watches, composites, dashboard=args.dashboard)
        )
        self.register_outputs(
            {
                "compositeArn": self.composite.arn,
                "dashboardUrl": self.dashboard_url,
                "monthlyCostUsd": self.monthly_cost_usd,
            }
        )

    def _create_groups(self, groups: Mapping[str, Sequence[str]]) -> dict[str, aws.cloudwatch.CompositeAlarm]:
        return {
            f"{self.name}-{suffix}": aws.cloudwatch.CompositeAlarm(
                f"{self.name}-{suffix}",
                alarm_name=aws_name(f"{self.name}-{suffix}"),
                alarm_description=f"One of the alarms on {suffix} has fired. {self.name} reports it.",
                alarm_rule=composite_rule([self.alarms[child].name for child in children]),
                opts=self._child(),
            )
            for suffix, children in groups.items()
        }

    def _create_composite(self, args: AlarmsArgs) -> aws.cloudwatch.CompositeAlarm:
        names = [group.alarm_name for group in self.groups.values()] or [
            alarm.name for alarm in self.alarms.values()
        ]
        values = {
            "alarm_name": aws_name(self.name),
            "alarm_description": f"At least one alarm of {self.name} has fired. Runbook: {args.runbook_url}",
            "alarm_rule": composite_rule(names),
            "alarm_actions": [args.topic.topic_arn],
            "ok_actions": [args.topic.topic_arn],
        }
        return aws.cloudwatch.CompositeAlarm(
            self.name, **args.overriding("composite", **values), opts=self._child()
        )

    def _create_dashboard(
        self, args: AlarmsArgs, graphs: Sequence[Watch], region: pulumi.Output[str]
    ) -> aws.cloudwatch.Dashboard:
        child = f"{self.name}-dashboard"
        body = dashboard_body(graphs, [alarm.arn for alarm in self.alarms.values()], region)
        values = {"dashboard_name": dashboard_name(child), "dashboard_body": body}
        return aws.cloudwatch.Dashboard(child, **args.overriding("dashboard", **values), opts=self._child())


def _has_alarm(args: AlarmsArgs, watch: Watch) -> bool:
    in_pack = watch.rule.essential or args.pack == "standard"
    return in_pack and watch.rule.name not in args.disabled
