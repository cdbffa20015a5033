from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pytest

from components import (
    ArgumentError,
    AssetBucket,
    AssetBucketArgs,
    BucketCors,
    LifecycleRule,
    ObjectLock,
    PresignedUrls,
    Replication,
    ServiceAccess,
    Transition,
)
from support.linking import resolve
from support.recorder import UNKNOWN, Graph, record

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
CORS = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

ACCOUNT = "123456789012"
ARN = f"arn:aws:s3:eu-west-1:{ACCOUNT}:assets"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"
SETTINGS = {BLOCK, OWNERSHIP, ENCRYPTION, VERSIONING, POLICY, LIFECYCLE}

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def args(**values: Any) -> AssetBucketArgs:
    return AssetBucketArgs(**values)


def graph(*, preview: bool = False, **values: Any) -> Graph:
    return record(lambda: AssetBucket("assets", args(**values)), preview=preview)


def under_key(*, preview: bool = False) -> Graph:
    return record(lambda: AssetBucket("assets", args(kms_key=aws.kms.Key("key"))), preview=preview)


def statements(document: str) -> dict[str, Any]:
    return {statement.pop("Sid"): statement for statement in json.loads(document)["Statement"]}


def known(value: Any, *, preview: bool) -> Any:
    return UNKNOWN if preview else value


@preview_and_up
def test_a_plain_bucket_is_private_encrypted_and_keeps_versions(*, preview: bool) -> None:
    found = graph(preview=preview)
    place = {"bucket": known("assets-bucket", preview=preview)}
    assert found.one(BUCKET).inputs == {"forceDestroy": False}
    assert found.one(BLOCK).inputs == {
        **place,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert found.one(OWNERSHIP).inputs == {**place, "rule": {"objectOwnership": "BucketOwnerEnforced"}}
    assert found.one(VERSIONING).inputs == {**place, "versioningConfiguration": {"status": "Enabled"}}
    assert found.one(ENCRYPTION).inputs == {
        **place,
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                "blockedEncryptionTypes": ["SSE-C"],
            }
        ],
    }


@preview_and_up
def test_a_plain_bucket_creates_nothing_that_nobody_asked_for(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert {item.type for item in found.resources if item.custom and item.type.startswith("aws:")} == {
        BUCKET,
        *SETTINGS,
    }


@preview_and_up
def test_a_plain_bucket_clears_up_behind_everybody(*, preview: bool) -> None:
    (rule,) = graph(preview=preview).one(LIFECYCLE).inputs["rules"]
    assert rule == {
        "id": "housekeeping",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        "noncurrentVersionExpiration": {"noncurrentDays": 30},
        "expiration": {"expiredObjectDeleteMarker": True},
    }


def test_versions_may_be_kept_for_good() -> None:
    (rule,) = graph(noncurrent_days=None, abort_incomplete_uploads_days=2).one(LIFECYCLE).inputs["rules"]
    assert rule == {
        "id": "housekeeping",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 2},
    }


@preview_and_up
def test_without_versioning_it_is_suspended_since_it_may_have_been_on(*, preview: bool) -> None:
    found = graph(preview=preview, versioning=False)
    assert found.one(VERSIONING).inputs["versioningConfiguration"] == {"status": "Suspended"}


def test_the_policy_denies_plain_http_other_encryption_and_old_signatures() -> None:
    policy = graph(presigned_urls=PresignedUrls(lifetime_seconds=600)).one(POLICY)
    assert policy.inputs["bucket"] == "assets-bucket"
    assert statements(policy.inputs["policy"]) == {
        "TlsOnly": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [ARN, f"{ARN}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "BucketEncryptionOnly": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{ARN}/*",
            "Condition": {
                "Null": {"s3:x-amz-server-side-encryption": "false"},
                "StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"},
            },
        },
        "FreshSignaturesOnly": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"{ARN}/*",
            "Condition": {"NumericGreaterThan": {"s3:signatureAge": "600000"}},
        },
    }


def test_the_policy_is_unknown_in_a_preview() -> None:
    assert graph(preview=True).one(POLICY).inputs == {"bucket": UNKNOWN, "policy": UNKNOWN}


@preview_and_up
def test_a_customer_key_encrypts_by_a_key_of_the_buckets_own(*, preview: bool) -> None:
    (rule,) = under_key(preview=preview).one(ENCRYPTION).inputs["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": "aws:kms",
            "kmsMasterKeyId": known(KEY_ARN, preview=preview),
        },
        "bucketKeyEnabled": True,
        "blockedEncryptionTypes": ["SSE-C"],
    }


