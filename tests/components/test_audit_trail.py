"""The trail records what it should, where only it can write and nobody can delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from components._base import ArgumentError
from components.asset_bucket import AssetBucket, AssetBucketArgs, ServiceAccess
from components.audit_trail import AuditTrail, AuditTrailArgs
from components.data_table import DataTable, DataTableArgs
from components.function import Function, FunctionArgs
from support.recorder import UNKNOWN, Graph, record

TRAIL = "aws:cloudtrail/trail:Trail"
KEY = "aws:kms/key:Key"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
OBJECT_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
TRAIL_ARN = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/backplane-test-audit"
KEY_ARN = ARN.format("kms", "audit-key")
FILES = ARN.format("s3", "audit-files")

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def table() -> DataTable:
    return DataTable("users", DataTableArgs(partition_key="id"))


def bucket() -> AssetBucket:
    return AssetBucket("media", AssetBucketArgs())


def function() -> Function:
    return Function("get", FunctionArgs(handler="handlers.users.get.handler"))


def graph(what: Callable[[], dict[str, Any]] = dict, *, preview: bool = False, **values: Any) -> Graph:
    return record(lambda: AuditTrail("audit", AuditTrailArgs(**{**values, **what()})), preview=preview)


def statements(document: str) -> dict[str, Any]:
    return {statement.pop("Sid"): statement for statement in json.loads(document)["Statement"]}


@preview_and_up
def test_every_region_is_recorded_into_signed_files(*, preview: bool) -> None:
    inputs = graph(preview=preview).one(TRAIL, "audit").inputs
    assert inputs == {
        "name": "backplane-test-audit",
        "s3BucketName": UNKNOWN if preview else "audit-files-bucket",
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "enableLogging": True,
    }


@preview_and_up
def test_one_region_alone_can_be_recorded(*, preview: bool) -> None:
    inputs = graph(preview=preview, multi_region=False).one(TRAIL).inputs
    assert (inputs["isMultiRegionTrail"], inputs["includeGlobalServiceEvents"]) == (False, False)


def test_cloudtrail_may_look_and_write_below_its_account_for_this_trail_alone() -> None:
    found = statements(graph().one(BUCKET_POLICY).inputs["policy"])
    assert found["Service1"] == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [FILES, f"{FILES}/AWSLogs/123456789012/*"],
        "Condition": {"ArnEquals": {"aws:SourceArn": TRAIL_ARN}},
    }
    assert [name for name, item in found.items() if item["Effect"] == "Allow"] == ["Service1"]


def test_plain_http_is_refused() -> None:
    found = statements(graph().one(BUCKET_POLICY).inputs["policy"])
    assert found["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@preview_and_up
@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_each_file_is_locked_as_long_as_it_is_kept_and_goes_then(mode: str, *, preview: bool) -> None:
    found = graph(preview=preview, retention_days=400, lock_mode=mode)
    assert found.one(BUCKET).inputs["objectLockEnabled"] is True
    assert found.one(OBJECT_LOCK).inputs["rule"] == {"defaultRetention": {"mode": mode, "days": 400}}
    housekeeping, retention = found.one(LIFECYCLE).inputs["rules"]
    assert retention["expiration"] == {"days": 400}
    assert housekeeping["noncurrentVersionExpiration"] == {"noncurrentDays": 1}


@preview_and_up
def test_the_trail_waits_until_its_bucket_lets_it_in_and_locks(*, preview: bool) -> None:
    found = graph(preview=preview, log_retention_days=30)
    gates = {found.one(BUCKET_POLICY).urn, found.one(OBJECT_LOCK).urn, found.one(ROLE_POLICY).urn}
    assert gates <= set(found.one(TRAIL).dependencies)


@preview_and_up
@pytest.mark.parametrize("protect", [True, False])
def test_the_record_is_protected_and_stays(protect: bool, *, preview: bool) -> None:
    found = graph(preview=preview, deletion_protection=protect, customer_key=True)
    assert {bool(item.protect) for item in (*found.all(TRAIL), *found.all(BUCKET), *found.all(KEY))} == {
        protect
    }
    assert {bool(item.retain_on_delete) for item in (*found.all(BUCKET), *found.all(KEY))} == {protect}


@preview_and_up
def test_without_a_key_of_its_own_s3_manages_them(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.all(KEY) == []
    (rule,) = found.one(ENCRYPTION).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_the_key_encrypts_for_this_trail_alone() -> None:
    found = graph(customer_key=True)
    key = found.one(KEY, "audit-key")
    assert key.inputs["enableKeyRotation"] is True
    assert statements(key.inputs["policy"]) == {
        "Account": {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "kms:*",
            "Resource": "*",
        },
        "TrailEncrypts": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "aws:SourceArn": TRAIL_ARN,
                    "kms:EncryptionContext:aws:cloudtrail:arn": TRAIL_ARN,
                }
            },
        },
        "TrailLooks": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
        },
    }


@preview_and_up
def test_the_key_is_the_trails_and_the_buckets(*, preview: bool) -> None:
    found = graph(preview=preview, customer_key=True)
    known = UNKNOWN if preview else KEY_ARN
    assert found.one(TRAIL).inputs["kmsKeyId"] == known
    (rule,) = found.one(ENCRYPTION).inputs["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": known},
        "bucketKeyEnabled": False,
        "blockedEncryptionTypes": ["SSE-C"],
    }


@preview_and_up
def test_nothing_is_logged_to_cloudwatch_unless_asked(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.all(LOG_GROUP) == found.all(ROLE) == []


def test_cloudtrail_may_write_its_own_streams_and_nothing_else() -> None:
    found = graph(log_retention_days=30)
    group = ARN.format("cloudwatch", "audit-logs")
    assert found.one(LOG_GROUP, "audit-logs").inputs["retentionInDays"] == 30
    assert json.loads(found.one(ROLE_POLICY, "audit-log-policy").inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"{group}:log-stream:123456789012_CloudTrail_eu-west-1*"],
        }
    ]
    role = found.one(ROLE, "audit-log-role")
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    trail = found.one(TRAIL).inputs
    assert trail["cloudWatchLogsGroupArn"] == f"{group}:*"
    assert trail["cloudWatchLogsRoleArn"] == ARN.format("iam", "audit-log-role")


def everything() -> dict[str, Any]:
    return {"tables": [table()], "buckets": [bucket()], "functions": [function()]}


def fields(found: Graph) -> dict[str, list[dict[str, Any]]]:
    selectors = found.one(TRAIL).inputs["advancedEventSelectors"]
    return {selector["name"]: selector["fieldSelectors"] for selector in selectors}


def test_data_events_are_those_of_what_is_named_beside_management_events() -> None:
    assert fields(graph(everything)) == {
        "Management": [{"field": "eventCategory", "equals": ["Management"]}],
        "Items": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::DynamoDB::Table"]},
            {"field": "resources.ARN", "equals": [ARN.format("dynamodb", "users")]},
        ],
        "Objects": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::S3::Object"]},
            {"field": "resources.ARN", "startsWiths": [ARN.format("s3", "media") + "/"]},
        ],
        "Calls": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::Lambda::Function"]},
            {"field": "resources.ARN", "startsWiths": [ARN.format("lambda", "get")]},
        ],
    }


@preview_and_up
@pytest.mark.parametrize(("events", "read_only"), [("read", "true"), ("write", "false")])
def test_reads_or_writes_alone_can_be_recorded(events: str, read_only: str, *, preview: bool) -> None:
    found = fields(graph(lambda: {"tables": [table()]}, preview=preview, data_events=events))
    assert sorted(found) == ["Items", "Management"]
    assert found["Items"][-1] == {"field": "readOnly", "equals": [read_only]}
    assert "readOnly" not in [field["field"] for field in found["Management"]]


def test_requests_for_the_files_can_be_logged() -> None:
    def logs() -> dict[str, Any]:
        return {"access_logs": AssetBucket("lines", AssetBucketArgs(services=[ServiceAccess.access_logs()]))}

    assert graph(logs).one(LOGGING).inputs["targetBucket"] == "lines-bucket"


def test_the_bucket_is_open_to_the_trail_that_is_made() -> None:
    names: list[str] = []

    def program() -> None:
        names.append(AuditTrail("audit", AuditTrailArgs()).trail_name)

    record(program)
    assert TRAIL_ARN.endswith(f"/{names[0]}")


def test_outputs_name_where_to_look() -> None:
    assert graph(log_retention_days=30).component("audit").outputs == {
        "trailArn": ARN.format("cloudtrail", "audit"),
        "trailName": "backplane-test-audit",
        "bucketName": "audit-files-bucket",
        "logGroupName": "audit-logs-name",
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: graph(retention_days=0), "AuditTrailArgs.retention_days must be 1-36,500 days, got 0"),
        (
            lambda: graph(lock_mode="NONE"),
            "AuditTrailArgs.lock_mode must be one of 'GOVERNANCE', 'COMPLIANCE', got 'NONE'",
        ),
        (
            lambda: graph(data_events="write"),
            "AuditTrailArgs.data_events must be unset without tables, buckets or functions, got 'write'",
        ),
        (
            lambda: graph(lambda: {"tables": [table()] * 481}),
            "AuditTrailArgs.tables, buckets and functions must be 0-480 together, got 481",
        ),
        (
            lambda: AuditTrail("n" * 35, AuditTrailArgs()),
            f"AuditTrail name must be 1-34 characters, got {'n' * 35!r}",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    refusals: list[str] = []

    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            wrong()
        refusals.append(str(refusal.value))

    record(program)
    assert refusals == [message]
