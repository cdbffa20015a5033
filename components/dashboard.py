"""A CloudWatch dashboard: a row of graphs for each component, and whatever else belongs beside them.

Creates the dashboard alone. Its graphs are those of `Alarms`, thresholds included; with `alarms`, their
states stand on top. `Alarms` makes a dashboard of its own, which is enough for one backend: this one is for
several together, or for what no component measures.

Costs: $3 a month; three for each account are free (https://aws.amazon.com/cloudwatch/pricing/). Log widgets
cost by what they search, whenever somebody looks.

Won't do: show other accounts or Regions, or be shared with people who have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._alarm_prices import monthly_cost_usd
from components._alarm_rules import TABLE_OPERATIONS
from components._base import Children, Component
from components._dashboard import check_size, dashboard_body, dashboard_name, dashboard_url
from components._dashboard_widgets import GraphMetric, GraphWidget, LogWidget, TextWidget
from components._watched import WatchedArgs
from components.alarms import Alarms

__all__ = ["Dashboard", "DashboardArgs", "GraphMetric", "GraphWidget", "LogWidget", "TextWidget"]

_TOO_MUCH = "divide it into several Dashboards"


class DashboardArgs(WatchedArgs):
    """Arguments of `Dashboard`."""

    children: ClassVar[Children] = {"dashboard": aws.cloudwatch.Dashboard}

    alarms: Alarms | None = None
    """Alarms whose states stand on top."""

    widgets: Sequence[TextWidget | GraphWidget | LogWidget] = ()
    """Further widgets, from left to right below the alarms and above the components."""

    @pydantic.model_validator(mode="after")
    def _something_is_shown(self) -> DashboardArgs:
        components = (self.functions, self.apis, self.channels, self.tables)
        if not (any(components) or self.widgets or self.alarms is not None):
            raise ValueError(
                "functions, apis, channels, tables, alarms and widgets are all empty; name what to show"
            )
        return self


class Dashboard(Component):
    """One page of graphs.

    Children: `dashboard`.
    """

    dashboard: aws.cloudwatch.Dashboard
    """The main child."""

    url: pulumi.Output[str]
    """The dashboard in the AWS console."""

    monthly_cost_usd: pulumi.Output[float | None]
    """What it costs a month before the free tier, in US dollars; None in a Region whose prices aren't
    known."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        graphs = args.watched(TABLE_OPERATIONS)
        states = [alarm.arn for alarm in args.alarms.alarms.values()] if args.alarms is not None else []
        check_size(f"Dashboard {name!r}", graphs, len(states), args.widgets, fix=_TOO_MUCH)
        super().__init__(name, opts)
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self.dashboard = aws.cloudwatch.Dashboard(
            name,
            **args.overriding(
                "dashboard",
                dashboard_name=dashboard_name(name),
                dashboard_body=dashboard_body(graphs, states, region, args.widgets),
            ),
            opts=self._child(),
        )
        self.url = dashboard_url(self.dashboard.dashboard_name, region)
        self.monthly_cost_usd = region.apply(lambda known: monthly_cost_usd(known, [], 0, dashboard=True))
        self.register_outputs(
            {
                "dashboardName": self.dashboard.dashboard_name,
                "dashboardUrl": self.url,
                "monthlyCostUsd": self.monthly_cost_usd,
            }
        )
