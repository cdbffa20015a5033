"""Properties that AWS can't change in place: a change of one replaces the resource.

Only for two previews without a cloud; the engine knows by itself. Types and properties are those that the
components use. Source: `ForceNew` and `RequiresReplace` in the schemas of the Terraform AWS provider, on
which pulumi-aws 7 stands, https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backplane.review.values import at, same

REPLACING: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:apigatewayv2/api:Api": ("protocolType",),
    "aws:apigatewayv2/authorizer:Authorizer": ("apiId",),
    "aws:apigatewayv2/deployment:Deployment": ("apiId", "triggers"),
    "aws:apigatewayv2/domainName:DomainName": ("domainName",),
    "aws:apigatewayv2/integration:Integration": ("apiId", "integrationType", "integrationSubtype"),
    "aws:apigatewayv2/route:Route": ("apiId",),
    "aws:apigatewayv2/routeResponse:RouteResponse": ("apiId", "routeId"),
    "aws:apigatewayv2/stage:Stage": ("apiId", "name"),
    "aws:appautoscaling/policy:Policy": ("name", "resourceId", "scalableDimension", "serviceNamespace"),
    "aws:appautoscaling/target:Target": ("resourceId", "scalableDimension", "serviceNamespace"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmName",),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName",),
    "aws:cloudwatch/logGroup:LogGroup": ("name", "namePrefix", "logGroupClass"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name",),
    "aws:cognito/identityPool:IdentityPool": ("developerProviderName",),
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": ("identityPoolId",),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": ("clientId", "userPoolId"),
    "aws:cognito/riskConfiguration:RiskConfiguration": ("clientId", "userPoolId"),
    "aws:cognito/userGroup:UserGroup": ("name", "userPoolId"),
    "aws:cognito/userPool:UserPool": (
        "name",
        "aliasAttributes",
        "usernameAttributes",
        "usernameConfiguration",
    ),
    "aws:cognito/userPoolClient:UserPoolClient": ("generateSecret", "userPoolId"),
    "aws:cognito/userPoolDomain:UserPoolDomain": ("domain", "userPoolId"),
    "aws:dynamodb/table:Table": (
        "hashKey",
        "rangeKey",
        "name",
        "localSecondaryIndexes",
        "importTable",
        "restoreSourceName",
        "restoreSourceTableArn",
    ),
    "aws:iam/role:Role": ("name", "namePrefix", "path"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "namePrefix", "role"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:kms/key:Key": ("customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId", "xksKeyId"),
    "aws:lambda/alias:Alias": ("name", "functionName"),
    "aws:lambda/function:Function": ("name", "packageType", "tenancyConfig"),
    "aws:lambda/layerVersion:LayerVersion": (
        "layerName",
        "code",
        "compatibleArchitectures",
        "compatibleRuntimes",
        "description",
        "licenseInfo",
    ),
    "aws:lambda/permission:Permission": (
        "action",
        "eventSourceToken",
        "function",
        "functionUrlAuthType",
        "principal",
        "principalOrgId",
        "qualifier",
        "sourceAccount",
        "sourceArn",
        "statementId",
        "statementIdPrefix",
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": ("functionName", "qualifier"),
    "aws:rds/cluster:Cluster": (
        "clusterIdentifier",
        "databaseName",
        "engine",
        "masterUsername",
        "storageEncrypted",
    ),
    "aws:rds/instance:Instance": ("dbName", "engine", "storageEncrypted", "username"),
    "aws:s3/bucket:Bucket": ("bucket", "bucketPrefix", "objectLockEnabled"),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": ("bucket",),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("bucket",),
    "aws:s3/bucketNotification:BucketNotification": ("bucket",),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("bucket",),
    "aws:s3/bucketPolicy:BucketPolicy": ("bucket",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("bucket",),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ("bucket",),
    "aws:s3/bucketVersioning:BucketVersioning": ("bucket",),
    "aws:secretsmanager/secret:Secret": ("name", "namePrefix"),
    "aws:sns/topic:Topic": ("name", "namePrefix", "fifoTopic"),
    "aws:sns/topicPolicy:TopicPolicy": ("arn",),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint", "protocol", "topic"),
    "aws:sqs/queue:Queue": ("name", "namePrefix", "fifoQueue"),
}


def replacing(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The properties that differ and can't be changed in place."""
    return tuple(path for path in REPLACING.get(type_, ()) if not same(at(old, path), at(new, path)))
