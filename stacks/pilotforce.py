"""pilotforce: profiles and pictures of a flying crew, for admins, pilots and viewers, behind one name.

A site and its API answer at the same address, through CloudFront; people sign in with Cognito; an authorizer
says who may call what, and API Gateway checks bodies before a function runs. handlers/pilotforce says what
the API answers, sites/pilotforce is the site. Its owner's document points at others that are not there: keys
and indexes follow from what is asked for (`profiles` by id, by e-mail address, by role and all, newest first;
`media` by id, by owner and by the group that it is shared with).

`backplane:replicaRegion` keeps a copy of tables and pictures in another Region, for a day on which this one
is lost: what is written here is there soon after, and deleting a picture here leaves its copy there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import (
    Alarms,
    AlarmsArgs,
    AssetBucket,
    AssetBucketArgs,
    AuditTrail,
    AuditTrailArgs,
    Authorizer,
    AuthorizerArgs,
    BackupPlan,
    BackupPlanArgs,
    BackupRule,
    BucketCors,
    BucketEvent,
    DataTable,
    DataTableArgs,
    Function,
    FunctionArgs,
    Index,
    Link,
    PresignedUrls,
    PythonLayer,
    PythonLayerArgs,
    Replication,
    SecurityHeaders,
    ServerlessApi,
    ServerlessApiArgs,
    StaticSite,
    StaticSiteArgs,
    Tracing,
    TracingArgs,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from components.alarms import TableOperation
from stacks import common, pilotforce_routes
from stacks.settings import Settings
from stacks.tiers import TIERS, Tier

GROUPS = ("admin", "pilot", "viewer")
"""The most important first."""

EMAIL_INDEX = "email-index"
ROLE_INDEX = "role-createdAt-index"
CREATED_INDEX = "createdAt-index"
OWNER_INDEX = "ownerId-createdAt-index"
SHARED_INDEX = "sharedWith-createdAt-index"

PICTURES = "media/"
"""Where the pictures are in the bucket, in a folder for each owner."""

PICTURE_TYPES = ("image/gif", "image/jpeg", "image/png", "image/webp")
"""What browsers show and can't run."""

MAX_PICTURE_BYTES = 10 * 1024**2
LINK_SECONDS = 15 * 60
RULES_SECONDS = 60
"""How long API Gateway keeps what a token's bearer may call; the token itself says so for an hour."""

TRIGGER_SECONDS = 5
BACKUPS_AT = "cron(0 3 * * ? *)"
CORS_HEADERS = ("authorization", "content-type")

CRITICAL = ("rules-function", "claims", "get-profile", "list-media")
"""What every request, every sign-in and the site's first page wait for: kept warm in production."""

TABLE_OPERATIONS: tuple[TableOperation, ...] = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")
"""What the handlers call: each operation that is watched costs by the month."""


@dataclass(frozen=True)
class Data:
    """Where the backend keeps things."""

    profiles: DataTable
    media: DataTable
    pictures: AssetBucket


def build(settings: Settings) -> Mapping[str, pulumi.Input[str | None]]:
    """Declare the backend; the answer is the stack's outputs."""
    tier = TIERS[settings.tier]
    site_url, told = _later()
    data = Data(
        profiles=_profiles(settings, tier),
        media=_media(settings, tier),
        pictures=_pictures(settings, tier, site_url),
    )
    alerts = common.alerts(settings)
    functions = _functions(tier, data)
    pool = _user_pool(tier, functions["claims"])
    rules = _rules(tier, pool)
    functions[rules.function.name] = rules.function
    data.pictures.notify(BucketEvent.function(functions["record-media"], prefix=PICTURES))
    api = _api(settings, tier, rules, functions)
    site = _site(pool, api, data.pictures)
    told(site.url)
    alarms = Alarms(
        "pilotforce",
        AlarmsArgs(
            topic=alerts,
            functions=list(functions.values()),
            apis=[api],
            tables=[data.profiles, data.media],
            table_operations=TABLE_OPERATIONS,
            pack=tier.alarm_pack,
            runbook_url=settings.runbook_url,
        ),
    )
    _operations(tier, data, api, functions)
    return {
        "apiUrl": api.url,
        "siteUrl": site.url,
        "userPoolId": pool.user_pool_id,
        "userPoolClientId": pool.client_ids["site"],
        "mediaBucketName": data.pictures.bucket_name,
        "alertsTopicArn": alerts.topic_arn,
        "dashboardUrl": alarms.dashboard_url,
    }


