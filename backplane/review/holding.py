"""Which resources hold data, and which surely don't."""

from __future__ import annotations

from typing import Final

HOLDS: Final[dict[str, str]] = {
    "aws:backup/vault:Vault": "backups",
    "aws:cloudwatch/eventArchive:EventArchive": "archived events",
    "aws:cloudwatch/logGroup:LogGroup": "logs",
    "aws:cloudwatch/logStream:LogStream": "logs",
    "aws:cognito/identityPool:IdentityPool": "identities",
    "aws:cognito/user:User": "a user",
    "aws:cognito/userPool:UserPool": "users",
    "aws:docdb/cluster:Cluster": "data",
    "aws:dynamodb/globalTable:GlobalTable": "data",
    "aws:dynamodb/table:Table": "data",
    "aws:dynamodb/tableReplica:TableReplica": "a copy of the data",
    "aws:ebs/snapshot:Snapshot": "data",
    "aws:ebs/volume:Volume": "data",
    "aws:ecr/repository:Repository": "images",
    "aws:efs/fileSystem:FileSystem": "files",
    "aws:elasticache/cluster:Cluster": "data",
    "aws:elasticache/replicationGroup:ReplicationGroup": "data",
    "aws:kinesis/stream:Stream": "records",
    "aws:kms/key:Key": "the key to data, which is unreadable without it",
    "aws:kms/replicaKey:ReplicaKey": "the key to data, which is unreadable without it",
    "aws:opensearch/domain:Domain": "data",
    "aws:rds/cluster:Cluster": "data",
    "aws:rds/instance:Instance": "data",
    "aws:rds/snapshot:Snapshot": "data",
    "aws:redshift/cluster:Cluster": "data",
    "aws:s3/bucket:Bucket": "objects",
    "aws:s3/bucketV2:BucketV2": "objects",
    "aws:secretsmanager/secret:Secret": "a secret",
    "aws:sqs/queue:Queue": "messages that wait",
    "aws:ssm/parameter:Parameter": "a value",
}
"""What each type holds. https://www.pulumi.com/registry/packages/aws/api-docs/"""

_NEVER: Final = (
    "aws:acm/",
    "aws:apigateway/",
    "aws:apigatewayv2/",
    "aws:appautoscaling/",
    "aws:cloudfront/",
    "aws:cloudtrail/trail:",
    "aws:cloudwatch/",
    "aws:codedeploy/",
    "aws:cognito/",
    "aws:dynamodb/contributorInsights:",
    "aws:dynamodb/resourcePolicy:",
    "aws:iam/",
    "aws:kms/alias:",
    "aws:kms/grant:",
    "aws:kms/keyPolicy:",
    "aws:lambda/",
    "aws:lb/",
    "aws:rds/clusterParameterGroup:",
    "aws:rds/parameterGroup:",
    "aws:rds/proxy",
    "aws:rds/subnetGroup:",
    "aws:route53/",
    "aws:s3/bucket",
    "aws:scheduler/",
    "aws:secretsmanager/secretPolicy:",
    "aws:secretsmanager/secretRotation:",
    "aws:ses",
    "aws:sfn/",
    "aws:sns/",
    "aws:sqs/queuePolicy:",
    "aws:sqs/redrive",
    "aws:synthetics/",
    "aws:vpc/",
    "aws:wafv2/",
    "aws:xray/",
    "backplane:",
    "pulumi:",
)
_NETWORK = ("aws:ec2/",)
_HOLDING_IN_NETWORK = ("aws:ec2/ami", "aws:ec2/instance:", "aws:ec2/spotInstanceRequest:")
_OBJECTS = ("aws:s3/bucketObject",)


def holds(type_: str) -> str | None:
    """What a resource of this type holds; None if it holds nothing that would be missed.

    A type that isn't known may hold data: a comment too many can be acknowledged, lost data can't.
    """
    if type_ in HOLDS:
        return HOLDS[type_]
    if type_.startswith(_OBJECTS):
        return "an object"
    if type_.startswith(_NEVER) or (type_.startswith(_NETWORK) and not type_.startswith(_HOLDING_IN_NETWORK)):
        return None
    return "data, perhaps: this type isn't known here"
