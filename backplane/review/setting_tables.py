"""Which settings can hurt, by type; what is unset counts as AWS's own default, which pulumi-aws names.

https://www.pulumi.com/registry/packages/aws/api-docs/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backplane.review.setting import (
    FOREVER,
    Setting,
    from_the_start,
    gained,
    gone,
    lost,
    lower,
    off,
    on,
    raised,
    rank,
    set_,
    told,
)

_TABLE, _QUEUE = "aws:dynamodb/table:Table", "aws:sqs/queue:Queue"
_POOL, _CLIENT = "aws:cognito/userPool:UserPool", "aws:cognito/userPoolClient:UserPoolClient"
_LOGS, _KEY = "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key"
_DATABASE, _CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
_API, _FUNCTION = "aws:apigatewayv2/api:Api", "aws:lambda/function:Function"
_WARM = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"

_TLS = ("TLS_1_0", "TLS_1_2", "TLS_1_3")
_ACLS = ("public-read-write", "public-read", "authenticated-read", "private")
_VIEWER_TLS = (
    "SSLv3",
    "TLSv1",
    "TLSv1_2016",
    "TLSv1.1_2016",
    "TLSv1.2_2018",
    "TLSv1.2_2019",
    "TLSv1.2_2021",
    "TLSv1.3_2025",
)

_PROTECTION = "AWS's deletion protection is switched off"
_OF_DATABASES = (
    off("deletionProtection", _PROTECTION),
    on("skipFinalSnapshot", "no snapshot is taken when it is deleted"),
    on("deleteAutomatedBackups", "its backups are deleted with it"),
    lower("backupRetentionPeriod", "backups are kept {1}, before: {0}", "days", 1),
)

DATA: Final[Mapping[str, tuple[Setting, ...]]] = {
    _TABLE: (
        off("deletionProtectionEnabled", _PROTECTION),
        off("pointInTimeRecovery.enabled", "point-in-time recovery is switched off"),
        lower(
            "pointInTimeRecovery.recoveryPeriodInDays",
            "it can be restored to any time of the last {1}, before: {0}",
            "days",
            35,
        ),
        set_("ttl.attributeName", "DynamoDB deletes items when {1} has passed, before: {0}"),
        lost("replicas", "a replica goes: {}"),
    ),
    _POOL: (rank("deletionProtection", _PROTECTION, ("INACTIVE", "ACTIVE"), "INACTIVE"),),
    _LOGS: (lower("retentionInDays", "logs are kept {1}, before: {0}", "days", FOREVER),),
    _KEY: (
        lower("deletionWindowInDays", "a deleted key can be saved for {1}, before: {0}", "days", 30),
        off("isEnabled", "the key is disabled: what it encrypts can't be read", unset=True),
    ),
    "aws:secretsmanager/secret:Secret": (
        lower("recoveryWindowInDays", "a deleted secret can be saved for {1}, before: {0}", "days", 30),
    ),
    _QUEUE: (
        lower("messageRetentionSeconds", "messages wait {1}, before: {0}", "seconds", 345_600),
        gone("redrivePolicy", "messages that fail are dropped: the dead-letter queue is gone"),
    ),
    "aws:s3/bucket:Bucket": (
        on("forceDestroy", "the bucket may be deleted with all of its objects"),
        off("versioning.enabled", "versioning is switched off"),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        rank("versioningConfiguration.status", "versioning is switched off", ("Suspended", "Enabled")),
    ),
    "aws:kinesis/stream:Stream": (
        lower("retentionPeriod", "records are kept {1}, before: {0}", "hours", 24),
    ),
    "aws:cloudwatch/eventArchive:EventArchive": (
        lower("retentionDays", "events are kept {1}, before: {0}", "days", FOREVER),
    ),
    _DATABASE: _OF_DATABASES,
    _CLUSTER: _OF_DATABASES,
}

ACCESS: Final[Mapping[str, tuple[Setting, ...]]] = {
    _API: (
        gained("corsConfiguration.allowOrigins", "scripts of {} may call it (CORS)"),
        on("corsConfiguration.allowCredentials", "scripts of other sites may send credentials (CORS)"),
        told(gained("corsConfiguration.allowMethods", "scripts of other sites may send {} (CORS)")),
        told(gained("corsConfiguration.allowHeaders", "scripts of other sites may send {} (CORS)")),
        off("disableExecuteApiEndpoint", "its default address is open again, beside the domain"),
    ),
    "aws:apigatewayv2/domainName:DomainName": (
        rank("domainNameConfiguration.securityPolicy", "TLS may be as old as {1}, before: {0}", _TLS),
        gone("mutualTlsAuthentication", "callers need no certificate of their own any more"),
    ),
    "aws:apigatewayv2/authorizer:Authorizer": (
        gained("jwtConfiguration.audiences", "tokens for {} are accepted"),
        gone("identitySources", "it looks for no token any more"),
    ),
    _POOL: (
        rank("mfaConfiguration", "a second factor is {1}, before: {0}", ("OFF", "OPTIONAL", "ON"), "OFF"),
        off("adminCreateUserConfig.allowAdminCreateUserOnly", "anyone may sign up"),
        lower("passwordPolicy.minimumLength", "passwords may have {1}, before: {0}", "characters", 8),
        off("passwordPolicy.requireLowercase", "passwords need no lower-case letter any more"),
        off("passwordPolicy.requireUppercase", "passwords need no upper-case letter any more"),
        off("passwordPolicy.requireNumbers", "passwords need no digit any more"),
        off("passwordPolicy.requireSymbols", "passwords need no symbol any more"),
    ),
    _CLIENT: (
        gained("explicitAuthFlows", "users may sign in by {}"),
        gained("callbackUrls", "sign-in may return to {}"),
        gained("allowedOauthScopes", "tokens may carry the scopes {}"),
        rank(
            "preventUserExistenceErrors",
            "errors tell whether a user exists",
            ("LEGACY", "ENABLED"),
            "LEGACY",
        ),
        off("enableTokenRevocation", "tokens can't be revoked any more", unset=True),
        raised("accessTokenValidity", "an access token lasts {1}, before: {0}"),
        raised("refreshTokenValidity", "a sign-in lasts {1}, before: {0}"),
    ),
    "aws:cognito/identityPool:IdentityPool": (
        on("allowUnauthenticatedIdentities", "anyone gets AWS credentials without signing in"),
        on("allowClassicFlow", "clients may pick the role that they get"),
    ),
    "aws:iam/role:Role": (
        gained("managedPolicyArns", "the managed policies {} are attached"),
        gone("permissionsBoundary", "nothing bounds its permissions any more: the boundary is gone"),
        raised("maxSessionDuration", "a session lasts {1}, before: {0}", "seconds", 3600),
    ),
    _KEY: (off("enableKeyRotation", "the key is not rotated any more"),),
    "aws:sns/topic:Topic": (gone("kmsMasterKeyId", "messages are not encrypted any more"),),
    _QUEUE: (off("sqsManagedSseEnabled", "messages are not encrypted any more", unset=True),),
    _LOGS: (gone("kmsKeyId", "logs are not encrypted with the customer's key any more"),),
    _TABLE: (gone("serverSideEncryption", "it is not encrypted with the customer's key any more"),),
    _FUNCTION: (
        gone("kmsKeyArn", "its variables are not encrypted with the customer's key any more"),
        gone("vpcConfig", "it leaves the private network"),
    ),
    _DATABASE: (
        from_the_start(on("publiclyAccessible", "it can be reached from the internet")),
        off("storageEncrypted", "its storage is not encrypted any more"),
    ),
    _CLUSTER: (off("storageEncrypted", "its storage is not encrypted any more"),),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": tuple(
        off(path, f"{path} is switched off: the bucket may become public")
        for path in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (
        gained("corsRules[].allowedOrigins", "scripts of {} may reach its objects (CORS)"),
        told(gained("corsRules[].allowedMethods", "scripts of other sites may send {} (CORS)")),
    ),
    "aws:s3/bucketAcl:BucketAcl": (
        from_the_start(rank("acl", "its ACL is {1}, before: {0}", _ACLS, "private")),
    ),
    "aws:cloudtrail/trail:Trail": (
        off("enableLogging", "what is done in the account is not written down any more", unset=True),
        off("enableLogFileValidation", "a changed log can't be told from a true one any more"),
        off("isMultiRegionTrail", "other Regions are not written down any more"),
        gone("kmsKeyId", "its logs are not encrypted with the customer's key any more"),
    ),
    "aws:cloudfront/distribution:Distribution": (
        rank(
            "viewerCertificate.minimumProtocolVersion",
            "TLS may be as old as {1}, before: {0}",
            _VIEWER_TLS,
            "TLSv1",
        ),
        rank(
            "defaultCacheBehavior.viewerProtocolPolicy",
            "visitors may come by {1}, before: {0}",
            ("allow-all", "redirect-to-https", "https-only"),
        ),
        gone("webAclId", "no firewall stands in front of it any more"),
    ),
}

AVAILABILITY: Final[Mapping[str, tuple[Setting, ...]]] = {
    "aws:apigatewayv2/stage:Stage": (
        lower("defaultRouteSettings.throttlingRateLimit", "it takes {1} a second, before: {0}", "requests"),
        lower("defaultRouteSettings.throttlingBurstLimit", "it takes {1} at once, before: {0}", "requests"),
    ),
    "aws:apigatewayv2/integration:Integration": (
        lower("timeoutMilliseconds", "it waits {1}, before: {0}", "ms", 30_000),
    ),
    _FUNCTION: (
        lower("reservedConcurrentExecutions", "{1} may run at once, before: {0}", "copies", FOREVER),
        lower("timeout", "it is stopped after {1}, before: {0}", "seconds", 3),
        lower("memorySize", "it has {1}, before: {0}", "MB", 128),
        gone("deadLetterConfig", "asynchronous calls that fail are dropped: the dead-letter target is gone"),
        gone("snapStart", "it starts without a snapshot: cold starts take longer"),
    ),
    _WARM: (lower("provisionedConcurrentExecutions", "it keeps {1} warm, before: {0}", "copies"),),
    _TABLE: (
        lost("globalSecondaryIndexes", "queries of the index fail, it is gone: {}"),
        lower("readCapacity", "it takes {1} of reads a second, before: {0}", "units"),
        lower("writeCapacity", "it takes {1} of writes a second, before: {0}", "units"),
        lower(
            "onDemandThroughput.maxReadRequestUnits",
            "it takes {1} of reads a second, before: {0}",
            "units",
            FOREVER,
        ),
        lower(
            "onDemandThroughput.maxWriteRequestUnits",
            "it takes {1} of writes a second, before: {0}",
            "units",
            FOREVER,
        ),
        off("ttl.enabled", "items don't expire any more"),
        off("streamEnabled", "its stream ends: whoever follows it hears nothing more"),
    ),
    _QUEUE: (
        lower(
            "visibilityTimeoutSeconds", "a message is delivered again after {1}, before: {0}", "seconds", 30
        ),
    ),
    "aws:appautoscaling/target:Target": (
        lower("minCapacity", "it scales down to {1}, before: {0}", "units"),
        lower("maxCapacity", "it scales up to {1}, before: {0}", "units"),
    ),
    _DATABASE: (off("multiAz", "it runs in one zone alone"),),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        lost("alarmActions", "it does not tell {} any more"),
        off("actionsEnabled", "it tells nobody any more", unset=True),
    ),
}
