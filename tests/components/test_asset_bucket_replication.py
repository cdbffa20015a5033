from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from components import (
    ArgumentError,
    AssetBucket,
    AssetBucketArgs,
    ObjectLock,
    Replication,
    ServiceAccess,
)
from support.recorder import UNKNOWN, Graph, record

VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

ACCOUNT = "123456789012"
ARN = f"arn:aws:s3:eu-west-1:{ACCOUNT}:assets"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def args(**values: Any) -> AssetBucketArgs:
    return AssetBucketArgs(**values)


def known(value: Any, *, preview: bool) -> Any:
    return UNKNOWN if preview else value


def replicated(*, preview: bool = False, keys: bool = False, **settings: Any) -> Graph:
    def program() -> None:
        here, there = (aws.kms.Key("here"), aws.kms.Key("there")) if keys else (None, None)
        copy = AssetBucket("copy", args(region="eu-central-1", kms_key=there))
        replication = Replication(destination=copy, **settings)
        AssetBucket("assets", args(replication=replication, kms_key=here))

    return record(program, preview=preview)


COPY = f"arn:aws:s3:eu-west-1:{ACCOUNT}:copy"


@preview_and_up
def test_a_replica_is_another_bucket_that_keeps_versions_too(*, preview: bool) -> None:
    found = replicated(preview=preview, prefix="a/", storage_class="GLACIER_IR", replicate_deletes=True)
    inputs = found.one(REPLICATION, "assets-replication").inputs
    role = f"arn:aws:iam:eu-west-1:{ACCOUNT}:assets-replication-role"
    assert inputs == {
        "bucket": known("assets-bucket", preview=preview),
        "role": known(role, preview=preview),
        "rules": [
            {
                "id": "replica",
                "status": "Enabled",
                "priority": 1,
                "filter": {"prefix": "a/"},
                "deleteMarkerReplication": {"status": "Enabled"},
                "destination": {"bucket": known(COPY, preview=preview), "storageClass": "GLACIER_IR"},
            }
        ],
    }
    versioning = {found.one(VERSIONING, f"{name}-versioning").urn for name in ("assets", "copy")}
    assert versioning < set(found.one(REPLICATION).dependencies)


def test_a_deletion_is_not_replicated_unless_asked_for() -> None:
    (rule,) = replicated().one(REPLICATION).inputs["rules"]
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}


def test_s3_may_copy_from_this_prefix_to_that_one_and_nothing_else() -> None:
    policy = json.loads(
        replicated(prefix="a/").one(ROLE_POLICY, "assets-replication-policy").inputs["policy"]
    )
    assert [(item["Effect"], item["Action"], item["Resource"]) for item in policy["Statement"]] == [
        ("Allow", ["s3:GetReplicationConfiguration", "s3:ListBucket"], ARN),
        (
            "Allow",
            ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            f"{ARN}/a/*",
        ),
        ("Allow", ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"], f"{COPY}/a/*"),
    ]


def test_s3_reads_by_the_key_here_and_writes_by_the_key_there() -> None:
    found = replicated(keys=True)
    (rule,) = found.one(REPLICATION).inputs["rules"]
    there = f"arn:aws:kms:eu-west-1:{ACCOUNT}:there"
    assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": there}
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    policy = json.loads(found.one(ROLE_POLICY).inputs["policy"])
    assert policy["Statement"][3:] == [
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": f"arn:aws:kms:eu-west-1:{ACCOUNT}:here",
            "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:Encrypt"],
            "Resource": there,
            "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
        },
    ]


def to(**values: Any) -> Replication:
    return Replication(destination=AssetBucket("copy", args(**values)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: args(replication=to(versioning=False)), "replication: 'copy' must have versioning"),
        (
            lambda: args(replication=to(), versioning=False),
            "replication needs versioning, got versioning=False",
        ),
        (
            lambda: args(replication=to(), object_lock=ObjectLock(mode="GOVERNANCE", days=1)),
            "replication: 'copy' must have an object_lock, as this bucket has",
        ),
        (
            lambda: args(replication=to(kms_key=aws.kms.Key("there"))),
            "replication: 'copy' must have no kms_key, as this bucket has none",
        ),
        (
            lambda: args(replication=to(), kms_key=aws.kms.Key("here")),
            "replication: 'copy' must have a kms_key, as this bucket has",
        ),
        (
            lambda: args(access_logs=AssetBucket("logs", args())),
            "access_logs: 'logs' must have ServiceAccess.access_logs() among its services",
        ),
        (
            lambda: args(services=[ServiceAccess.access_logs()], kms_key=aws.kms.Key("here")),
            "services: S3 delivers access logs to no bucket with kms_key or object_lock; make one without",
        ),
    ],
)
def test_buckets_that_do_not_fit_together_are_refused(wrong: Callable[[], object], message: str) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            wrong()
        assert str(refusal.value) == f"AssetBucketArgs.{message}"

    record(program)
