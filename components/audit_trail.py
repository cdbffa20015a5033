"""An audit trail by CloudTrail: who did what in the account, in every Region, in a bucket that is locked.

Creates a trail whose files are signed, and a bucket (an `AssetBucket`) in which each file is locked until its
retention is over and goes then; where they are asked for, a customer key, data events and a log group.

Costs: the first trail of an account records management events free of charge, each further one $2 per 100,000
(https://aws.amazon.com/cloudtrail/pricing/); data events $0.10 per 100,000, which for a busy table or bucket
is more than its requests cost; the bucket what it stores; a key $1 a month; a log group $0.50 a GB taken in.

Won't do: cover an organization, tell of each new file, or find what is unusual (Insights).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._alarm_model import bounded
from components._base import ArgumentError, Children, Component, ComponentArgs
from components._bucket_shapes import CLOUDTRAIL, MAX_LOCK_DAYS, LifecycleRule, ObjectLock, ServiceAccess
from components._links import Statement
from components._policies import document, permissions, trust
from components.asset_bucket import AssetBucket, AssetBucketArgs
from components.data_table import DataTable
from components.function import Function, LogRetentionDays

__all__ = ["AuditTrail", "AuditTrailArgs"]

MAX_NAME_LENGTH = 34
"""A component's 40 characters, less `-files` for the bucket."""

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
MAX_TRAIL_NAME_LENGTH = 128
MAX_SELECTED = 480
"""AWS takes 500 values in all selectors of a trail; some of them say what kind the others are."""


class AuditTrailArgs(ComponentArgs):
    """Arguments of `AuditTrail`."""

    children: ClassVar[Children] = {
        "trail": lambda: aws.cloudtrail.Trail,
        "key": aws.kms.Key,
        "log_group": aws.cloudwatch.LogGroup,
        "log_role": aws.iam.Role,
        "log_policy": aws.iam.RolePolicy,
    }

    retention_days: Annotated[int, pydantic.Field(ge=1, le=MAX_LOCK_DAYS)] = 365
    """Days for which each file is locked, and after which it goes, 1-36,500. A longer time locks later files
    alone."""

    lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    """Governance: whoever has `s3:BypassGovernanceRetention` may still delete files. Compliance: nobody, the
    account's root included; what is in the bucket is paid for until its days are over.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"""

    customer_key: bool = False
    """Whether the files are encrypted under a key of their own, so that who reads them needs the key as well:
    $1 a month and a few requests an hour. Unset: keys that S3 manages, free of charge.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html"""

    tables: Sequence[DataTable] = ()
    """Tables whose reads and writes of items are recorded: data events, $0.10 per 100,000."""

    buckets: Sequence[AssetBucket] = ()
    """Buckets whose reads and writes of objects are recorded: data events, $0.10 per 100,000."""

    functions: Sequence[Function] = ()
    """Functions whose calls are recorded: data events, $0.10 per 100,000."""

    data_events: Literal["all", "read", "write"] = "all"
    """Which of these are recorded."""

    log_retention_days: LogRetentionDays | None = None
    """Days for which CloudWatch keeps the events as well, to be searched and alarmed on within minutes: $0.50
    a GB taken in. Unset, they are in the bucket alone.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/monitor-cloudtrail-log-files-with-cloudwatch-logs.html"""

    access_logs: AssetBucket | None = None
    """Another bucket, which gets a line for each request for the trail's files; see
    `AssetBucketArgs.access_logs`."""

    multi_region: bool = True
    """Whether every Region is recorded, those to come included; otherwise this one, without the services that
    have none, such as IAM."""

    deletion_protection: bool = True
    """Pulumi protects the trail, its bucket and its key; the two stay in AWS when they leave the program."""

    @pydantic.model_validator(mode="after")
    def _selectors_fit(self) -> AuditTrailArgs:
        count = len(self.tables) + len(self.buckets) + len(self.functions)
        if count > MAX_SELECTED:
            raise ValueError(f"tables, buckets and functions must be 0-{MAX_SELECTED} together, got {count}")
        if not count and self.data_events != "all":
            raise ValueError(
                f"data_events must be unset without tables, buckets or functions, got {self.data_events!r}"
            )
        return self


