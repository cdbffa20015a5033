"""One small program for each component, so that the contracts run over all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
    CachingRule,
    Cdn,
    CdnArgs,
    CdnDomain,
    Cors,
    Dashboard,
    DashboardArgs,
    DataTable,
    DataTableArgs,
    Domain,
    Function,
    FunctionArgs,
    GraphMetric,
    GraphWidget,
    HostedSignIn,
    IdentityPool,
    IdentityPoolArgs,
    Index,
    LifecycleRule,
    LogWidget,
    ManagedRules,
    Passkeys,
    Provisioned,
    PythonLayer,
    PythonLayerArgs,
    RealtimeChannel,
    RealtimeChannelArgs,
    Replication,
    Route,
    Sampling,
    Schedule,
    ScheduleArgs,
    ServerlessApi,
    ServerlessApiArgs,
    ServiceAccess,
    StaticSite,
    StaticSiteArgs,
    Subscription,
    TextWidget,
    Throttle,
    Topic,
    TopicArgs,
    Tracing,
    TracingArgs,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
    VaultLock,
    WebAcl,
    WebAclArgs,
)
from components._base import Component

ROOT = Path(__file__).parents[2]
HANDLER = "handlers.users.get.handler"
"""Any handler will do: the contracts look at the graph."""


def asset_bucket(name: str = "sample") -> AssetBucket:
    logs = AssetBucket(f"{name}-logs", AssetBucketArgs(services=[ServiceAccess.access_logs()]))
    copy = AssetBucket(f"{name}-copy", AssetBucketArgs(region="eu-central-1"))
    bucket = AssetBucket(
        name,
        AssetBucketArgs(
            cors=[BucketCors(allow_origins=["https://www.example.com"], allow_methods=["PUT"])],
            lifecycle=[LifecycleRule(name="old", prefix="assets/", expire_after_days=30)],
            replication=Replication(destination=copy),
            access_logs=logs,
        ),
    )
    links = [bucket.link("PutObject", prefix="assets/"), bucket.link("ListBucket", prefix="assets/")]
    target = Function(f"{name}-target", FunctionArgs(handler=HANDLER, links=links))
    bucket.notify(BucketEvent.function(target, prefix="assets/"))
    return bucket


def data_table(name: str = "sample") -> DataTable:
    index = Index("byOwner-index", partition_key="owner", sort_key="createdAt")
    return DataTable(name, DataTableArgs(partition_key="id", indexes=[index], time_to_live_attribute="ttl"))


def provisioned_table() -> DataTable:
    return DataTable("sample", DataTableArgs(partition_key="id", billing=Provisioned()))


def topic(name: str = "sample") -> Topic:
    email = Subscription.email("on-call@example.com")
    return Topic(name, TopicArgs(publishers=["cloudwatch.amazonaws.com"], subscriptions=[email]))


def user_pool(name: str = "sample") -> UserPool:
    trigger = Function(f"{name}-trigger", FunctionArgs(handler=HANDLER, timeout_seconds=5))
    client = UserPoolClient(
        auth_flows=["ALLOW_USER_AUTH"], callback_urls=["https://www.example.com/signed-in"]
    )
    pool = UserPool(
        name,
        UserPoolArgs(
            groups=["admin"],
            clients={"app": client},
            hosted_sign_in=HostedSignIn(domain_prefix="people-of-example"),
            passkeys=Passkeys(),
            tier="PLUS",
            advanced_security="ENFORCED",
            post_confirmation=trigger,
        ),
    )
    pool.allow(trigger, "AdminAddUserToGroup")
    return pool


def people(name: str) -> UserPool:
    return UserPool(name, UserPoolArgs(groups=["admin"], clients={"app": UserPoolClient()}))


def identity_pool() -> IdentityPool:
    files = AssetBucket("sample-files", AssetBucketArgs())
    return IdentityPool(
        "sample",
        IdentityPoolArgs(
            user_pool=people("sample-users"),
            group_links={"admin": [files.link("PutObject", prefix="news/")]},
            authenticated_links=[files.link("GetObject", prefix="news/")],
            unauthenticated_links=[files.link("GetObject", prefix="public/")],
        ),
    )


def function(name: str = "sample") -> Function:
    return Function(
        name,
        FunctionArgs(
            handler=HANDLER,
            links=[data_table(f"{name}-table").link("GetItem", "PutItem")],
            dead_letter=topic(f"{name}-letters"),
            provisioned_concurrency=1,
        ),
    )


def python_layer() -> PythonLayer:
    return PythonLayer("sample", PythonLayerArgs(requirements="handlers/requirements.txt"))


def authorizer(name: str = "sample") -> Authorizer:
    return Authorizer(name, AuthorizerArgs(function=FunctionArgs(handler=HANDLER)))


def serverless_api(name: str = "sample") -> ServerlessApi:
    target = function(f"{name}-target")
    certificate = aws.acm.Certificate(f"{name}-certificate", domain_name="api.example.com")
    return ServerlessApi(
        name,
        ServerlessApiArgs(
            routes={
                "GET /things/{id}": target,
                "PUT /things/{id}": Route(target, authorizer=authorizer(f"{name}-rules")),
                "GET /health": Route(function=target, public=True),
            },
            user_pool=people(f"{name}-users"),
            cors=Cors(allow_origins=["https://www.example.com"], allow_methods=["GET"]),
            throttle=Throttle(rate_limit=10, burst_limit=20),
            domain=Domain(name="api.example.com", certificate=certificate),
        ),
    )


def realtime_channel(name: str = "sample") -> RealtimeChannel:
    def args() -> FunctionArgs:
        return FunctionArgs(handler=HANDLER)

    return RealtimeChannel(
        name,
        RealtimeChannelArgs(
            user_pool=people(f"{name}-users"),
            authorizer=args(),
            connect=args(),
            disconnect=args(),
            default=args(),
            routes={"typing": args()},
        ),
    )


def alarms() -> Alarms:
    api = serverless_api("watched")
    return Alarms(
        "sample",
        AlarmsArgs(
            topic=topic("pager"),
            functions=[function("watched-function")],
            apis=[api],
            channels=[realtime_channel("watched-channel")],
            tables=[data_table("watched-table")],
            pack="standard",
            runbook_url="https://runbooks.example.com/sample",
        ),
    )


def audit_trail() -> AuditTrail:
    return AuditTrail(
        "sample",
        AuditTrailArgs(customer_key=True, tables=[data_table("watched-table")], log_retention_days=30),
    )


def backup_plan() -> BackupPlan:
    return BackupPlan(
        "sample",
        BackupPlanArgs(
            rules=[BackupRule(name="daily", schedule="cron(0 3 * * ? *)", retention_days=35)],
            tables=[data_table("saved")],
            buckets=[AssetBucket("saved-files", AssetBucketArgs())],
            lock=VaultLock(min_retention_days=7),
            restore_role=True,
        ),
    )


def dashboard() -> Dashboard:
    shown = function("shown")
    age = GraphMetric(namespace="AWS/Lambda", name="AsyncEventAge", dimensions={"FunctionName": "shown"})
    return Dashboard(
        "sample",
        DashboardArgs(
            functions=[shown],
            tables=[data_table("counted")],
            widgets=[
                TextWidget(markdown="# Sample"),
                GraphWidget(title="Age", metrics=[age]),
                LogWidget(title="Errors", log_groups=[shown.log_group.name], query="filter level = 'ERROR'"),
            ],
        ),
    )


def schedule() -> Schedule:
    target = function("swept")
    return Schedule(
        "sample", ScheduleArgs(expression="rate(5 minutes)", target=target, payload={"warm": True})
    )


def cdn(name: str = "sample") -> Cdn:
    return Cdn(
        name,
        CdnArgs(
            bucket=AssetBucketArgs(),
            apis={"/api": serverless_api(f"{name}-api")},
            domain=CdnDomain(names=["www.example.com", "example.com"], hosted_zone_id="Z1"),
            access_logs=AssetBucket(f"{name}-logs", AssetBucketArgs(services=[ServiceAccess.log_delivery()])),
            web_acl=web_acl(f"{name}-firewall"),
            pages="folders",
        ),
    )


def static_site() -> StaticSite:
    return StaticSite(
        "sample",
        StaticSiteArgs(
            folder=str(ROOT / "tests" / "support" / "site"),
            files={"config.json": people("sample-users").issuer},
            apis={"/api": serverless_api("sample-api")},
            caching=[CachingRule(pattern="*.png", edge_seconds=3_600)],
        ),
    )


def web_acl(name: str = "sample") -> WebAcl:
    rules = ManagedRules(name="AWSManagedRulesCommonRuleSet", count_only=["SizeRestrictions_BODY"])
    return WebAcl(name, WebAclArgs(managed_rules=[rules]))


def tracing() -> Tracing:
    sampling = Sampling(service_name="sample/*", percent=20)
    return Tracing("sample", TracingArgs(functions=[function("traced")], sampling=sampling))


SAMPLES: dict[type[Component], Callable[[], Component]] = {
    Alarms: alarms,
    AssetBucket: asset_bucket,
    AuditTrail: audit_trail,
    Authorizer: authorizer,
    BackupPlan: backup_plan,
    Cdn: cdn,
    Dashboard: dashboard,
    DataTable: data_table,
    Function: function,
    IdentityPool: identity_pool,
    PythonLayer: python_layer,
    RealtimeChannel: realtime_channel,
    Schedule: schedule,
    ServerlessApi: serverless_api,
    StaticSite: static_site,
    Topic: topic,
    Tracing: tracing,
    UserPool: user_pool,
    WebAcl: web_acl,
}
"""A component that is not here fails `test_every_component_joins_the_contracts`."""
