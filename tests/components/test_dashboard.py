"""A dashboard shows the components that it is given as alarms watch them, and what else it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components._dashboard import _flowed
from components.alarms import Alarms, AlarmsArgs
from components.dashboard import (
    Dashboard,
    DashboardArgs,
    GraphMetric,
    GraphWidget,
    LogWidget,
    TextWidget,
)
from components.data_table import DataTable, DataTableArgs
from components.function import Function, FunctionArgs
from components.topic import Topic, TopicArgs
from support.recorder import UNKNOWN, Graph, record

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def function(name: str = "get") -> Function:
    return Function(name, FunctionArgs(handler="handlers.users.get.handler", timeout_seconds=7))


def table(parent: pulumi.Resource | None = None) -> DataTable:
    return DataTable("users", DataTableArgs(partition_key="id"), pulumi.ResourceOptions(parent=parent))


def metric(name: str = "Age", **values: Any) -> GraphMetric:
    return GraphMetric(namespace="AWS/SQS", name=name, **values)


def text(**values: Any) -> TextWidget:
    return TextWidget(**{"markdown": "# Shop", **values})


def graph(what: Callable[[], dict[str, Any]] = dict, *, preview: bool = False, **values: Any) -> Graph:
    return record(lambda: Dashboard("shop", DashboardArgs(**{**values, **what()})), preview=preview)


def widgets(found: Graph) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = json.loads(found.one(DASHBOARD, "shop").inputs["dashboardBody"])["widgets"]
    return drawn


def place(widget: dict[str, Any]) -> tuple[int, int, int, int]:
    return widget["x"], widget["y"], widget["width"], widget["height"]


def both() -> dict[str, Any]:
    return {"functions": [function()], "tables": [table()]}


def test_each_component_has_a_row_with_a_graph_for_each_rule() -> None:
    drawn = widgets(graph(both))
    assert [(widget["properties"]["title"], place(widget)) for widget in drawn] == [
        ("get: errors, % of calls", (0, 0, 8, 6)),
        ("get: duration p99, ms", (8, 0, 8, 6)),
        ("get: throttles a minute", (16, 0, 8, 6)),
        ("users: system errors a minute", (0, 6, 12, 6)),
        ("users: throttles a minute", (12, 6, 12, 6)),
    ]


def test_graphs_are_those_of_alarms_with_the_same_thresholds() -> None:
    thresholds = {"function-duration": 50.0, "table-throttles": 3.0}

    def program() -> None:
        topic = Topic("pager", TopicArgs(publishers=["cloudwatch.amazonaws.com"]))
        shown: dict[str, Any] = {**both(), "thresholds": thresholds}
        Alarms("watch", AlarmsArgs(topic=topic, runbook_url="https://runbooks.example.com", **shown))
        Dashboard("shop", DashboardArgs(**shown))

    found = record(program)
    _, *watched = json.loads(found.one(DASHBOARD, "watch-dashboard").inputs["dashboardBody"])["widgets"]
    drawn = widgets(found)
    assert [widget["properties"] for widget in drawn] == [widget["properties"] for widget in watched]
    limits = [widget["properties"]["annotations"]["horizontal"][0]["value"] for widget in drawn]
    assert limits == [5, 3500, 2, 3, 3]


def test_the_states_of_alarms_stand_on_top() -> None:
    def what() -> dict[str, Any]:
        topic = Topic("pager", TopicArgs(publishers=["cloudwatch.amazonaws.com"]))
        url = "https://runbooks.example.com"
        args = AlarmsArgs(topic=topic, functions=[function()], pack="essential", runbook_url=url)
        return {"alarms": Alarms("watch", args), "widgets": [text()]}

    states, words = widgets(graph(what))
    assert states["type"] == "alarm"
    assert states["properties"]["alarms"] == [ARN.format("cloudwatch", "watch-get-function-error-rate")]
    assert (place(states), place(words)) == ((0, 0, 24, 4), (0, 4, 24, 2))


@preview_and_up
def test_the_name_is_unique_for_each_stack(*, preview: bool) -> None:
    found = graph(preview=preview, widgets=[text()])
    assert found.one(DASHBOARD).inputs["dashboardName"] == "backplane-test-shop"


@preview_and_up
def test_a_physical_name_in_a_graph_makes_the_text_unknown(*, preview: bool) -> None:
    assert (graph(both, preview=preview).one(DASHBOARD).inputs["dashboardBody"] is UNKNOWN) == preview


@preview_and_up
def test_text_alone_is_known_in_a_preview(*, preview: bool) -> None:
    (widget,) = widgets(graph(preview=preview, widgets=[text()]))
    assert widget == {
        "type": "text",
        **dict(zip(("x", "y", "width", "height"), (0, 0, 24, 2), strict=True)),
        "properties": {"markdown": "# Shop"},
    }


def test_a_graph_has_its_lines_and_its_threshold() -> None:
    def what() -> dict[str, Any]:
        age = metric(
            dimensions={"QueueName": aws.sqs.Queue("jobs").name}, statistic="Maximum", label="oldest"
        )
        sizes = metric("Size", statistic="p99.9")
        drawn = GraphWidget(
            title="Jobs", metrics=[age, sizes], period_seconds=120, view="singleValue", threshold=60
        )
        return {"widgets": [drawn]}

    (widget,) = widgets(graph(what))
    assert place(widget) == (0, 0, 12, 6)
    assert widget["properties"] == {
        "title": "Jobs",
        "region": "eu-west-1",
        "view": "singleValue",
        "period": 120,
        "metrics": [
            ["AWS/SQS", "Age", "QueueName", "jobs-name", {"stat": "Maximum", "label": "oldest"}],
            ["AWS/SQS", "Size", {"stat": "p99.9"}],
        ],
        "annotations": {"horizontal": [{"value": 60.0}]},
    }


def test_a_log_query_asks_every_group() -> None:
    def what() -> dict[str, Any]:
        groups = [function("get").log_group.name, "/aws/other"]
        return {"widgets": [LogWidget(title="Errors", log_groups=groups, query="limit 20")]}

    (widget,) = widgets(graph(what))
    assert widget["type"] == "log"
    assert widget["properties"] == {
        "title": "Errors",
        "region": "eu-west-1",
        "view": "table",
        "query": "SOURCE 'get-logs-name' | SOURCE '/aws/other' | limit 20",
    }


def test_widgets_flow_from_left_to_right_above_the_components() -> None:
    sizes = [(12, 2), (12, 5), (8, 1), (24, 3)]
    free = [text(width=width, height=height) for width, height in sizes]
    drawn = widgets(graph(lambda: {"functions": [function()], "widgets": free}))
    assert [place(widget) for widget in drawn[:4]] == [
        (0, 0, 12, 2),
        (12, 0, 12, 5),
        (0, 5, 8, 1),
        (0, 6, 24, 3),
    ]
    assert drawn[4]["y"] == 9


@given(st.lists(st.tuples(st.integers(1, 24), st.integers(1, 9)), max_size=12))
def test_no_two_widgets_share_a_cell_and_none_is_beside_the_page(sizes: list[tuple[int, int]]) -> None:
    drawn, below = _flowed([text(width=width, height=height) for width, height in sizes], "eu-west-1", 4)
    cells = [
        (widget["x"] + x, widget["y"] + y)
        for widget in drawn
        for x in range(widget["width"])
        for y in range(widget["height"])
    ]
    assert len(set(cells)) == len(cells) == sum(width * height for width, height in sizes)
    assert all(0 <= x < 24 and 4 <= y < below for x, y in cells)


def test_outputs_are_the_address_and_the_cost() -> None:
    found = graph(widgets=[text()])
    assert found.component("shop").outputs == {
        "dashboardName": "backplane-test-shop",
        "dashboardUrl": (
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
            "#dashboards/dashboard/backplane-test-shop"
        ),
        "monthlyCostUsd": 3.0,
    }


def test_an_override_names_it_otherwise() -> None:
    found = graph(widgets=[text()], overrides={"dashboard": {"dashboard_name": "ours"}})
    assert found.one(DASHBOARD).inputs["dashboardName"] == "ours"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            graph,
            (
                "DashboardArgs.functions, apis, channels, tables, alarms and widgets are all empty; name "
                "what to show"
            ),
        ),
        (
            lambda: graph(lambda: {"functions": [function()], "thresholds": {"api-latency": -1}}),
            "DashboardArgs.thresholds['api-latency'] must be 0 or more, got -1.0",
        ),
        (
            lambda: graph(lambda: {"tables": [table(), table(parent=function())]}),
            (
                "DashboardArgs.tables must have distinct names, got 'users' twice; rename one, or watch it "
                "from another Dashboard"
            ),
        ),
        (
            lambda: graph(widgets=[text()] * 501),
            (
                "Dashboard 'shop': a dashboard shows at most 500 widgets and 2,500 metrics, got 501 and 0; "
                "divide it into several Dashboards"
            ),
        ),
        (
            lambda: graph(widgets=[GraphWidget(title="Much", metrics=[metric()] * 417)] * 6),
            (
                "Dashboard 'shop': a dashboard shows at most 500 widgets and 2,500 metrics, got 6 and 2,502; "
                "divide it into several Dashboards"
            ),
        ),
        (lambda: text(width=25), "TextWidget.width must be 1-24, got 25"),
        (lambda: GraphWidget(title="None", metrics=[]), "GraphWidget.metrics must be 1-500, got 0"),
        (
            lambda: GraphWidget(title="Odd", metrics=[metric()], period_seconds=90),
            "GraphWidget.period_seconds must be 1, 5, 10, 20, 30 or a multiple of 60, got 90",
        ),
        (
            lambda: metric(statistic="p101"),
            (
                "GraphMetric.statistic must be Sum, Average, Minimum, Maximum, SampleCount, IQM or a "
                "percentile such as p99, got 'p101'"
            ),
        ),
        (
            lambda: LogWidget(title="None", log_groups=[], query="limit 1"),
            "LogWidget.log_groups must be 1-50, got 0",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    refusals: list[str] = []

    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            wrong()
        refusals.append(str(refusal.value))

    record(program)
    assert refusals == [message]
