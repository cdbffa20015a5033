"""site-communications: users, messages and notifications, over HTTP and in real time.

Tables, keys and attributes are those of its owner's document. Two indexes and one table are not in it, and
why: an inbox is read newest first by its owner (`userId-createdAt-index` on messages and notifications), and
a repeated POST must find its first answer (`idempotency`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components import (
    Alarms,
    AlarmsArgs,
    DataTable,
    DataTableArgs,
    Function,
    FunctionArgs,
    Index,
    Link,
    PythonLayer,
    PythonLayerArgs,
    RealtimeChannel,
    RealtimeChannelArgs,
    ServerlessApi,
    ServerlessApiArgs,
    Topic,
    TopicArgs,
    UserPool,
)
from components.alarms import TableOperation
from stacks import common
from stacks.settings import Settings
from stacks.tiers import TIERS, Tier

INBOX_INDEX = "userId-createdAt-index"
TABLE_OPERATIONS: tuple[TableOperation, ...] = (
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "TransactWriteItems",
)
"""What the handlers call: each operation that is watched costs by the month."""
CORS_HEADERS = ("authorization", "content-type", "idempotency-key")


@dataclass(frozen=True)
class Tables:
    """The tables of the backend; the connections table belongs to the channel."""

    users: DataTable
    messages: DataTable
    notifications: DataTable
    idempotency: DataTable


def build(settings: Settings) -> Mapping[str, pulumi.Input[str | None]]:
    """Declare the backend; the answer is the stack's outputs."""
    tier = TIERS[settings.tier]
    tables = _tables(tier)
    pool = common.user_pool(tier)
    notifications = Topic("notifications", TopicArgs())
    alerts = common.alerts(settings)
    layer = PythonLayer("handlers", PythonLayerArgs(requirements="handlers/requirements.txt"))
    channel = _channel(settings, tier, pool)
    functions = _functions(tier, tables, notifications, channel, layer)
    api = _api(settings, tier, pool, functions)
    alarms = Alarms(
        "site-communications",
        AlarmsArgs(
            topic=alerts,
            functions=list(functions.values()),
            apis=[api],
            channels=[channel],
            tables=[tables.users, tables.messages, tables.notifications, tables.idempotency],
            table_operations=TABLE_OPERATIONS,
            pack=tier.alarm_pack,
            runbook_url=settings.runbook_url,
        ),
    )
    return {
        "apiUrl": api.url,
        "websocketUrl": channel.url,
        "userPoolId": pool.user_pool_id,
        "userPoolClientId": pool.client_ids["app"],
        "notificationsTopicArn": notifications.topic_arn,
        "alertsTopicArn": alerts.topic_arn,
        "dashboardUrl": alarms.dashboard_url,
    }


def _tables(tier: Tier) -> Tables:
    def table(
        name: str,
        partition_key: str,
        sort_key: str | None = None,
        indexes: Sequence[Index] = (),
        time_to_live_attribute: str | None = None,
    ) -> DataTable:
        args = DataTableArgs(
            partition_key=partition_key,
            sort_key=sort_key,
            indexes=indexes,
            time_to_live_attribute=time_to_live_attribute,
            recovery_period_days=tier.recovery_days,
            deletion_protection=tier.protect_data,
        )
        return DataTable(name, args)

    inbox = [Index(name=INBOX_INDEX, partition_key="userId", sort_key="createdAt")]
    return Tables(
        users=table("users", "userId"),
        messages=table("messages", "messageId", "userId", inbox),
        notifications=table("notifications", "notificationId", "userId", inbox),
        idempotency=table("idempotency", "id", time_to_live_attribute="expiresAt"),
    )


def _function(
    tier: Tier,
    handler: str,
    links: Sequence[Link] = (),
    layers: Sequence[PythonLayer] = (),
    provisioned_concurrency: int | None = None,
) -> FunctionArgs:
    return FunctionArgs(
        handler=handler,
        links=links,
        layers=layers,
        provisioned_concurrency=provisioned_concurrency,
        log_retention_days=tier.log_retention_days,
    )


def _channel(settings: Settings, tier: Tier, pool: UserPool) -> RealtimeChannel:
    authorizer_layer = PythonLayer(
        "authorizer", PythonLayerArgs(requirements="handlers/shared/requirements.txt")
    )
    return RealtimeChannel(
        "realtime",
        RealtimeChannelArgs(
            user_pool=pool,
            authorizer=_function(tier, "handlers.realtime.authorize.handler", layers=[authorizer_layer]),
            connect=_function(tier, "handlers.realtime.connect.handler"),
            disconnect=_function(tier, "handlers.realtime.disconnect.handler"),
            default=_function(tier, "handlers.realtime.default.handler"),
            throttle=common.throttle(tier),
            create_account_log_role=settings.create_account_log_role,
            log_retention_days=tier.log_retention_days,
        ),
    )


def _functions(
    tier: Tier, tables: Tables, notifications: Topic, channel: RealtimeChannel, layer: PythonLayer
) -> dict[str, Function]:
    """Each function of the HTTP API with exactly what it may touch."""
    users, messages, notices = tables.users, tables.messages, tables.notifications
    send = [
        users.link("ConditionCheckItem"),
        messages.link("PutItem"),
        notices.link("PutItem"),
        tables.idempotency.link("PutItem", "GetItem"),
        notifications.link("Publish"),
        channel.connections.link("Query", index="userId-index"),
        channel.connections.link("DeleteItem"),
        channel.link("PostToConnection"),
    ]
    links: dict[str, tuple[str, list[Link]]] = {
        "create-user": ("handlers.users.create.handler", [users.link("PutItem")]),
        "get-user": ("handlers.users.get.handler", [users.link("GetItem")]),
        "update-user": ("handlers.users.update.handler", [users.link("UpdateItem")]),
        "delete-user": ("handlers.users.delete.handler", [users.link("DeleteItem")]),
        "list-messages": ("handlers.messages.list.handler", [messages.link("Query", index=INBOX_INDEX)]),
        "read-message": ("handlers.messages.read.handler", [messages.link("UpdateItem")]),
        "list-notifications": (
            "handlers.notifications.list.handler",
            [notices.link("Query", index=INBOX_INDEX)],
        ),
        "read-notification": ("handlers.notifications.read.handler", [notices.link("UpdateItem")]),
    }
    functions = {
        name: Function(name, _function(tier, handler, links=needs, layers=[layer]))
        for name, (handler, needs) in links.items()
    }
    functions["send-message"] = Function(
        "send-message",
        _function(
            tier,
            "handlers.messages.send.handler",
            links=send,
            layers=[layer],
            provisioned_concurrency=tier.critical_concurrency or None,
        ),
    )
    return functions


def _api(settings: Settings, tier: Tier, pool: UserPool, functions: Mapping[str, Function]) -> ServerlessApi:
    return ServerlessApi(
        "api",
        ServerlessApiArgs(
            routes={
                "POST /users": functions["create-user"],
                "GET /users/{userId}": functions["get-user"],
                "PUT /users/{userId}": functions["update-user"],
                "DELETE /users/{userId}": functions["delete-user"],
                "POST /messages": functions["send-message"],
                "GET /messages": functions["list-messages"],
                "PUT /messages/{messageId}/read": functions["read-message"],
                "GET /notifications": functions["list-notifications"],
                "PUT /notifications/{notificationId}/read": functions["read-notification"],
            },
            user_pool=pool,
            cors=common.cors(settings, CORS_HEADERS),
            throttle=common.throttle(tier),
            log_retention_days=tier.log_retention_days,
        ),
    )
