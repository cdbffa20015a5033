"""Reusable serverless-backend components for Pulumi on AWS.

Each component is `Thing(name, ThingArgs(...), opts)`; links say what a function may do to it.
"""

from components._base import ArgumentError
from components._links import Condition, Link, Statement
from components.alarms import Alarms, AlarmsArgs
from components.asset_bucket import (
    AssetBucket,
    AssetBucketArgs,
    BucketCors,
    BucketEvent,
    LifecycleRule,
    ObjectLock,
    PresignedUrls,
    Replication,
    ServiceAccess,
    Transition,
)
from components.audit_trail import AuditTrail, AuditTrailArgs
from components.authorizer import Authorizer, AuthorizerArgs
from components.backup_plan import BackupPlan, BackupPlanArgs, BackupRule, VaultLock
from components.cdn import Cdn, CdnArgs, CdnDomain, SecurityHeaders
from components.dashboard import (
    Dashboard,
    DashboardArgs,
    GraphMetric,
    GraphWidget,
    LogWidget,
    TextWidget,
)
from components.data_table import (
    Capacity,
    DataTable,
    DataTableArgs,
    Index,
    Key,
    OnDemand,
    Provisioned,
    Replica,
)
from components.function import Function, FunctionArgs
from components.identity_pool import IdentityPool, IdentityPoolArgs
from components.python_layer import PythonLayer, PythonLayerArgs
from components.realtime_channel import ChannelRoute, RealtimeChannel, RealtimeChannelArgs
from components.schedule import Schedule, ScheduleArgs
from components.serverless_api import (
    Cache,
    Cors,
    Domain,
    Quota,
    Route,
    RouteCache,
    ServerlessApi,
    ServerlessApiArgs,
    Throttle,
    UsagePlan,
)
from components.static_site import CachingRule, StaticSite, StaticSiteArgs
from components.tagging import register_tags
from components.topic import Subscription, Topic, TopicArgs
from components.tracing import Sampling, Tracing, TracingArgs
from components.user_pool import (
    EmailSender,
    HostedSignIn,
    Passkeys,
    PasswordPolicy,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from components.web_acl import ManagedRules, WebAcl, WebAclArgs

__all__ = [
    "Alarms",
    "AlarmsArgs",
    "ArgumentError",
    "AssetBucket",
    "AssetBucketArgs",
    "AuditTrail",
    "AuditTrailArgs",
    "Authorizer",
    "AuthorizerArgs",
    "BackupPlan",
    "BackupPlanArgs",
    "BackupRule",
    "BucketCors",
    "BucketEvent",
    "Cache",
    "CachingRule",
    "Capacity",
    "Cdn",
    "CdnArgs",
    "CdnDomain",
    "ChannelRoute",
    "Condition",
    "Cors",
    "Dashboard",
    "DashboardArgs",
    "DataTable",
    "DataTableArgs",
    "Domain",
    "EmailSender",
    "Function",
    "FunctionArgs",
    "GraphMetric",
    "GraphWidget",
    "HostedSignIn",
    "IdentityPool",
    "IdentityPoolArgs",
    "Index",
    "Key",
    "LifecycleRule",
    "Link",
    "LogWidget",
    "ManagedRules",
    "ObjectLock",
    "OnDemand",
    "Passkeys",
    "PasswordPolicy",
    "PresignedUrls",
    "Provisioned",
    "PythonLayer",
    "PythonLayerArgs",
    "Quota",
    "RealtimeChannel",
    "RealtimeChannelArgs",
    "Replica",
    "Replication",
    "Route",
    "RouteCache",
    "Sampling",
    "Schedule",
    "ScheduleArgs",
    "SecurityHeaders",
    "ServerlessApi",
    "ServerlessApiArgs",
    "ServiceAccess",
    "Statement",
    "StaticSite",
    "StaticSiteArgs",
    "Subscription",
    "TextWidget",
    "Throttle",
    "Topic",
    "TopicArgs",
    "Tracing",
    "TracingArgs",
    "Transition",
    "UsagePlan",
    "UserPool",
    "UserPoolArgs",
    "UserPoolClient",
    "VaultLock",
    "WebAcl",
    "WebAclArgs",
    "register_tags",
]
