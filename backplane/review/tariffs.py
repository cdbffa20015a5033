"""What one resource costs in a month: a formula for each type that the components use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from backplane.review.model import State
from backplane.review.prices import Prices, Usage, Use, table
from backplane.review.values import Special, at

HOURS: Final = 730
"""Of a month, as AWS counts."""

DAYS: Final = 365 / 12
_MILLION = 1_000_000
_KILOBYTES_OF_A_GIGABYTE = 1024**2
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_HOURS_OF = {"minute": 1 / 60, "hour": 1, "day": 24}
_NEVER_DELETED_MONTHS = 12
"""What is kept for ever is counted with a year of it."""


class UnknownPriceError(Exception):
    """A price that can't be told; the message says why."""


@dataclass(frozen=True)
class _Bill:
    """What it takes to price one resource."""

    state: State
    prices: Prices
    use: Use
    states: Mapping[str, State]

    @property
    def requests(self) -> float:
        """In a month."""
        return self.use.requests_per_day * DAYS

    def value(self, path: str, default: Any = None) -> Any:
        """An input; what comes with the deployment has no price yet."""
        value = at(self.state.inputs, path)
        if isinstance(value, Special):
            raise UnknownPriceError(f"{path} is {value.value}")
        return default if value is None else value

    def number(self, path: str, default: float | None = None) -> float:
        """An input that is a number."""
        value = self.value(path, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnknownPriceError(f"{path} is no number")
        return float(value)


def price(state: State | None, region: str, usage: Usage, states: Mapping[str, State]) -> float:
    """What it costs; what isn't there costs nothing.

    Raises:
        UnknownPriceError: the type, the region or the resource's own inputs leave it open.
    """
    if state is None:
        return 0.0
    pricing = FORMULAS.get(state.type)
    if pricing is None:
        raise UnknownPriceError("this type is not in the table")
    prices = table().regions.get(region)
    if prices is None:
        raise UnknownPriceError(
            f"{region} is not in the table" if region else "the region is not known; say --region"
        )
    return pricing(_Bill(state, prices, usage.of(state.name), states))


def _refuse(bill: _Bill, path: str, *usual: Any) -> None:
    """Say that the price isn't known where an input is not one of the usual."""
    if bill.value(path) not in (None, False, *usual):
        raise UnknownPriceError(f"{path} is not in the table")


def _function(bill: _Bill) -> float:
    _refuse(bill, "snapStart")
    _refuse(bill, "ephemeralStorage.size", 512)
    seconds = bill.requests * bill.use.duration_milliseconds / 1000
    gigabytes = bill.number("memorySize", 128) / 1024
    arm = bill.value("architectures", ["x86_64"]) == ["arm64"]
    rate = bill.prices.lambda_arm_gb_second if arm else bill.prices.lambda_x86_gb_second
    traces = bill.prices.traces_million if bill.value("tracingConfig.mode") == "Active" else 0
    return seconds * gigabytes * rate + bill.requests / _MILLION * (bill.prices.lambda_million + traces)


def _warm(bill: _Bill) -> float:
    function = next(
        (
            bill.states[urn]
            for urn in bill.state.dependencies
            if urn in bill.states and urn.split("::")[2].endswith(_FUNCTION)
        ),
        None,
    )
    if function is None:
        raise UnknownPriceError("its function is not in the preview")
    of_function = _Bill(function, bill.prices, bill.use, bill.states)
    arm = of_function.value("architectures", ["x86_64"]) == ["arm64"]
    rate = bill.prices.lambda_arm_warm_gb_second if arm else bill.prices.lambda_x86_warm_gb_second
    gigabytes = of_function.number("memorySize", 128) / 1024
    return bill.number("provisionedConcurrentExecutions") * gigabytes * rate * HOURS * 3600


def _table(bill: _Bill) -> float:
    _refuse(bill, "tableClass", "STANDARD")
    use, prices = bill.use, bill.prices
    copies = 1 + len(bill.value("replicas", []))
    storage = use.table_gigabytes * prices.dynamodb_storage_gb_month
    if bill.value("pointInTimeRecovery.enabled", default=False):
        storage += use.table_gigabytes * prices.dynamodb_backup_gb_month
    indexes = len(bill.value("globalSecondaryIndexes", []))
    if bill.value("billingMode", "PROVISIONED") == "PAY_PER_REQUEST":
        reads, writes = prices.dynamodb_read_million, prices.dynamodb_write_million * (1 + indexes)
        return copies * (storage + bill.requests / _MILLION * (reads + writes))
    units = (bill.number("readCapacity"), bill.number("writeCapacity"))
    hourly = units[0] * prices.dynamodb_read_hour + units[1] * prices.dynamodb_write_hour
    return copies * (storage + hourly * HOURS)


def _api(bill: _Bill) -> float:
    if bill.value("protocolType") != "WEBSOCKET":
        return bill.requests / _MILLION * bill.prices.http_api_million
    minutes = bill.use.connection_minutes_per_day * DAYS / _MILLION
    messages = bill.requests / _MILLION * bill.prices.web_socket_message_million
    return messages + minutes * bill.prices.web_socket_minute_million


def _logs(bill: _Bill) -> float:
    _refuse(bill, "logGroupClass", "STANDARD")
    gigabytes = bill.requests * bill.use.log_kilobytes_per_request / _KILOBYTES_OF_A_GIGABYTE
    days = bill.number("retentionInDays", 0)
    months = days / DAYS if days else _NEVER_DELETED_MONTHS
    return gigabytes * (bill.prices.logs_ingestion_gb + months * bill.prices.logs_storage_gb_month)


def _alarm(bill: _Bill) -> float:
    queries = bill.value("metricQueries", [])
    metrics = sum(1 for query in queries if isinstance(query, Mapping) and query.get("metric")) or 1
    return metrics * bill.prices.alarm_metric_month


def _pool(bill: _Bill) -> float:
    rates = {
        "LITE": bill.prices.user_lite_month,
        "ESSENTIALS": bill.prices.user_essentials_month,
        "PLUS": bill.prices.user_plus_month,
    }
    _refuse(bill, "userPoolTier", *rates)
    return bill.use.monthly_active_users * rates[bill.value("userPoolTier", "ESSENTIALS")]


def _subscription(bill: _Bill) -> float:
    protocol = bill.value("protocol")
    if protocol in ("sqs", "lambda", "application"):
        return 0.0
    if protocol in ("http", "https"):
        return bill.requests / _MILLION * bill.prices.sns_http_million
    if protocol in ("email", "email-json"):
        return bill.use.emails_per_day * DAYS / _MILLION * bill.prices.sns_email_million
    raise UnknownPriceError(f"the protocol {protocol} is not in the table")


def _bucket(bill: _Bill) -> float:
    requests = bill.prices.s3_read_million + bill.prices.s3_write_million
    return bill.use.bucket_gigabytes * bill.prices.s3_storage_gb_month + bill.requests / _MILLION * requests


def _topic(bill: _Bill) -> float:
    _refuse(bill, "fifoTopic")
    return bill.requests / _MILLION * bill.prices.sns_publish_million


def _queue(bill: _Bill) -> float:
    _refuse(bill, "fifoQueue")
    # A message is sent, received and deleted.
    return 3 * bill.requests / _MILLION * bill.prices.sqs_million


def _schedule(bill: _Bill) -> float:
    rate = _RATE.fullmatch(str(bill.value("scheduleExpression")))
    if rate is None:
        raise UnknownPriceError("how often it runs is not told by a rate")
    hours = int(rate[1]) * _HOURS_OF[rate[2]]
    return (HOURS / hours if hours else 0) / _MILLION * bill.prices.schedule_million


def _key(bill: _Bill) -> float:
    return bill.prices.kms_key_month + bill.requests / _MILLION * bill.prices.kms_million


def _secret(bill: _Bill) -> float:
    return bill.prices.secret_month + bill.requests / _MILLION * bill.prices.secret_million


_FUNCTION, _TABLE = "aws:lambda/function:Function", "aws:dynamodb/table:Table"
FORMULAS: Final[Mapping[str, Callable[[_Bill], float]]] = {
    _FUNCTION: _function,
    "aws:apigatewayv2/api:Api": _api,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": lambda bill: bill.prices.composite_alarm_month,
    "aws:cloudwatch/dashboard:Dashboard": lambda bill: bill.prices.dashboard_month,
    "aws:cloudwatch/logGroup:LogGroup": _logs,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cognito/userPool:UserPool": _pool,
    _TABLE: _table,
    "aws:kms/key:Key": _key,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _warm,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:scheduler/schedule:Schedule": _schedule,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:sqs/queue:Queue": _queue,
}
PRICED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    _FUNCTION: ("architectures", "ephemeralStorage", "memorySize", "snapStart", "tracingConfig"),
    _TABLE: (
        "billingMode",
        "globalSecondaryIndexes",
        "pointInTimeRecovery",
        "readCapacity",
        "replicas",
        "tableClass",
        "writeCapacity",
    ),
    "aws:apigatewayv2/api:Api": ("protocolType",),
    "aws:cloudwatch/logGroup:LogGroup": ("retentionInDays", "logGroupClass"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("metricQueries",),
    "aws:cognito/userPool:UserPool": ("userPoolTier",),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": (
        "provisionedConcurrentExecutions",
    ),
    "aws:scheduler/schedule:Schedule": ("scheduleExpression",),
    "aws:sns/topicSubscription:TopicSubscription": ("protocol",),
}
"""The inputs by which a price moves: where none of them changes, one that can't be told doesn't matter."""