class AuditTrail(Component):
    """Records who did what in the account.

    Children: `trail`, `bucket`; where asked for `key`, and `log_group` with `log_role` and `log_policy`.
    """

    trail: aws.cloudtrail.Trail
    """The main child."""

    bucket: AssetBucket
    """Where the files are: private, locked, over TLS alone, and open to this trail alone."""

    key: aws.kms.Key | None
    """The key of the files, where they have their own."""

    log_group: aws.cloudwatch.LogGroup | None = None
    """Where the events are searched, where that is asked for."""

    log_role: aws.iam.Role | None = None
    """What CloudTrail takes on to write there."""

    log_policy: aws.iam.RolePolicy | None = None
    """All that it may do."""

    trail_arn: pulumi.Output[str]
    """ARN of the trail."""

    trail_name: str
    """Physical name of the trail: project, stack and component."""

    def __init__(self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if len(name) > MAX_NAME_LENGTH:
            raise ArgumentError(f"AuditTrail name must be 1-{MAX_NAME_LENGTH} characters, got {name!r}")
        super().__init__(name, opts)
        self._args = args
        invoke = pulumi.InvokeOutputOptions(parent=self)
        self._account = aws.get_caller_identity_output(opts=invoke).account_id
        self._region = aws.get_region_output(opts=invoke).region
        # The bucket and the key name the trail before it is there: AWS tries both when it makes the trail.
        self.trail_name = _trail_name(name)
        self._expected_arn = pulumi.Output.format(
            "arn:{}:cloudtrail:{}:{}:trail/{}",
            aws.get_partition_output(opts=invoke).partition,
            self._region,
            self._account,
            self.trail_name,
        )
        self.key = self._create_key() if args.customer_key else None
        self.bucket = self._create_bucket()
        if args.log_retention_days is not None:
            self._create_logs(args.log_retention_days)
        self.trail = self._create_trail()
        self.trail_arn = self.trail.arn
        self.register_outputs(
            {
                "trailArn": self.trail_arn,
                "trailName": self.trail.name,
                "bucketName": self.bucket.bucket_name,
                "logGroupName": None if self.log_group is None else self.log_group.name,
            }
        )

    def _create_key(self) -> aws.kms.Key:
        trail = {"aws:SourceArn": self._expected_arn}
        statements: list[dict[str, Any]] = [
            {
                # AWS's own default: IAM decides who in this account may use and manage the key. In a key
                # policy the resource "*" is this key.
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": self._account},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
                "Sid": "TrailEncrypts",
                "Effect": "Allow",
                "Principal": {"Service": CLOUDTRAIL},
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {**trail, "kms:EncryptionContext:aws:cloudtrail:arn": self._expected_arn}
                },
            },
            {
                "Sid": "TrailLooks",
                "Effect": "Allow",
                "Principal": {"Service": CLOUDTRAIL},
                "Action": "kms:DescribeKey",
                "Resource": "*",
                "Condition": {"StringEquals": trail},
            },
        ]
        return aws.kms.Key(
            f"{self.name}-key",
            **self._args.overriding(
                "key",
                description=f"Files of the trail {self.trail_name}",
                enable_key_rotation=True,
                policy=document(statements),
            ),
            opts=self._data(protect=self._args.deletion_protection),
        )

    def _create_bucket(self) -> AssetBucket:
        args = self._args
        files = pulumi.Output.format("AWSLogs/{}/", self._account)
        return AssetBucket(
            f"{self.name}-files",
            AssetBucketArgs(
                object_lock=ObjectLock(mode=args.lock_mode, days=args.retention_days),
                # A day later the lock is over, and what has expired goes for good.
                lifecycle=[LifecycleRule(name="retention", expire_after_days=args.retention_days)],
                noncurrent_days=1,
                kms_key=self.key,
                services=[
                    ServiceAccess(
                        service=CLOUDTRAIL,
                        actions=["GetBucketAcl", "PutObject"],
                        prefix=files,
                        source_arn=self._expected_arn,
                    ),
                ],
                access_logs=args.access_logs,
                deletion_protection=args.deletion_protection,
                overrides={} if self.key is None else {"encryption": {"rules": [_encryption(self.key)]}},
            ),
            opts=self._child(),
        )

    def _create_logs(self, retention_days: LogRetentionDays) -> None:
        args = self._args
        self.log_group = aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            **args.overriding(
                "log_group",
                name_prefix=f"/aws/cloudtrail/{self.name}-",
                retention_in_days=retention_days,
            ),
            opts=self._child(),
        )
        self.log_role = aws.iam.Role(
            f"{self.name}-log-role",
            # Without conditions, as AWS documents it: nobody outside this account can pass the role on.
            **args.overriding("log_role", assume_role_policy=trust(CLOUDTRAIL)),
            opts=self._child(),
        )
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
        streams = pulumi.Output.format(
            "{}:log-stream:{}_CloudTrail_{}*", self.log_group.arn, self._account, self._region
        )
        writing = Statement(("logs:CreateLogStream", "logs:PutLogEvents"), (streams,))
        self.log_policy = aws.iam.RolePolicy(
            f"{self.name}-log-policy",
            **args.overriding("log_policy", role=self.log_role.name, policy=permissions([writing])),
            opts=self._child(),
        )

    def _create_trail(self) -> aws.cloudtrail.Trail:
        args = self._args
        values: dict[str, Any] = {
            "name": self.trail_name,
            "s3_bucket_name": self.bucket.bucket_name,
            "is_multi_region_trail": args.multi_region,
            "include_global_service_events": args.multi_region,
            "enable_log_file_validation": True,
            "enable_logging": True,
            "kms_key_id": None if self.key is None else self.key.arn,
            "advanced_event_selectors": list(_selectors(args)) or None,
        }
        gates: list[pulumi.Resource | None] = [self.bucket.policy, self.bucket.object_lock, self.log_policy]
        if self.log_group is not None and self.log_role is not None:
            values["cloud_watch_logs_group_arn"] = pulumi.Output.concat(self.log_group.arn, ":*")
            values["cloud_watch_logs_role_arn"] = self.log_role.arn
        return aws.cloudtrail.Trail(
            self.name,
            **args.overriding("trail", **values),
            # AWS writes a file into the bucket, and a line into the log group, before there is a trail.
            opts=self._child(
                protect=args.deletion_protection or None,
                depends_on=[gate for gate in gates if gate is not None],
            ),
        )


