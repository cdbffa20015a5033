"""The rules: for each kind of component, which metrics matter, how they are read and when they are too high.

Sources:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import pulumi

from components._alarm_model import FIVE_MINUTES, MAX_METRICS_PER_ALARM, MINUTE, Metric, Rule, Watch

FUNCTION_ERROR_PERCENT = 5
FUNCTION_DURATION_PERCENT_OF_TIMEOUT = 80
FUNCTION_THROTTLES_PER_MINUTE = 2
API_ERROR_PERCENT = 1
API_ERRORS_PER_MINUTE = 10
API_LATENCY_MILLISECONDS = 1000
CHANNEL_CONNECT_ERROR_PERCENT = 25
"""Far above the others: clients that come back with an expired token are refused, and that is no fault."""

CHANNEL_MESSAGE_ERRORS_PER_MINUTE = 10
TABLE_SYSTEM_ERRORS_PER_MINUTE = 3
TABLE_THROTTLES_PER_MINUTE = 20

FUNCTION_MINIMUM_CALLS = 10
API_MINIMUM_REQUESTS = 50
CHANNEL_MINIMUM_CONNECTS = 20

TableOperation = Literal[
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
]
TABLE_OPERATIONS: tuple[TableOperation, ...] = get_args(TableOperation)
"""What DynamoDB reports by the dimension `Operation`: ten, which is as much as one alarm may read."""

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            name="function-error-rate",
            kind="function",
            essential=True,
            threshold=FUNCTION_ERROR_PERCENT,
            unit="percent",
            minimum=FUNCTION_MINIMUM_CALLS,
            title="errors, % of calls",
            meaning="More than {threshold}% of its calls failed (under {minimum} calls in five minutes don't "
            "count). Its callers get errors.",
        ),
        Rule(
            name="function-duration",
            kind="function",
            essential=False,
            threshold=FUNCTION_DURATION_PERCENT_OF_TIMEOUT,
            unit="percent",
            title="duration p99, ms",
            meaning="Its slowest calls take more than {threshold}% of the timeout. A little slower, and they "
            "are cut off.",
        ),
        Rule(
            name="function-throttles",
            kind="function",
            essential=False,
            threshold=FUNCTION_THROTTLES_PER_MINUTE,
            unit="a minute",
            title="throttles a minute",
            meaning="Lambda turned away more than {threshold} calls a minute, because the function or the "
            "account is at its concurrency limit.",
        ),
        Rule(
            name="api-error-rate",
            kind="api",
            essential=True,
            threshold=API_ERROR_PERCENT,
            unit="percent",
            minimum=API_MINIMUM_REQUESTS,
            title="5xx, % of requests",
            meaning="More than {threshold}% of the requests ended in a 5xx (under {minimum} requests in five "
            "minutes don't count). Clients get errors that aren't theirs.",
        ),
        Rule(
            name="api-errors",
            kind="api",
            essential=False,
            threshold=API_ERRORS_PER_MINUTE,
            unit="a minute",
            title="5xx a minute",
            meaning="More than {threshold} requests a minute ended in a 5xx. Clients get errors that aren't "
            "theirs.",
        ),
        Rule(
            name="api-latency",
            kind="api",
            essential=False,
            threshold=API_LATENCY_MILLISECONDS,
            unit="milliseconds",
            title="latency p99, ms",
            meaning="The slowest hundredth of the requests takes more than {threshold} ms. Clients wait.",
        ),
        Rule(
            name="channel-connect-errors",
            kind="channel",
            essential=True,
            threshold=CHANNEL_CONNECT_ERROR_PERCENT,
            unit="percent",
            minimum=CHANNEL_MINIMUM_CONNECTS,
            title="refused, % of connects",
            meaning="API Gateway refused more than {threshold}% of the attempts to connect (under {minimum} "
            "in five minutes don't count). Clients are cut off: look at the authorizer and the throttle.",
        ),
        Rule(
            name="channel-message-errors",
            kind="channel",
            essential=False,
            threshold=CHANNEL_MESSAGE_ERRORS_PER_MINUTE,
            unit="a minute",
            title="failed messages a minute",
            meaning="More than {threshold} messages a minute failed in the function behind their route, or "
            "never reached it.",
        ),
        Rule(
            name="table-system-errors",
            kind="table",
            essential=True,
            threshold=TABLE_SYSTEM_ERRORS_PER_MINUTE,
            unit="a minute",
            title="system errors a minute",
            meaning="DynamoDB itself failed more than {threshold} requests a minute. Look at the AWS health "
            "dashboard first.",
        ),
        Rule(
            name="table-throttles",
            kind="table",
            essential=False,
            threshold=TABLE_THROTTLES_PER_MINUTE,
            unit="a minute",
            title="throttles a minute",
            meaning="DynamoDB throttled more than {threshold} reads and writes a minute on the table or an "
            "index: the capacity is too small, or one key is too hot.",
        ),
    )
}


def rules_with(thresholds: Mapping[str, float]) -> dict[str, Rule]:
    """The rules, with the thresholds that the caller chose."""
    return {
        name: replace(rule, threshold=thresholds.get(name, rule.threshold)) for name, rule in RULES.items()
    }


def watch_function(
    rules: Mapping[str, Rule], name: str, function_name: pulumi.Input[str], timeout_seconds: int
) -> list[Watch]:
    """The dimension is the name alone: it sums every version and alias, whichever way a call comes in."""
    dimensions = {"FunctionName": function_name}
    errors = Metric("AWS/Lambda", "Errors", "Sum", FIVE_MINUTES, dimensions)
    calls = Metric("AWS/Lambda", "Invocations", "Sum", FIVE_MINUTES, dimensions)
    duration = Metric("AWS/Lambda", "Duration", "p99", MINUTE, dimensions)
    throttles = Metric("AWS/Lambda", "Throttles", "Sum", MINUTE, dimensions)
    limit = timeout_seconds * 1000 * rules["function-duration"].threshold / 100
    return [
        _rate(rules["function-error-rate"], name, {"errors": errors, "calls": calls}, "errors", "calls"),
        _single(rules["function-duration"], name, duration, threshold=limit),
        _single(rules["function-throttles"], name, throttles),
    ]


def watch_api(
    rules: Mapping[str, Rule], name: str, api_id: pulumi.Input[str], stage: pulumi.Input[str]
) -> list[Watch]:
    """An HTTP API's stage. A 4xx is the client's own doing and is left out."""
    return _watch_requests(rules, name, "5xx", {"ApiId": api_id, "Stage": stage})


def watch_rest_api(
    rules: Mapping[str, Rule], name: str, api_name: pulumi.Input[str], stage: pulumi.Input[str]
) -> list[Watch]:
    """A REST API's stage, whose metrics carry the API's name and have other names themselves."""
    return _watch_requests(rules, name, "5XXError", {"ApiName": api_name, "Stage": stage})


def _watch_requests(
    rules: Mapping[str, Rule], name: str, metric: str, dimensions: Mapping[str, pulumi.Input[str]]
) -> list[Watch]:
    errors = Metric("AWS/ApiGateway", metric, "Sum", FIVE_MINUTES, dimensions)
    requests = Metric("AWS/ApiGateway", "Count", "Sum", FIVE_MINUTES, dimensions)
    latency = Metric("AWS/ApiGateway", "Latency", "p99", MINUTE, dimensions)
    return [
        _rate(rules["api-error-rate"], name, {"errors": errors, "requests": requests}, "errors", "requests"),
        _single(rules["api-errors"], name, replace(errors, period_seconds=MINUTE)),
        _single(rules["api-latency"], name, latency),
    ]


def watch_channel(
    rules: Mapping[str, Rule], name: str, api_id: pulumi.Input[str], stage: pulumi.Input[str]
) -> list[Watch]:
    """A WebSocket API's stage.

    ClientError counts what API Gateway refused before a function ran, ConnectCount the connects that reached
    one: together, the attempts. What fails behind a route is an integration or an execution error.
    """
    dimensions = {"ApiId": api_id, "Stage": stage}
    refused = Metric("AWS/ApiGateway", "ClientError", "Sum", FIVE_MINUTES, dimensions)
    connected = Metric("AWS/ApiGateway", "ConnectCount", "Sum", FIVE_MINUTES, dimensions)
    integration = Metric("AWS/ApiGateway", "IntegrationError", "Sum", MINUTE, dimensions)
    execution = Metric("AWS/ApiGateway", "ExecutionError", "Sum", MINUTE, dimensions)
    return [
        _rate(
            rules["channel-connect-errors"],
            name,
            {"refused": refused, "connected": connected},
            "refused",
            "SUM([refused, connected])",
        ),
        _math(
            rules["channel-message-errors"],
            name,
            {"integration": integration, "execution": execution},
            "SUM([integration, execution])",
        ),
    ]


def watch_table(
    rules: Mapping[str, Rule],
    name: str,
    table_name: pulumi.Input[str],
    indexes: Sequence[str],
    operations: Sequence[TableOperation],
) -> list[Watch]:
    """A table and its indexes, which throttle on their own.

    DynamoDB sends these metrics only while they aren't zero, and its alarms keep their state when data is
    missing, whatever they are told: without FILL, one that fired would never end.
    """
    by_operation = {
        operation[0].lower() + operation[1:]: Metric(
            "AWS/DynamoDB", "SystemErrors", "Sum", MINUTE, {"TableName": table_name, "Operation": operation}
        )
        for operation in operations
    }
    errors = _math(rules["table-system-errors"], name, by_operation, _filled_sum(by_operation))
    return [errors, *_throttles(rules["table-throttles"], name, table_name, indexes)]


def _throttles(rule: Rule, name: str, table_name: pulumi.Input[str], indexes: Sequence[str]) -> list[Watch]:
    """Reads and writes of the table and of each index, in as many alarms as the metrics need."""
    throttled = [
        (f"{verb.lower()}s{position or ''}", f"{verb}ThrottleEvents", index)
        for position, index in enumerate([None, *indexes])
        for verb in ("Read", "Write")
    ]
    watches = []
    for start in range(0, len(throttled), MAX_METRICS_PER_ALARM):
        metrics = {
            key: Metric(
                "AWS/DynamoDB",
                metric,
                "Sum",
                MINUTE,
                {"TableName": table_name, **({"GlobalSecondaryIndexName": index} if index else {})},
            )
            for key, metric, index in throttled[start : start + MAX_METRICS_PER_ALARM]
        }
        part = start // MAX_METRICS_PER_ALARM + 1
        watches.append(replace(_math(rule, name, metrics, _filled_sum(metrics)), part=part))
    return watches


def _filled_sum(metrics: Mapping[str, Metric]) -> str:
    return f"FILL(SUM([{', '.join(metrics)}]), 0)"


def _rate(rule: Rule, name: str, metrics: Mapping[str, Metric], part: str, whole: str) -> Watch:
    """A share in percent that is zero under the minimum, so that one failure of one call pages nobody."""
    return _math(rule, name, metrics, f"IF({whole} >= {rule.minimum}, 100 * {part} / {whole}, 0)")


def _math(rule: Rule, name: str, metrics: Mapping[str, Metric], expression: str | None) -> Watch:
    return Watch(rule, name, metrics, expression, rule.threshold, _meaning(rule))


def _single(rule: Rule, name: str, metric: Metric, threshold: float | None = None) -> Watch:
    watch = _math(rule, name, {"value": metric}, None)
    return watch if threshold is None else replace(watch, threshold=threshold)


def _meaning(rule: Rule) -> str:
    return rule.meaning.format(threshold=f"{rule.threshold:g}", minimum=rule.minimum)