def test_under_a_customer_key_an_upload_may_ask_for_no_other() -> None:
    found = statements(under_key().one(POLICY).inputs["policy"])
    assert found["BucketEncryptionOnly"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN},
    }


def test_services_come_in_for_this_account_alone() -> None:
    trail = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/audit"
    services = [
        ServiceAccess.access_logs(prefix="web/"),
        ServiceAccess(
            service="cloudtrail.amazonaws.com",
            actions=["PutObject", "GetBucketAcl"],
            prefix="AWSLogs/",
            source_arn=trail,
        ),
    ]
    found = statements(graph(services=services).one(POLICY).inputs["policy"])
    assert found["Service1"] == {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"{ARN}/web/*"],
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    assert found["Service2"] == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [ARN, f"{ARN}/AWSLogs/*"],
        "Condition": {"ArnEquals": {"aws:SourceArn": trail}},
    }


def test_cloudfront_comes_in_for_one_distribution_and_log_delivery_for_this_account() -> None:
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    services = [ServiceAccess.cdn(distribution), ServiceAccess.log_delivery(prefix="cdn/")]
    found = statements(graph(services=services).one(POLICY).inputs["policy"])
    assert found["Service1"] == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"ArnEquals": {"aws:SourceArn": distribution}},
    }
    assert found["Service2"] == {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"{ARN}/cdn/*"],
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }


@pytest.mark.parametrize(("service", "named"), [("cloudfront", "distribution"), ("cloudtrail", "trail")])
def test_a_service_of_every_account_without_an_arn_is_refused(service: str, named: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        ServiceAccess(service=f"{service}.amazonaws.com", actions=["PutObject"])
    assert str(refusal.value) == (
        f"ServiceAccess.source_arn must name the {named} for {service}.amazonaws.com, which serves every "
        "account's"
    )


@preview_and_up
def test_lifecycle_rules_follow_the_housekeeping(*, preview: bool) -> None:
    rules = [
        LifecycleRule(name="gone", prefix="assets/", expire_after_days=31),
        LifecycleRule(
            name="colder",
            transitions=[
                Transition(after_days=30, storage_class="STANDARD_IA"),
                Transition(after_days=60, storage_class="DEEP_ARCHIVE"),
            ],
        ),
    ]
    found = graph(preview=preview, lifecycle=rules).one(LIFECYCLE)
    assert found.inputs["rules"][1:] == [
        {"id": "gone", "status": "Enabled", "filter": {"prefix": "assets/"}, "expiration": {"days": 31}},
        {
            "id": "colder",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "transitions": [
                {"days": 30, "storageClass": "STANDARD_IA"},
                {"days": 60, "storageClass": "DEEP_ARCHIVE"},
            ],
        },
    ]


@preview_and_up
def test_cors_names_its_origins(*, preview: bool) -> None:
    rule = BucketCors(
        allow_origins=["https://*.example.com", "http://localhost:5173"],
        allow_methods=["PUT", "GET"],
        allow_headers=["content-type"],
        expose_headers=["etag"],
        max_age_seconds=60,
    )
    assert graph(preview=preview, cors=[rule]).one(CORS).inputs["corsRules"] == [
        {
            "allowedOrigins": ["https://*.example.com", "http://localhost:5173"],
            "allowedMethods": ["PUT", "GET"],
            "allowedHeaders": ["content-type"],
            "exposeHeaders": ["etag"],
            "maxAgeSeconds": 60,
        }
    ]


@preview_and_up
def test_a_lock_holds_from_the_beginning(*, preview: bool) -> None:
    found = graph(preview=preview, object_lock=ObjectLock(mode="COMPLIANCE", days=400))
    assert found.one(BUCKET).inputs["objectLockEnabled"] is True
    assert found.one(LOCK).inputs["rule"] == {"defaultRetention": {"mode": "COMPLIANCE", "days": 400}}
    assert found.one(VERSIONING).urn in found.one(LOCK).dependencies


@preview_and_up
def test_access_logs_go_to_another_bucket_below_this_ones_name(*, preview: bool) -> None:
    def program() -> None:
        logs = AssetBucket("logs", args(services=[ServiceAccess.access_logs()]))
        AssetBucket("assets", args(access_logs=logs))

    assert record(program, preview=preview).one(LOGGING).inputs == {
        "bucket": known("assets-bucket", preview=preview),
        "targetBucket": known("logs-bucket", preview=preview),
        "targetPrefix": "assets/",
    }


@preview_and_up
def test_every_setting_lies_in_the_buckets_region(*, preview: bool) -> None:
    found = graph(preview=preview, region="eu-central-1", object_lock=ObjectLock(mode="GOVERNANCE", days=1))
    regions = {
        item.type: item.inputs["region"] for item in found.resources if item.type.startswith("aws:s3/")
    }
    assert regions == dict.fromkeys({BUCKET, LOCK, *SETTINGS}, "eu-central-1")


@preview_and_up
def test_a_protected_bucket_stays_with_all_that_makes_it_safe(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert (found.one(BUCKET).protect, found.one(BUCKET).retain_on_delete) == (True, True)
    assert {item.type for item in found.resources if item.retain_on_delete} == {BUCKET, *SETTINGS}
    assert {item.type for item in found.resources if item.protect} == {BUCKET}


@preview_and_up
def test_an_unprotected_bucket_goes(*, preview: bool) -> None:
    found = graph(preview=preview, deletion_protection=False, force_destroy=True)
    assert found.one(BUCKET).inputs == {"forceDestroy": True}
    assert [item.type for item in found.resources if item.protect or item.retain_on_delete] == []


@preview_and_up
def test_settings_come_in_the_order_that_s3_takes(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(BLOCK).urn in found.one(POLICY).dependencies
    assert found.one(VERSIONING).urn in found.one(LIFECYCLE).dependencies


@preview_and_up
def test_registers_name_arn_and_domain(*, preview: bool) -> None:
    expected = {
        "bucketName": "assets-bucket",
        "bucketArn": ARN,
        "bucketRegionalDomainName": "assets-bucketRegionalDomainName",
    }
    outputs = graph(preview=preview).component("assets").outputs
    assert outputs == (dict.fromkeys(expected, UNKNOWN) if preview else expected)


@preview_and_up
def test_overrides_replace_what_the_component_sets(*, preview: bool) -> None:
    overrides = {
        "bucket": {"bucket": "acme-assets"},
        "lifecycle": {"transition_default_minimum_object_size": "varies_by_storage_class"},
        "public_access_block": {"block_public_policy": False},
    }
    found = graph(preview=preview, overrides=overrides)
    assert found.one(BUCKET).inputs["bucket"] == "acme-assets"
    assert found.one(LIFECYCLE).inputs["transitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert found.one(BLOCK).inputs["blockPublicPolicy"] is False


@preview_and_up
def test_an_existing_bucket_creates_nothing_and_links_to_its_arn(*, preview: bool) -> None:
    def program() -> AssetBucket:
        return AssetBucket.from_name("old", "legacy.files", kms_key_arn="arn:key")

    found = record(program, preview=preview)
    assert [item for item in found.resources if item.custom] == []
    assert found.component("old").outputs == {
        "bucketName": "legacy.files",
        "bucketArn": "arn:aws:s3:::legacy.files",
        "bucketRegionalDomainName": "legacy.files.s3.eu-west-1.amazonaws.com",
    }
    link = resolve(lambda: program().link("GetObject", prefix="a/"), preview=preview)
    assert link.statements == [
        (["s3:GetObject"], ["arn:aws:s3:::legacy.files/a/*"]),
        (["kms:Decrypt"], ["arn:key"]),
    ]
    assert link.environment == {"OLD_BUCKET": "legacy.files", "OLD_URL_SECONDS": "3600"}


def test_an_existing_bucket_can_hold_the_replica() -> None:
    def program() -> None:
        copy = AssetBucket.from_name("copy", "legacy", versioned=True)
        AssetBucket("assets", args(replication=Replication(destination=copy)))

    (rule,) = record(program).one(REPLICATION).inputs["rules"]
    assert rule["destination"] == {"bucket": "arn:aws:s3:::legacy"}


def test_an_existing_bucket_is_no_resource_of_the_program() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            _ = AssetBucket.from_name("old", "legacy").bucket
        assert (
            str(refusal.value)
            == "AssetBucket 'old' came from_name: its bucket is not a resource of this program"
        )

    record(program)


@pytest.mark.parametrize("name", ["ab", "Legacy", "a/b", "a" * 64, "-abc"])
def test_rejects_an_existing_bucket_with_an_impossible_name(name: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        AssetBucket.from_name("old", name)
    assert str(refusal.value) == (
        "AssetBucket.from_name bucket_name must be 3-63 lower-case letters, digits, '.' and '-', "
        f"got {name!r}"
    )
