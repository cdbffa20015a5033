"""Alarms: what each reads, when it fires, whom it tells, what it costs and what the dashboard shows.

The emulator evaluates neither dimensions nor metric math, so both are asserted here, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components._alarm_model import bounded
from components._alarm_prices import monthly_cost_usd
from components._base import ArgumentError
from components._dashboard import check_size, dashboard_url
from components.alarms import Alarms, AlarmsArgs
from components.data_table import DataTable, DataTableArgs, Index
from components.function import Function, FunctionArgs
from components.realtime_channel import RealtimeChannel, RealtimeChannelArgs
from components.serverless_api import Route, ServerlessApi, ServerlessApiArgs
from components.topic import Topic, TopicArgs
from components.user_pool import UserPool, UserPoolArgs, UserPoolClient
from support.recorder import UNKNOWN, Graph, record

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
RUNBOOK = "https://runbooks.example.com/backend"
OPERATIONS = {
    "getItem": "GetItem",
    "putItem": "PutItem",
    "updateItem": "UpdateItem",
    "deleteItem": "DeleteItem",
    "query": "Query",
    "scan": "Scan",
    "batchGetItem": "BatchGetItem",
    "batchWriteItem": "BatchWriteItem",
    "transactGetItems": "TransactGetItems",
    "transactWriteItems": "TransactWriteItems",
}
SYSTEM_ERRORS = f"FILL(SUM([{', '.join(OPERATIONS)}]), 0)"

Run = Callable[..., Graph]


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def preview(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def run(preview: bool, tmp_path: Path) -> Run:
    """Records `Alarms("watch", ...)` over what the test builds."""
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return None\n")

    def start(build: Callable[[], Mapping[str, Any]], name: str = "watch") -> Graph:
        def program() -> None:
            arguments = {"topic": alerts(), "runbook_url": RUNBOOK, **build()}
            alarms = Alarms(name, AlarmsArgs(**arguments))
            pulumi.export("dashboardUrl", alarms.dashboard_url)
            pulumi.export("monthlyCostUsd", alarms.monthly_cost_usd)

        return record(program, preview=preview, root=tmp_path)

    return start


def alerts(**arguments: Any) -> Topic:
    return Topic("alerts", TopicArgs(publishers=["cloudwatch.amazonaws.com"], **arguments))


def function(name: str = "create-user", timeout_seconds: int = 10) -> Function:
    return Function(name, FunctionArgs(handler="app.handler", timeout_seconds=timeout_seconds))


def api(name: str, answering: Function) -> ServerlessApi:
    return ServerlessApi(name, ServerlessApiArgs(routes={"GET /users": Route(answering, public=True)}))


def channel(name: str = "realtime") -> RealtimeChannel:
    pool = UserPool("people", UserPoolArgs(clients={"app": UserPoolClient()}))
    its: dict[str, Any] = {
        role: FunctionArgs(handler="app.handler", timeout_seconds=seconds)
        for role, seconds in (("authorizer", 3), ("connect", 4), ("disconnect", 6), ("default", 7))
    }
    return RealtimeChannel(name, RealtimeChannelArgs(user_pool=pool, **its))


def table(name: str = "users", *indexes: str) -> DataTable:
    its = [Index(index, partition_key=f"key{number}") for number, index in enumerate(indexes)]
    return DataTable(name, DataTableArgs(partition_key="id", indexes=its))


def existing(count: int, prefix: str = "t") -> list[DataTable]:
    """Many tables that cost nothing to declare."""
    return [DataTable.from_name(f"{prefix}{number}", f"table-{number}") for number in range(count)]


def named(graph: Graph) -> dict[str, dict[str, Any]]:
    """The alarms' inputs by name, sorted: resources are registered as their inputs become known."""
    return {alarm.name: alarm.inputs for alarm in sorted(graph.all(ALARM), key=lambda alarm: alarm.name)}


