"""asset-api: users and files, behind an HTTP API whose functions are written twice.

`backplane:language` picks Python or TypeScript; handlers/asset_api says what both answer. Anyone has to sign
in unless `backplane:public` is true.

Tables, attributes, indexes, limits and alarms are those of its owner's document, but for these:
- `createdAt-index` sorts within one partition, `entity`: DynamoDB can't sort a whole table. It is the list of
  admins, and of everybody where it is public. `ownerId-createdAt-index` is the list of one caller's own.
- An item of the users' table whose key begins with `email#` keeps one address unique; it is in no index.
- The runtimes are newer than Python 3.11 and Node.js 20, whose support ends.
- The bucket's name ends with letters of Pulumi's: names of buckets are unique in the world.
- Reads and lists hide expired rows, which DynamoDB removes days later; S3 removes the files a day later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components import (
    Alarms,
    AlarmsArgs,
    AssetBucket,
    AssetBucketArgs,
    BucketCors,
    BucketEvent,
    DataTable,
    DataTableArgs,
    Function,
    FunctionArgs,
    Index,
    Key,
    LifecycleRule,
    Link,
    PresignedUrls,
    PythonLayer,
    PythonLayerArgs,
    Route,
    Schedule,
    ScheduleArgs,
    ServerlessApi,
    ServerlessApiArgs,
    Topic,
    UserPool,
)
from components.alarms import TableOperation
from stacks import common
from stacks.settings import Settings
from stacks.tiers import TIERS, Tier

OWNER_INDEX = "ownerId-createdAt-index"
CREATED_INDEX = "createdAt-index"
EMAIL_INDEX = "email-index"
STATUS_INDEX = "status-index"

MEMORY_MB = 512
TIMEOUT_SECONDS = 30
RECOVERY_DAYS = 35
FILE_DAYS = 30
LINK_SECONDS = 60 * 60
MAX_UPLOAD_BYTES = 100 * 1024**2
LATENCY_MILLISECONDS = 1000
ERRORS_PER_MINUTE = 10
WARMING = "rate(5 minutes)"
"""Lambda keeps an idle copy for some minutes more than that."""

IN_BACKGROUND = ("record-upload",)
"""Functions that nobody waits for: a cold start of theirs is no matter."""

FILES = "assets/"
"""Where the files are in the bucket."""

TABLE_OPERATIONS: tuple[TableOperation, ...] = (
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "TransactWriteItems",
)
"""What the handlers call: each operation that is watched costs by the month."""

UNWATCHED_IN_DEVELOPMENT = ("function-duration", "function-throttles", "table-throttles")
"""Rules that page nobody while people try things out; what the document names is watched everywhere."""

CORS_HEADERS = ("authorization", "content-type")


@dataclass(frozen=True)
class Data:
    """Where the backend keeps things."""

    users: DataTable
    assets: DataTable
    files: AssetBucket


def build(settings: Settings) -> Mapping[str, pulumi.Input[str | None]]:
    """Declare the backend; the answer is the stack's outputs."""
    tier = TIERS[settings.tier]
    data = Data(users=_users(tier), assets=_assets(tier), files=_files(settings, tier))
    pool = common.user_pool(tier)
    alerts = common.alerts(settings)
    functions = _functions(settings, tier, data, alerts)
    data.files.notify(BucketEvent.function(functions["record-upload"], prefix=FILES))
    _keep_warm(functions)
    api = _api(settings, tier, pool, functions)
    alarms = _alarms(settings, tier, alerts, data, api, functions)
    return {
        "apiUrl": api.url,
        "assetBucketName": data.files.bucket_name,
        "usersTableName": data.users.table_name,
        "assetsTableName": data.assets.table_name,
        "userPoolId": pool.user_pool_id,
        "userPoolClientId": pool.client_ids["app"],
        "alertsTopicArn": alerts.topic_arn,
        "dashboardUrl": alarms.dashboard_url,
    }


def _by_creation(name: str, partition_key: str) -> Index:
    return Index(name=name, partition_key=partition_key, sort_key=Key(name="createdAt", type="N"))


def _table(tier: Tier, name: str, partition_key: str, indexes: Sequence[Index]) -> DataTable:
    return DataTable(
        name,
        DataTableArgs(
            partition_key=partition_key,
            indexes=indexes,
            time_to_live_attribute="ttl",
            recovery_period_days=RECOVERY_DAYS,
            deletion_protection=tier.protect_data,
        ),
    )


def _users(tier: Tier) -> DataTable:
    indexes = [
        Index(name=EMAIL_INDEX, partition_key="email"),
        _by_creation(CREATED_INDEX, "entity"),
        _by_creation(OWNER_INDEX, "ownerId"),
    ]
    return _table(tier, "users", "userId", indexes)


def _assets(tier: Tier) -> DataTable:
    indexes = [
        _by_creation(STATUS_INDEX, "status"),
        _by_creation(CREATED_INDEX, "entity"),
        _by_creation(OWNER_INDEX, "ownerId"),
    ]
    return _table(tier, "assets", "assetId", indexes)