def _later() -> tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]]:
    """The site's address, before there is one: site and bucket of pictures name each other."""
    return pulumi.deferred_output()


def _profiles(settings: Settings, tier: Tier) -> DataTable:
    indexes = [
        Index(name=EMAIL_INDEX, partition_key="email"),
        Index(name=ROLE_INDEX, partition_key="role", sort_key="createdAt"),
        Index(name=CREATED_INDEX, partition_key="entity", sort_key="createdAt"),
    ]
    return _table(settings, tier, "profiles", "userId", indexes)


def _media(settings: Settings, tier: Tier) -> DataTable:
    indexes = [
        Index(name=OWNER_INDEX, partition_key="ownerId", sort_key="createdAt"),
        Index(name=SHARED_INDEX, partition_key="sharedWith", sort_key="createdAt"),
    ]
    return _table(settings, tier, "media", "mediaId", indexes, time_to_live_attribute="expiresAt")


def _table(
    settings: Settings,
    tier: Tier,
    name: str,
    partition_key: str,
    indexes: Sequence[Index],
    time_to_live_attribute: str | None = None,
) -> DataTable:
    region = settings.replica_region
    args = DataTableArgs(
        partition_key=partition_key,
        indexes=indexes,
        time_to_live_attribute=time_to_live_attribute,
        recovery_period_days=tier.recovery_days,
        deletion_protection=tier.protect_data,
        stream="NEW_AND_OLD_IMAGES" if region else None,
        replicas=[region] if region else [],
    )
    return DataTable(name, args)


def _pictures(settings: Settings, tier: Tier, site_url: pulumi.Output[str]) -> AssetBucket:
    region = settings.replica_region
    copy = _bucket(tier, "media-copy", region=region) if region else None
    pages = BucketCors(
        allow_origins=[site_url, *settings.cors_origins],
        allow_methods=["PUT"],
        allow_headers=["content-type"],
    )
    return _bucket(
        tier, "media", cors=[pages], replication=Replication(destination=copy) if copy is not None else None
    )


def _bucket(
    tier: Tier,
    name: str,
    *,
    region: str | None = None,
    cors: Sequence[BucketCors] = (),
    replication: Replication | None = None,
) -> AssetBucket:
    return AssetBucket(
        name,
        AssetBucketArgs(
            region=region,
            cors=cors,
            replication=replication,
            presigned_urls=PresignedUrls(
                max_upload_bytes=MAX_PICTURE_BYTES,
                content_types=PICTURE_TYPES,
                lifetime_seconds=LINK_SECONDS,
            ),
            force_destroy=not tier.protect_data,
            deletion_protection=tier.protect_data,
        ),
    )


def _links(data: Data) -> Mapping[str, Sequence[Link]]:
    """Each function with exactly what it may touch."""
    profiles, media, pictures = data.profiles, data.media, data.pictures
    return {
        "claims": [profiles.link("UpdateItem")],
        "get-profile": [profiles.link("GetItem")],
        "put-profile": [profiles.link("UpdateItem")],
        "delete-profile": [profiles.link("DeleteItem")],
        "list-profiles": [
            profiles.link("Query", index=name) for name in (EMAIL_INDEX, ROLE_INDEX, CREATED_INDEX)
        ],
        "create-media": [media.link("PutItem"), pictures.link("PutObject", prefix=PICTURES)],
        "get-media": [media.link("GetItem"), pictures.link("GetObject", prefix=PICTURES)],
        "list-media": [
            *(media.link("Query", index=name) for name in (OWNER_INDEX, SHARED_INDEX)),
            pictures.link("GetObject", prefix=PICTURES),
        ],
        "share-media": [media.link("UpdateItem")],
        "delete-media": [
            media.link("UpdateItem", "DeleteItem"),
            pictures.link("DeleteObject", prefix=PICTURES),
        ],
        "record-media": [media.link("UpdateItem")],
    }