def reading(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """What an alarm reads: the expression, and each metric by its id."""
    queries = {query["id"]: query for query in alarm["metricQueries"]}
    result = queries.pop("result")
    assert result["returnData"] is True
    assert all(query["returnData"] is False for query in queries.values())
    return {"expression": result["expression"]} | {
        key: (
            query["metric"]["namespace"],
            query["metric"]["metricName"],
            query["metric"]["stat"],
            query["metric"]["period"],
            query["metric"]["dimensions"],
        )
        for key, query in queries.items()
    }


def single(alarm: Mapping[str, Any]) -> tuple[Any, ...]:
    assert "metricQueries" not in alarm
    statistic = alarm.get("statistic") or alarm["extendedStatistic"]
    return alarm["namespace"], alarm["metricName"], statistic, alarm["period"], alarm["dimensions"]


def evaluate(expression: str, **values: float | None) -> float:
    """Metric math for one datapoint; None is a missing one."""
    return float(
        eval(  # noqa: S307 - our own expressions, over the three functions that they use
            expression,
            {
                "__builtins__": {},
                "IF": lambda condition, yes, no: yes if condition else no,
                "SUM": total,
                "FILL": lambda value, filler: filler if value is None else value,
            },
            values,
        )
    )


def total(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def test_function_alarms_read_its_metrics_by_name_over_every_alias(run: Run, preview: bool) -> None:
    alarms = named(run(lambda: {"functions": [function("create-user", timeout_seconds=7)]}))

    dimensions = {"FunctionName": UNKNOWN if preview else "create-user-name"}
    assert list(alarms) == [
        "watch-create-user-function-duration",
        "watch-create-user-function-error-rate",
        "watch-create-user-function-throttles",
    ]
    duration, rate, throttles = alarms.values()
    assert reading(rate) == {
        "expression": "IF(calls >= 10, 100 * errors / calls, 0)",
        "errors": ("AWS/Lambda", "Errors", "Sum", 300, dimensions),
        "calls": ("AWS/Lambda", "Invocations", "Sum", 300, dimensions),
    }
    assert single(duration) == ("AWS/Lambda", "Duration", "p99", 60, dimensions)
    assert duration["evaluateLowSampleCountPercentiles"] == "evaluate"
    assert single(throttles) == ("AWS/Lambda", "Throttles", "Sum", 60, dimensions)
    assert [alarm["threshold"] for alarm in alarms.values()] == [5600, 5, 2]


def test_duration_alarms_follow_each_functions_own_timeout(run: Run) -> None:
    alarms = named(run(lambda: {"functions": [function("slow", 900), function("quick", 3)]}))

    assert alarms["watch-slow-function-duration"]["threshold"] == 720_000
    assert alarms["watch-quick-function-duration"]["threshold"] == 2_400


def test_api_alarms_read_the_stages_metrics(run: Run, preview: bool) -> None:
    graph = run(lambda: {"apis": [api("front", function())]})

    alarms = named(graph)
    dimensions = {"ApiId": UNKNOWN if preview else "front-id", "Stage": "$default"}
    rate = alarms["watch-front-api-error-rate"]
    assert reading(rate) == {
        "expression": "IF(requests >= 50, 100 * errors / requests, 0)",
        "errors": ("AWS/ApiGateway", "5xx", "Sum", 300, dimensions),
        "requests": ("AWS/ApiGateway", "Count", "Sum", 300, dimensions),
    }
    errors = alarms["watch-front-api-errors"]
    assert single(errors) == ("AWS/ApiGateway", "5xx", "Sum", 60, dimensions)
    latency = alarms["watch-front-api-latency"]
    assert single(latency) == ("AWS/ApiGateway", "Latency", "p99", 60, dimensions)
    assert [rate["threshold"], errors["threshold"], latency["threshold"]] == [1, 10, 1000]


def test_a_rest_apis_metrics_have_names_of_their_own(run: Run, preview: bool) -> None:
    def build() -> dict[str, Any]:
        routes = {"GET /users": Route(function(), public=True)}
        return {"apis": [ServerlessApi("front", ServerlessApiArgs(kind="rest", routes=routes))]}

    alarms = named(run(build))
    dimensions = {"ApiName": UNKNOWN if preview else "front-name", "Stage": "live"}
    rate = alarms["watch-front-api-error-rate"]
    assert reading(rate) == {
        "expression": "IF(requests >= 50, 100 * errors / requests, 0)",
        "errors": ("AWS/ApiGateway", "5XXError", "Sum", 300, dimensions),
        "requests": ("AWS/ApiGateway", "Count", "Sum", 300, dimensions),
    }
    assert single(alarms["watch-front-api-errors"])[1] == "5XXError"
    assert single(alarms["watch-front-api-latency"]) == (
        "AWS/ApiGateway",
        "Latency",
        "p99",
        60,
        dimensions,
    )


def test_channel_alarms_read_connects_and_messages_of_the_stage(run: Run, preview: bool) -> None:
    graph = run(lambda: {"channels": [channel("realtime")]})

    alarms = named(graph)
    (stage,) = graph.all("aws:apigatewayv2/stage:Stage")
    dimensions = {"ApiId": UNKNOWN if preview else "realtime-id", "Stage": stage.inputs["name"]}
    connects = alarms["watch-realtime-channel-connect-errors"]
    assert reading(connects) == {
        "expression": "IF(SUM([refused, connected]) >= 20, 100 * refused / SUM([refused, connected]), 0)",
        "refused": ("AWS/ApiGateway", "ClientError", "Sum", 300, dimensions),
        "connected": ("AWS/ApiGateway", "ConnectCount", "Sum", 300, dimensions),
    }
    messages = alarms["watch-realtime-channel-message-errors"]
    assert reading(messages) == {
        "expression": "SUM([integration, execution])",
        "integration": ("AWS/ApiGateway", "IntegrationError", "Sum", 60, dimensions),
        "execution": ("AWS/ApiGateway", "ExecutionError", "Sum", 60, dimensions),
    }
    assert [connects["threshold"], messages["threshold"]] == [25, 10]


def test_a_channel_brings_its_functions_and_its_table_once(run: Run) -> None:
    def twice() -> dict[str, Any]:
        its = channel("realtime")
        return {
            "channels": [its],
            "functions": [*its.functions.values()],
            "tables": [its.connections, its.connections],
        }

    alone = named(run(lambda: {"channels": [channel("realtime")]}))

    durations = {name: alarm["threshold"] for name, alarm in alone.items() if "duration" in name}
    assert sorted(durations.values()) == [2400, 3200, 4800, 5600]
    assert "watch-realtime-connections-table-system-errors" in alone
    assert sorted(named(run(twice))) == sorted(alone)


def test_table_alarms_sum_every_operation_and_every_index(run: Run, preview: bool) -> None:
    alarms = named(run(lambda: {"tables": [table("users", "by-email", "by-age")]}))

    name = UNKNOWN if preview else "users-name"
    errors = alarms["watch-users-table-system-errors"]
    assert reading(errors) == {"expression": SYSTEM_ERRORS} | {
        key: ("AWS/DynamoDB", "SystemErrors", "Sum", 60, {"TableName": name, "Operation": operation})
        for key, operation in OPERATIONS.items()
    }
    throttles = alarms["watch-users-table-throttles"]
    dimensions = [
        {"TableName": name},
        {"TableName": name, "GlobalSecondaryIndexName": "by-email"},
        {"TableName": name, "GlobalSecondaryIndexName": "by-age"},
    ]
    assert reading(throttles) == {
        "expression": "FILL(SUM([reads, writes, reads1, writes1, reads2, writes2]), 0)",
        "reads": ("AWS/DynamoDB", "ReadThrottleEvents", "Sum", 60, dimensions[0]),
        "writes": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", 60, dimensions[0]),
        "reads1": ("AWS/DynamoDB", "ReadThrottleEvents", "Sum", 60, dimensions[1]),
        "writes1": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", 60, dimensions[1]),
        "reads2": ("AWS/DynamoDB", "ReadThrottleEvents", "Sum", 60, dimensions[2]),
        "writes2": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", 60, dimensions[2]),
    }
    assert [errors["threshold"], throttles["threshold"]] == [3, 20]


def test_a_table_with_many_indexes_has_as_many_throttle_alarms_as_ten_metrics_each_ask_for(run: Run) -> None:
    alarms = named(run(lambda: {"tables": [table("users", *(f"index-{number}" for number in range(11)))]}))

    throttles = [name for name in alarms if "throttles" in name]
    assert throttles == [
        "watch-users-table-throttles",
        "watch-users-table-throttles-2",
        "watch-users-table-throttles-3",
    ]
    read = [list(reading(alarms[name]).values())[1:] for name in throttles]
    assert [len(metrics) for metrics in read] == [10, 10, 4]
    indexes = {metric[4].get("GlobalSecondaryIndexName") for metrics in read for metric in metrics}
    assert indexes == {None, *(f"index-{number}" for number in range(11))}


def test_only_the_named_operations_are_read(run: Run) -> None:
    alarms = named(run(lambda: {"tables": [table()], "table_operations": ["Query", "TransactWriteItems"]}))

    read = reading(alarms["watch-users-table-system-errors"])
    assert list(read) == ["expression", "query", "transactWriteItems"]
    assert read["expression"] == "FILL(SUM([query, transactWriteItems]), 0)"


@pytest.mark.parametrize(
    ("errors", "calls", "fires"),
    [(1, 1, False), (9, 9, False), (1, 20, False), (2, 20, True), (10, 10, True)],
)
def test_one_failure_of_few_calls_fires_nothing(run: Run, errors: int, calls: int, fires: bool) -> None:
    alarm = named(run(lambda: {"functions": [function()]}))["watch-create-user-function-error-rate"]

    rate = evaluate(reading(alarm)["expression"], errors=errors, calls=calls)
    assert (rate > alarm["threshold"]) is fires


@pytest.mark.parametrize(
    ("refused", "connected", "fires"), [(5, 1, False), (5, 15, False), (6, 14, True), (20, None, True)]
)
def test_refused_connects_fire_by_their_share_even_when_none_succeeds(
    run: Run,
    refused: int,
    connected: int | None,
    fires: bool,
) -> None:
    alarm = named(run(lambda: {"channels": [channel()]}))["watch-realtime-channel-connect-errors"]

    rate = evaluate(reading(alarm)["expression"], refused=refused, connected=connected)
    assert (rate > alarm["threshold"]) is fires


def test_a_table_alarm_ends_when_dynamodb_stops_sending(run: Run) -> None:
    alarm = named(run(lambda: {"tables": [table()], "table_operations": ["Query", "Scan"]}))
    expression = reading(alarm["watch-users-table-system-errors"])["expression"]

    assert evaluate(expression, query=4, scan=None) == 4
    assert evaluate(expression, query=None, scan=None) == 0


def test_every_alarm_fires_on_two_of_three_datapoints_and_takes_missing_data_for_good(run: Run) -> None:
    graph = run(lambda: {"functions": [function()], "tables": [table()]})

    for alarm in graph.all(ALARM):
        assert alarm.inputs["evaluationPeriods"] == 3
        assert alarm.inputs["datapointsToAlarm"] == 2
        assert alarm.inputs["comparisonOperator"] == "GreaterThanThreshold"
        assert alarm.inputs["treatMissingData"] == "notBreaching"


def test_every_alarm_says_what_it_means_and_links_to_its_rule_in_the_runbook(run: Run) -> None:
    def build() -> dict[str, Any]:
        answering = function()
        return {"apis": [api("front", answering)], "functions": [answering], "channels": [channel()]}

    alarms = named(run(build))

    assert len({alarm["alarmDescription"] for alarm in alarms.values()}) == len(alarms)
    for name, alarm in alarms.items():
        rule = alarm["alarmDescription"].partition(f" Runbook: {RUNBOOK}#")[2]
        assert name.endswith(f"-{rule}")
        assert len(alarm["alarmDescription"]) <= 1024
    assert alarms["watch-front-api-error-rate"]["alarmDescription"] == (
        "front: More than 1% of the requests ended in a 5xx (under 50 requests in five minutes don't count). "
        f"Clients get errors that aren't theirs. Runbook: {RUNBOOK}#api-error-rate"
    )


def test_the_composite_alone_tells_the_topic_of_the_first_alarm_and_of_the_end(
    run: Run,
    preview: bool,
) -> None:
    graph = run(lambda: {"functions": [function("one"), function("two")], "pack": "essential"})

    composite = graph.one(COMPOSITE)
    assert composite.name == "watch"
    assert composite.inputs["alarmName"] == "backplane-test-watch"
    topic = graph.one("aws:sns/topic:Topic")
    told = [UNKNOWN] if preview else [topic.outputs["arn"]]
    assert composite.inputs["alarmActions"] == told
    assert composite.inputs["okActions"] == told
    assert composite.inputs["alarmRule"] == (
        UNKNOWN
        if preview
        else 'ALARM("watch-one-function-error-rate-name") OR ALARM("watch-two-function-error-rate-name")'
    )
    assert set(composite.dependencies) >= {alarm.urn for alarm in graph.all(ALARM)}
    for alarm in graph.all(ALARM):
        assert not {"alarmActions", "okActions", "insufficientDataActions"} & set(alarm.inputs)


def test_more_alarms_than_a_composite_can_hold_are_nested_by_kind(run: Run, preview: bool) -> None:
    graph = run(lambda: {"functions": [function()], "tables": existing(51)})

    composites = {composite.name: composite for composite in graph.all(COMPOSITE)}
    assert sorted(composites) == ["watch", "watch-functions", "watch-tables", "watch-tables-2"]
    assert composites["watch"].inputs["alarmRule"] == (
        'ALARM("backplane-test-watch-functions") OR ALARM("backplane-test-watch-tables") OR '
        'ALARM("backplane-test-watch-tables-2")'
    )
    assert [name for name, each in composites.items() if "alarmActions" in each.inputs] == ["watch"]
    if not preview:
        held = {name: composites[name].inputs["alarmRule"].count("ALARM(") for name in composites}
        assert held == {"watch-functions": 3, "watch-tables": 100, "watch-tables-2": 2, "watch": 3}


def test_a_composites_rule_is_split_before_it_grows_too_long(run: Run, preview: bool) -> None:
    graph = run(lambda: {"tables": existing(50, "t" * 37)}, name="w" * 40)

    names = [alarm.name for alarm in graph.all(ALARM)]
    assert len(set(names)) == 100
    assert {len(name) for name in names} <= set(range(101))
    composites = {composite.name.removeprefix("w" * 40): composite for composite in graph.all(COMPOSITE)}
    assert sorted(composites) == ["", "-tables", "-tables-2"]
    if not preview:
        assert composites["-tables"].inputs["alarmRule"].count("ALARM(") > 80
        assert all(len(composite.inputs["alarmRule"]) <= 10_240 for composite in composites.values())


def test_the_essential_pack_keeps_what_says_that_callers_get_errors(run: Run) -> None:
    def build() -> dict[str, Any]:
        return {"apis": [api("front", function())], "channels": [channel()], "pack": "essential"}

    assert list(named(run(build))) == [
        "watch-front-api-error-rate",
        "watch-realtime-authorizer-function-error-rate",
        "watch-realtime-channel-connect-errors",
        "watch-realtime-connect-function-error-rate",
        "watch-realtime-connections-table-system-errors",
        "watch-realtime-default-function-error-rate",
        "watch-realtime-disconnect-function-error-rate",
    ]


def test_a_threshold_of_the_callers_own_replaces_the_rules_and_its_words(run: Run) -> None:
    thresholds = {"function-duration": 50, "function-error-rate": 2.5}
    alarms = named(run(lambda: {"functions": [function("slow", 30)], "thresholds": thresholds}))

    assert alarms["watch-slow-function-duration"]["threshold"] == 15_000
    assert "more than 50% of the timeout" in alarms["watch-slow-function-duration"]["alarmDescription"]
    assert alarms["watch-slow-function-error-rate"]["threshold"] == 2.5
    assert "More than 2.5% of its calls" in alarms["watch-slow-function-error-rate"]["alarmDescription"]
    assert alarms["watch-slow-function-throttles"]["threshold"] == 2


def test_a_disabled_rule_has_no_alarm_but_keeps_its_graph(run: Run, preview: bool) -> None:
    graph = run(lambda: {"functions": [function()], "disabled": ["function-duration"]})

    assert list(named(graph)) == [
        "watch-create-user-function-error-rate",
        "watch-create-user-function-throttles",
    ]
    if not preview:
        assert "create-user: duration p99, ms" in graph.one(DASHBOARD).inputs["dashboardBody"]


def test_the_dashboard_has_a_row_for_each_component_and_a_graph_for_each_rule(
    run: Run,
    preview: bool,
) -> None:
    graph = run(lambda: {"functions": [function("create-user", 7)], "tables": [table()], "pack": "essential"})

    dashboard = graph.one(DASHBOARD)
    assert dashboard.name == "watch-dashboard"
    assert dashboard.inputs["dashboardName"] == "backplane-test-watch-dashboard"
    if preview:
        assert dashboard.inputs["dashboardBody"] == UNKNOWN
        return
    states, *graphs = json.loads(dashboard.inputs["dashboardBody"])["widgets"]
    assert states["type"] == "alarm"
    assert states["properties"]["alarms"] == [
        f"arn:aws:cloudwatch:eu-west-1:123456789012:watch-{alarm}"
        for alarm in ("create-user-function-error-rate", "users-table-system-errors")
    ]
    placed = [(each["properties"]["title"], each["x"], each["y"], each["width"]) for each in graphs]
    assert placed == [
        ("create-user: errors, % of calls", 0, 4, 8),
        ("create-user: duration p99, ms", 8, 4, 8),
        ("create-user: throttles a minute", 16, 4, 8),
        ("users: system errors a minute", 0, 10, 12),
        ("users: throttles a minute", 12, 10, 12),
    ]
    rate, duration = graphs[0]["properties"], graphs[1]["properties"]
    assert {each["properties"]["region"] for each in graphs} == {"eu-west-1"}
    assert rate["metrics"] == [
        [
            {
                "id": "result",
                "expression": "IF(calls >= 10, 100 * errors / calls, 0)",
                "label": "errors, % of calls",
            }
        ],
        [
            "AWS/Lambda",
            "Errors",
            "FunctionName",
            "create-user-name",
            {"id": "errors", "stat": "Sum", "visible": False},
        ],
        [
            "AWS/Lambda",
            "Invocations",
            "FunctionName",
            "create-user-name",
            {"id": "calls", "stat": "Sum", "visible": False},
        ],
    ]
    assert [rate["period"], duration["period"]] == [300, 60]
    assert duration["metrics"] == [
        [
            "AWS/Lambda",
            "Duration",
            "FunctionName",
            "create-user-name",
            {"id": "value", "stat": "p99", "visible": True},
        ]
    ]
    assert duration["annotations"]["horizontal"] == [{"label": "alarm above", "value": 5600}]


def test_the_dashboards_text_changes_with_its_meaning_alone(run: Run, preview: bool) -> None:
    body = run(lambda: {"tables": [table()]}).one(DASHBOARD).inputs["dashboardBody"]

    assert body == (UNKNOWN if preview else json.dumps(json.loads(body), sort_keys=True))


def test_a_dashboards_name_has_no_dot_of_the_stacks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_stack", lambda: "acme.eu")

    graph = run(lambda: {"functions": [function()]})

    assert graph.one(DASHBOARD).inputs["dashboardName"] == "backplane-acme-eu-watch-dashboard"
    assert graph.one(COMPOSITE).inputs["alarmName"] == "backplane-acme.eu-watch"


def test_dashboard_shows_every_alarm_in_groups_of_a_hundred(run: Run, preview: bool) -> None:
    graph = run(lambda: {"tables": existing(51)})

    if preview:
        assert graph.one(DASHBOARD).inputs["dashboardBody"] == UNKNOWN
        return
    widgets = json.loads(graph.one(DASHBOARD).inputs["dashboardBody"])["widgets"]
    states = [widget for widget in widgets if widget["type"] == "alarm"]
    assert [len(each["properties"]["alarms"]) for each in states] == [100, 2]
    assert [each["y"] for each in states] == [0, 4]
    assert widgets[2]["y"] == 8


def test_outputs_are_the_cost_and_the_address_of_the_dashboard(run: Run) -> None:
    graph = run(lambda: {"functions": [function()], "apis": [], "tables": [table("users", "by-email")]})

    # function 2+1+1 metrics, table 10+4: 18 x $0.10; one composite $0.50; dashboard $3
    assert graph.outputs["monthlyCostUsd"] == 5.30
    assert graph.outputs["dashboardUrl"] == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#dashboards/dashboard/backplane-test-watch-dashboard"
    )
    outputs = graph.component("watch").outputs
    assert outputs["monthlyCostUsd"] == 5.30
    assert outputs["dashboardUrl"] == graph.outputs["dashboardUrl"]
    assert "compositeArn" in outputs


def test_the_essential_pack_and_no_dashboard_cost_less(run: Run) -> None:
    def build() -> dict[str, Any]:
        return {"functions": [function("one"), function("two")], "pack": "essential", "dashboard": False}

    graph = run(build)

    assert graph.outputs["monthlyCostUsd"] == 0.90  # 2 x 2 x $0.10 + $0.50
    assert graph.outputs.get("dashboardUrl") is None
    assert graph.all(DASHBOARD) == []


def test_nested_composites_are_paid_for(run: Run) -> None:
    graph = run(lambda: {"tables": existing(51), "table_operations": ["GetItem"]})

    # 51 x (1 + 2) metrics: $15.30; tables, tables-2 and the top: $1.50; dashboard $3
    assert graph.outputs["monthlyCostUsd"] == 19.80


def test_the_cost_in_a_region_without_known_prices_is_no_number() -> None:
    assert monthly_cost_usd("eu-west-1", [], 1, dashboard=True) == 3.50
    assert monthly_cost_usd("mars-north-1", [], 1, dashboard=True) is None


def test_every_child_belongs_to_the_component(run: Run) -> None:
    graph = run(lambda: {"functions": [function()], "tables": existing(51)})

    owner = graph.component("watch").urn
    children = [*graph.all(ALARM), *graph.all(COMPOSITE), *graph.all(DASHBOARD)]
    assert len(children) == 3 + 102 + 4 + 1
    assert {child.parent for child in children} == {owner}
    assert all(child.name.startswith("watch") for child in children)


def test_overrides_reach_the_composite_and_the_dashboard(run: Run) -> None:
    overrides = {
        "composite": {"actions_enabled": False},
        "dashboard": {"dashboard_name": "ours"},
    }
    graph = run(lambda: {"functions": [function()], "overrides": overrides})

    assert graph.one(COMPOSITE).inputs["actionsEnabled"] is False
    assert graph.one(DASHBOARD).inputs["dashboardName"] == "ours"
    assert graph.outputs["dashboardUrl"].endswith("/ours")


def refusal(run: Run, **arguments: Any) -> str:
    """The message; nothing of the alarms may exist by then."""
    with pytest.raises(ArgumentError) as error:
        run(lambda: {"functions": [function()], **arguments})
    return str(error.value)


def test_refuses_a_topic_that_cloudwatch_may_not_publish_to(run: Run) -> None:
    def build() -> dict[str, Any]:
        return {"topic": Topic("quiet", TopicArgs()), "functions": [function()]}

    with pytest.raises(ArgumentError) as error:
        run(build)
    assert str(error.value) == (
        "AlarmsArgs.topic 'quiet' must let cloudwatch.amazonaws.com publish, got []; "
        "set TopicArgs.publishers=['cloudwatch.amazonaws.com']"
    )


def test_refuses_to_watch_nothing(run: Run) -> None:
    assert refusal(run, functions=[]) == (
        "AlarmsArgs.functions, apis, channels and tables are all empty; name what to watch"
    )


def test_refuses_a_pack_of_which_every_rule_is_disabled(run: Run) -> None:
    assert refusal(run, pack="essential", disabled=["function-error-rate"]) == (
        "Alarms 'watch': pack 'essential' without the disabled rules leaves no alarm"
    )


def test_refuses_two_components_of_one_name(run: Run) -> None:
    def build() -> dict[str, Any]:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        other = DataTable.from_name("users", "other", opts=pulumi.ResourceOptions(parent=parent))
        return {"tables": [DataTable.from_name("users", "one"), other]}

    with pytest.raises(ArgumentError, match=r"tables must have distinct names, got 'users' twice"):
        run(build)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pack": "all"}, "AlarmsArgs.pack must be one of 'essential', 'standard', got 'all'"),
        ({"disabled": ["latency"]}, "AlarmsArgs.disabled must name rules: api-error-rate, .*; got 'latency'"),
        ({"thresholds": {"latency": 5}}, "AlarmsArgs.thresholds must name rules: .*; got 'latency'"),
        (
            {"thresholds": {"function-error-rate": 100}},
            r"AlarmsArgs.thresholds\['function-error-rate'\] must be from 0 to below 100, got 100",
        ),
        (
            {"thresholds": {"api-latency": -1}},
            r"AlarmsArgs.thresholds\['api-latency'\] must be 0 or more, got -1",
        ),
        ({"table_operations": []}, "AlarmsArgs.table_operations must name at least one operation"),
        ({"table_operations": ["Query", "Query"]}, "AlarmsArgs.table_operations must name .* each once"),
        ({"table_operations": ["Select"]}, "AlarmsArgs.table_operations"),
        ({"runbook_url": "http://runbooks.example.com"}, "AlarmsArgs.runbook_url"),
        ({"runbook_url": "https://runbooks.example.com/#top"}, "AlarmsArgs.runbook_url"),
        ({"runbook_url": "https://runbooks.example.com/" + "x" * 500}, "AlarmsArgs.runbook_url"),
        ({"functions": ["create-user"]}, "AlarmsArgs.functions"),
        ({"notify": True}, "AlarmsArgs.notify is not an argument"),
    ],
)
def test_refuses_wrong_arguments_by_name(run: Run, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        run(lambda: {"functions": [function()], **arguments})


def test_refuses_more_than_a_dashboard_can_show(run: Run) -> None:
    message = refusal(run, functions=[], tables=existing(250))
    assert message == (
        "Alarms 'watch': a dashboard shows at most 500 widgets and 2,500 metrics, got 505 and 3,000; "
        "set dashboard=False or divide the components among several Alarms"
    )
    check_size("watch", [], 500, fix="")


def test_long_names_are_cut_and_stay_distinct() -> None:
    one, other = (bounded(f"{'a' * 99}-{end}", 100) for end in ("one", "other"))
    assert len(one) == len(other) == 100
    assert one != other
    assert bounded("a" * 100, 100) == "a" * 100


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("sa-east-1", "sa-east-1.console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_partition(tmp_path: Path, region: str, host: str) -> None:
    def program() -> None:
        pulumi.export("url", dashboard_url(pulumi.Output.from_input("d"), pulumi.Output.from_input(region)))

    url = record(program, root=tmp_path).outputs["url"]
    assert url == f"https://{host}/cloudwatch/home?region={region}#dashboards/dashboard/d"