def _files(settings: Settings, tier: Tier) -> AssetBucket:
    pages = BucketCors(
        allow_origins=settings.cors_origins, allow_methods=["GET", "PUT"], allow_headers=["content-type"]
    )
    return AssetBucket(
        "assets",
        AssetBucketArgs(
            versioning=False,
            lifecycle=[LifecycleRule(name="expire", prefix=FILES, expire_after_days=FILE_DAYS)],
            presigned_urls=PresignedUrls(max_upload_bytes=MAX_UPLOAD_BYTES, lifetime_seconds=LINK_SECONDS),
            cors=[pages] if settings.cors_origins else [],
            force_destroy=not tier.protect_data,
            deletion_protection=tier.protect_data,
        ),
    )


def _links(data: Data) -> Mapping[str, Sequence[Link]]:
    """Each function with exactly what it may touch."""
    users, assets, files = data.users, data.assets, data.files
    return {
        "create-user": [users.link("PutItem")],
        "get-user": [users.link("GetItem")],
        "update-user": [users.link("GetItem", "UpdateItem", "PutItem", "DeleteItem")],
        "delete-user": [users.link("GetItem", "DeleteItem")],
        "list-users": [users.link("Query", index=name) for name in (EMAIL_INDEX, CREATED_INDEX, OWNER_INDEX)],
        "create-asset": [assets.link("PutItem"), files.link("PutObject", prefix=FILES)],
        "get-asset": [assets.link("GetItem")],
        "list-assets": [
            assets.link("Query", index=name) for name in (STATUS_INDEX, CREATED_INDEX, OWNER_INDEX)
        ],
        "download-asset": [assets.link("GetItem"), files.link("GetObject", prefix=FILES)],
        "delete-asset": [
            assets.link("UpdateItem", "DeleteItem"),
            files.link("DeleteObject", prefix=FILES),
        ],
        "record-upload": [assets.link("UpdateItem")],
    }


def _functions(settings: Settings, tier: Tier, data: Data, alerts: Topic) -> dict[str, Function]:
    is_python = settings.language == "python"
    layers = (
        [PythonLayer("handlers", PythonLayerArgs(requirements="handlers/requirements.txt"))]
        if is_python
        else []
    )
    return {
        name: Function(
            name,
            FunctionArgs(
                handler=f"handlers.asset_api.{name.replace('-', '_')}.handler",
                runtime="python3.13" if is_python else "nodejs22.x",
                layers=layers,
                links=links,
                environment={"PUBLIC": "true"} if settings.public else {},
                memory_mb=MEMORY_MB,
                timeout_seconds=TIMEOUT_SECONDS,
                log_retention_days=tier.log_retention_days,
                # An upload that couldn't be recorded three times stays unknown, unless a person hears of it.
                dead_letter=alerts if name == "record-upload" else None,
            ),
        )
        for name, links in _links(data).items()
    }


def _keep_warm(functions: Mapping[str, Function]) -> None:
    """Calls each function that somebody waits for often enough that Lambda keeps one copy of it."""
    for name, function in functions.items():
        if name in IN_BACKGROUND:
            continue
        Schedule(
            f"warm-{name}",
            ScheduleArgs(
                expression=WARMING,
                target=function,
                payload={"warm": True},
                retries=0,
                retry_seconds=60,
                flexible_window_minutes=1,
            ),
        )


def _api(settings: Settings, tier: Tier, pool: UserPool, functions: Mapping[str, Function]) -> ServerlessApi:
    routes = {
        "POST /users": "create-user",
        "GET /users": "list-users",
        "GET /users/{userId}": "get-user",
        "PUT /users/{userId}": "update-user",
        "DELETE /users/{userId}": "delete-user",
        "POST /assets": "create-asset",
        "GET /assets": "list-assets",
        "GET /assets/{assetId}": "get-asset",
        "GET /assets/{assetId}/download": "download-asset",
        "DELETE /assets/{assetId}": "delete-asset",
    }
    return ServerlessApi(
        "api",
        ServerlessApiArgs(
            routes={route: Route(functions[name], public=settings.public) for route, name in routes.items()},
            user_pool=None if settings.public else pool,
            cors=common.cors(settings, CORS_HEADERS),
            throttle=common.throttle(tier),
            log_retention_days=tier.log_retention_days,
        ),
    )


def _alarms(
    settings: Settings,
    tier: Tier,
    alerts: Topic,
    data: Data,
    api: ServerlessApi,
    functions: Mapping[str, Function],
) -> Alarms:
    return Alarms(
        "asset-api",
        AlarmsArgs(
            topic=alerts,
            functions=list(functions.values()),
            apis=[api],
            tables=[data.users, data.assets],
            table_operations=TABLE_OPERATIONS,
            pack="standard",
            disabled=UNWATCHED_IN_DEVELOPMENT if tier.alarm_pack == "essential" else (),
            thresholds={"api-latency": LATENCY_MILLISECONDS, "api-errors": ERRORS_PER_MINUTE},
            runbook_url=settings.runbook_url,
        ),
    )