def _functions(tier: Tier, data: Data) -> dict[str, Function]:
    layer = PythonLayer("handlers", PythonLayerArgs(requirements="handlers/requirements.txt"))
    return {
        name: Function(
            name,
            FunctionArgs(
                handler=f"handlers.pilotforce.{name.replace('-', '_')}.handler",
                layers=[] if name == "claims" else [layer],
                links=links,
                timeout_seconds=TRIGGER_SECONDS if name == "claims" else 10,
                log_retention_days=tier.log_retention_days,
                provisioned_concurrency=_warm(tier, name),
            ),
        )
        for name, links in _links(data).items()
    }


def _warm(tier: Tier, function: str) -> int | None:
    return (tier.critical_concurrency or None) if function in CRITICAL else None


def _user_pool(tier: Tier, claims: Function) -> UserPool:
    return UserPool(
        "people",
        UserPoolArgs(
            groups=GROUPS,
            clients={"site": UserPoolClient(auth_flows=tier.auth_flows)},
            pre_token_generation=claims,
            # A crew is invited.
            admin_create_only=True,
            deletion_protection=tier.protect_data,
        ),
    )


def _rules(tier: Tier, pool: UserPool) -> Authorizer:
    layer = PythonLayer("tokens", PythonLayerArgs(requirements="handlers/shared/requirements.txt"))
    function = FunctionArgs(
        handler="handlers.pilotforce.authorize.handler",
        layers=[layer],
        links=[pool.verification_link()],
        log_retention_days=tier.log_retention_days,
        provisioned_concurrency=_warm(tier, "rules-function"),
    )
    return Authorizer("rules", AuthorizerArgs(function=function, result_ttl_seconds=RULES_SECONDS))


def _api(
    settings: Settings, tier: Tier, rules: Authorizer, functions: Mapping[str, Function]
) -> ServerlessApi:
    return ServerlessApi(
        "api",
        ServerlessApiArgs(
            kind="rest",
            routes=pilotforce_routes.routes(functions, PICTURE_TYPES, MAX_PICTURE_BYTES),
            authorizer=rules,
            cors=common.cors(settings, CORS_HEADERS),
            throttle=common.throttle(tier),
            tracing=True,
            create_account_log_role=settings.create_account_log_role,
            log_retention_days=tier.log_retention_days,
        ),
    )


def _site(pool: UserPool, api: ServerlessApi, pictures: AssetBucket) -> StaticSite:
    cognito = pulumi.Output.concat("https://", aws.get_service_output(service_id="cognito-idp").dns_name)
    bucket = pulumi.Output.concat("https://", pictures.bucket_regional_domain_name)
    configuration = {
        "cognitoUrl": pulumi.Output.concat(cognito, "/"),
        "userPoolId": pool.user_pool_id,
        "userPoolClientId": pool.client_ids["site"],
        "media": {"contentTypes": PICTURE_TYPES, "maxBytes": MAX_PICTURE_BYTES},
    }
    return StaticSite(
        "site",
        StaticSiteArgs(
            folder="sites/pilotforce",
            files={"config.json": pulumi.Output.json_dumps(configuration, sort_keys=True)},
            apis={"/api": api},
            headers=SecurityHeaders(
                content_security_policy={
                    "connect-src": ["'self'", cognito, bucket],
                    "img-src": ["'self'", "blob:", bucket],
                }
            ),
        ),
    )


def _operations(tier: Tier, data: Data, api: ServerlessApi, functions: Mapping[str, Function]) -> None:
    """What is kept and looked at beside the alarms."""
    Tracing(
        "pilotforce",
        TracingArgs(
            functions=[functions[name] for name in CRITICAL],
            services=[pulumi.Output.concat(api.api_name, "/", api.stage_name)],
        ),
    )
    BackupPlan(
        "backups",
        BackupPlanArgs(
            rules=[BackupRule(name="daily", schedule=BACKUPS_AT, retention_days=tier.backup_days)],
            tables=[data.profiles, data.media],
            deletion_protection=tier.protect_data,
        ),
    )
    AuditTrail(
        "audit",
        AuditTrailArgs(retention_days=tier.audit_days, deletion_protection=tier.protect_data),
    )