_FREE: Final = (
    "aws:apigatewayv2/",
    "aws:appautoscaling/",
    "aws:cloudwatch/eventRule:",
    "aws:cloudwatch/eventTarget:",
    "aws:cloudwatch/logResourcePolicy:",
    "aws:cognito/identityPool:",
    "aws:cognito/identityPoolRoleAttachment:",
    "aws:cognito/managedLoginBranding:",
    "aws:cognito/riskConfiguration:",
    "aws:cognito/userGroup:",
    "aws:cognito/userPoolClient:",
    "aws:cognito/userPoolDomain:",
    "aws:iam/",
    "aws:kms/alias:",
    "aws:kms/keyPolicy:",
    "aws:lambda/alias:",
    "aws:lambda/eventSourceMapping:",
    "aws:lambda/functionUrl:",
    "aws:lambda/layerVersion:",
    "aws:lambda/permission:",
    "aws:s3/bucketCorsConfiguration:",
    "aws:s3/bucketLifecycleConfiguration:",
    "aws:s3/bucketNotification:",
    "aws:s3/bucketOwnershipControls:",
    "aws:s3/bucketPolicy:",
    "aws:s3/bucketPublicAccessBlock:",
    "aws:s3/bucketServerSideEncryptionConfiguration:",
    "aws:s3/bucketVersioning:",
    "aws:scheduler/scheduleGroup:",
    "aws:sns/topicPolicy:",
    "aws:sqs/queuePolicy:",
    "backplane:",
    "pulumi:",
)
"""What costs nothing by itself."""


def is_free(type_: str) -> bool:
    """Whether resources of this type cost nothing by themselves."""
    return type_.startswith(_FREE) and type_ not in FORMULAS
