"""S3 buckets and their settings, each of which is a type of its own."""

from __future__ import annotations

import urllib.parse
from typing import Any

from backplane.local import wire
from backplane.local.provider.policies import TLS_NOT_EMULATED, without_tls
from backplane.local.provider.table import Inputs, Naming, Read, Row, Step, Template

_FILTERS = {"filterPrefix": "prefix", "filterSuffix": "suffix"}
_NOT_DELETED = "says what happens on deletion, and nothing is deleted here"


def _notification(inputs: Inputs) -> None:
    if inputs.get("eventbridge") is False:
        del inputs["eventbridge"]
    if inputs.get("eventbridge") is True:  # its presence is the setting
        inputs["eventbridge"] = {}
    for kind in ("lambdaFunctions", "queues", "topics"):
        found = inputs.get(kind)
        for rule in found if isinstance(found, list) else ():
            if isinstance(rule, dict):
                _filter(rule)


def _filter(rule: dict[str, Any]) -> None:
    given = {name: rule.pop(key) for key, name in _FILTERS.items() if rule.get(key) is not None}
    if given:
        rules = [{"name": name, "value": value} for name, value in given.items()]
        rule["filter"] = {"key": {"filterRules": rules}}


def _lock(inputs: Inputs) -> None:
    inputs.setdefault("objectLockEnabled", "Enabled")


def _object(inputs: Inputs) -> None:
    if isinstance(tags := inputs.get("tags"), dict):
        known = not wire.is_unknown(tags)
        inputs["tags"] = urllib.parse.urlencode(tags) if known else wire.UNKNOWN


