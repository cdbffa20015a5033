"""The policies of a bucket: what it denies, which services it lets in, and what its replication may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components._bucket_shapes import BY_ARN_ALONE, ServiceAccess
from components._bucket_verbs import resources
from components._policies import document


def bucket_policy(
    bucket_arn: pulumi.Output[str],
    *,
    account: pulumi.Input[str],
    kms_key_arn: pulumi.Input[str] | None,
    url_seconds: int,
    services: Sequence[ServiceAccess],
) -> pulumi.Output[str]:
    """The bucket's policy: a role of the account needs only its own policy beside it."""
    objects = pulumi.Output.concat(bucket_arn, "/*")
    everything = [bucket_arn, objects]
    return document(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": everything,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                # An upload that says nothing gets the bucket's own encryption. One that asks for another is
                # refused: its object would be out of the links' reach.
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
                "Sid": "BucketEncryptionOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {
                    "Null": {"s3:x-amz-server-side-encryption": "false"},
                    "StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}
                    if kms_key_arn is None
                    else {"s3:x-amz-server-side-encryption-aws-kms-key-id": kms_key_arn},
                },
            },
            {
                "Sid": "FreshSignaturesOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": objects,
                "Condition": {"NumericGreaterThan": {"s3:signatureAge": str(url_seconds * 1000)}},
            },
            *(_let_in(number, access, bucket_arn, account) for number, access in enumerate(services, 1)),
        ]
    )


def replication_policy(
    source: tuple[pulumi.Output[str], str],
    destination_arn: pulumi.Output[str],
    *,
    keys: tuple[pulumi.Input[str], pulumi.Input[str]] | None,
    regions: tuple[pulumi.Input[str], pulumi.Input[str]],
) -> pulumi.Output[str]:
    """What S3 may do to copy: exactly what AWS asks for, within the prefix.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    """
    source_arn, prefix = source
    allowed: list[tuple[list[str], pulumi.Input[str], dict[str, Any]]] = [
        (["s3:GetReplicationConfiguration", "s3:ListBucket"], source_arn, {}),
        (
            ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            pulumi.Output.concat(source_arn, f"/{prefix}*"),
            {},
        ),
        (
            ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
            pulumi.Output.concat(destination_arn, f"/{prefix}*"),
            {},
        ),
    ]
    if keys is not None:
        here, there = (
            {"StringEquals": {"kms:ViaService": pulumi.Output.format("s3.{}.amazonaws.com", region)}}
            for region in regions
        )
        # A bucket key there is read before it is used.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
        allowed += [(["kms:Decrypt"], keys[0], here), (["kms:Decrypt", "kms:Encrypt"], keys[1], there)]
    return document(
        (
            {"Effect": "Allow", "Action": actions, "Resource": arn, **({"Condition": when} if when else {})}
            for actions, arn, when in allowed
        )
    )


def _let_in(
    number: int, access: ServiceAccess, bucket_arn: pulumi.Output[str], account: pulumi.Input[str]
) -> dict[str, Any]:
    condition: dict[str, Any] = (
        {} if access.service in BY_ARN_ALONE else {"StringEquals": {"aws:SourceAccount": account}}
    )
    if access.source_arn is not None:
        condition["ArnEquals"] = {"aws:SourceArn": access.source_arn}
    return {
        "Sid": f"Service{number}",
        "Effect": "Allow",
        "Principal": {"Service": access.service},
        "Action": [f"s3:{action}" for action in sorted(set(access.actions))],
        "Resource": resources(access.actions, bucket_arn, access.prefix),
        "Condition": condition,
    }