def _trail_name(name: str) -> str:
    """Unique for each stack, and as AWS wants it: no two of `.`, `_` and `-` in a row."""
    text = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}"
    return bounded(re.sub(r"[._-]+", "-", text), MAX_TRAIL_NAME_LENGTH)


def _encryption(key: aws.kms.Key) -> dict[str, Any]:
    """Without a bucket key, whose requests don't carry the trail's ARN that the key's policy asks for."""
    return {
        "apply_server_side_encryption_by_default": {
            "sse_algorithm": "aws:kms",
            "kms_master_key_id": key.arn,
        },
        "bucket_key_enabled": False,
        "blocked_encryption_types": ["SSE-C"],
    }


def _selectors(args: AuditTrailArgs) -> Iterator[dict[str, Any]]:
    """What is recorded; nothing where only management events are, as AWS does by itself.

    A function's call names its alias or version behind the function's ARN, and an object its key behind the
    bucket's.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
    """
    kinds: list[tuple[str, str, str, list[pulumi.Output[str]]]] = [
        ("Items", "AWS::DynamoDB::Table", "equals", [table.table_arn for table in args.tables]),
        (
            "Objects",
            "AWS::S3::Object",
            "starts_withs",
            [pulumi.Output.concat(bucket.bucket_arn, "/") for bucket in args.buckets],
        ),
        (
            "Calls",
            "AWS::Lambda::Function",
            "starts_withs",
            [function.function_arn for function in args.functions],
        ),
    ]
    if not any(arns for *_, arns in kinds):
        return
    yield _selector("Management", {"field": "eventCategory", "equals": ["Management"]})
    only = {"read": ["true"], "write": ["false"]}.get(args.data_events)
    for title, kind, operator, arns in kinds:
        if arns:
            yield _selector(
                title,
                {"field": "eventCategory", "equals": ["Data"]},
                {"field": "resources.type", "equals": [kind]},
                {"field": "resources.ARN", operator: arns},
                *([{"field": "readOnly", "equals": only}] if only else []),
            )


def _selector(title: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": title, "field_selectors": list(fields)}