ROWS = (
    Row(
        type="aws:s3/bucket:Bucket",
        service="s3",
        create="CreateBucket",
        id="in.bucket",
        name=Naming(input="bucket", limit=63, lower=True, prefix_input="bucketPrefix"),
        rename={"objectLockEnabled": "ObjectLockEnabledForBucket"},
        dropped={"forceDestroy": _NOT_DELETED},
        # Of all Regions one alone must not be named.
        given={
            "CreateBucketConfiguration": "region != 'us-east-1' && {LocationConstraint: region} || `null`"
        },
        steps=(
            Step(
                operation="PutBucketTagging",
                inputs=("tags",),
                rename={"tags": "Tagging.TagSet"},
                given={"Bucket": "id"},
            ),
        ),
        outputs={
            "arn": Template("arn:aws:s3:::{id}"),
            "bucket": "id",
            "bucketDomainName": Template("{id}.s3.amazonaws.com"),
            "bucketRegion": "region",
            "bucketRegionalDomainName": Template("{id}.s3.{region}.amazonaws.com"),
            "websiteDomain": Template("s3-website.{region}.amazonaws.com"),
            "websiteEndpoint": Template("{id}.s3-website.{region}.amazonaws.com"),
        },
        defaults={
            "accelerationStatus": "",
            "acl": "private",
            "bucketNamespace": "global",
            "corsRules": [],
            "grants": [],
            "hostedZoneId": "Z1BKCTXD74EZPE",
            "lifecycleRules": [],
            "logging": {},
            "objectLockConfiguration": {},
            "objectLockEnabled": False,
            "policy": "",
            "replicationConfiguration": {},
            "requestPayer": "BucketOwner",
            "serverSideEncryptionConfiguration": {},
            "versioning": {"enabled": False, "mfaDelete": False},
            "website": {},
        },
        read=Read(operation="HeadBucket", given={"Bucket": "id"}),
    ),
    Row(
        type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        service="s3",
        create="PutPublicAccessBlock",
        id="in.bucket",
        rename={
            name: f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}"
            for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        },
        dropped={"skipDestroy": _NOT_DELETED},
    ),
    Row(
        type="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        service="s3",
        create="PutBucketOwnershipControls",
        id="in.bucket",
        rename={"rule": "OwnershipControls.Rules"},
    ),
    Row(
        type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        service="s3",
        create="PutBucketEncryption",
        id="in.bucket",
        rename={
            "rules": "ServerSideEncryptionConfiguration.Rules",
            "rules.blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType",
        },
        not_emulated="stored, not done: objects lie in memory as they came",
    ),
    Row(
        type="aws:s3/bucketVersioning:BucketVersioning",
        service="s3",
        create="PutBucketVersioning",
        id="in.bucket",
    ),
    Row(
        type="aws:s3/bucketPolicy:BucketPolicy",
        service="s3",
        create="PutBucketPolicy",
        id="in.bucket",
        reshape=without_tls,
        inputs_not_emulated={
            **TLS_NOT_EMULATED,
            "policy~s3:signatureAge": "how old a signature is, is not asked: only what it says itself",
        },
    ),
    Row(
        type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        service="s3",
        create="PutBucketLifecycleConfiguration",
        id="in.bucket",
        rename={"rules": "LifecycleConfiguration.Rules"},
        dropped={"timeouts": "how long Pulumi waits"},
        defaults={
            "expectedBucketOwner": "",
            "transitionDefaultMinimumObjectSize": "all_storage_classes_128K",
        },
        not_emulated="stored, not done: objects neither move nor expire",
    ),
    Row(
        type="aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        service="s3",
        create="PutBucketCors",
        id="in.bucket",
        rename={"corsRules": "CORSConfiguration.CORSRules"},
        not_emulated="stored, not asked: any page may read and upload by a presigned URL",
    ),
    Row(
        type="aws:s3/bucketNotification:BucketNotification",
        service="s3",
        create="PutBucketNotificationConfiguration",
        id="in.bucket",
        reshape=_notification,
        rename={
            "eventbridge": "NotificationConfiguration.EventBridgeConfiguration",
            "lambdaFunctions": "NotificationConfiguration.LambdaFunctionConfigurations",
            "queues": "NotificationConfiguration.QueueConfigurations",
            "topics": "NotificationConfiguration.TopicConfigurations",
        },
    ),
    Row(
        type="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        service="s3",
        create="PutBucketReplication",
        id="in.bucket",
        rename={"role": "ReplicationConfiguration.Role", "rules": "ReplicationConfiguration.Rules"},
    ),
    Row(
        type="aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        service="s3",
        create="PutObjectLockConfiguration",
        id="in.bucket",
        reshape=_lock,
        rename={
            "objectLockEnabled": "ObjectLockConfiguration.ObjectLockEnabled",
            "rule": "ObjectLockConfiguration.Rule",
        },
    ),
    Row(
        type="aws:s3/bucketLogging:BucketLogging",
        service="s3",
        create="PutBucketLogging",
        id="in.bucket",
        rename={
            name: f"BucketLoggingStatus.LoggingEnabled.{name[0].upper()}{name[1:]}"
            for name in ("targetBucket", "targetGrants", "targetObjectKeyFormat", "targetPrefix")
        },
        not_emulated="no access logs",
    ),
    Row(
        type="aws:s3/bucketObjectv2:BucketObjectv2",
        service="s3",
        create="PutObject",
        id="in.key",
        reshape=_object,
        rename={
            "content": "Body",
            "source": "Body",
            "kmsKeyId": "SSEKMSKeyId",
            "objectLockLegalHoldStatus": "ObjectLockLegalHoldStatus",
            "tags": "Tagging",
            "websiteRedirect": "WebsiteRedirectLocation",
        },
        dropped={
            "etag": "tells Pulumi of a change",
            "forceDestroy": _NOT_DELETED,
            "overrideProvider": "of the provider's default tags",
            "sourceHash": "tells Pulumi of a change",
        },
        outputs={
            "arn": Template("arn:aws:s3:::{in[bucket]}/{id}"),
            "etag": "out.ETag",
            "key": "in.key",
        },
        defaults={
            "acl": "private",
            "bucketKeyEnabled": False,
            "checksumCrc32": "",
            "checksumCrc32c": "",
            "checksumCrc64nvme": "",
            "checksumSha1": "",
            "checksumSha256": "",
            "contentType": "application/octet-stream",
            "kmsKeyId": "",
            "serverSideEncryption": "AES256",
            "storageClass": "STANDARD",
            "versionId": "",
        },
    ),
)
