"""The verbs of a bucket's links: what each reaches, and what it needs of a customer key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pulumi

from components._base import ArgumentError
from components._links import Condition, Statement, check_verbs

MAX_KEY_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_READING = frozenset(
    {
        "GetObject",
        "GetObjectAttributes",
        "GetObjectVersion",
        "GetObjectVersionAttributes",
        "ListMultipartUploadParts",
    }
)
_OBJECT_VERBS = _READING | {
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectVersionTagging",
    "PutObject",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionTagging",
    "RestoreObject",
}
_LISTING = frozenset({"ListBucket", "ListBucketVersions"})
"""Those that know the condition `s3:prefix`."""

_BUCKET_VERBS = _LISTING | {"GetBucketLocation", "ListBucketMultipartUploads"}
_VERBS = _OBJECT_VERBS | _BUCKET_VERBS

SERVICE_VERBS = _VERBS | {"GetBucketAcl"}
"""CloudTrail and others look at the bucket before they write."""

_CALLS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "GetObject and PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PostObject": "PutObject",
    "UploadPart": "PutObject",
}
"""Calls whose names IAM doesn't know, and the action that allows each."""


def check_prefix(prefix: str) -> str:
    """A prefix of keys that says what it means: no wildcard, and no variable of a policy's."""
    if len(prefix.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"must be 0-{MAX_KEY_BYTES:,} bytes, got {len(prefix.encode()):,}")
    if prefix.startswith("/") or any(mark in prefix for mark in ("*", "?", "${")):
        raise ValueError(
            f"must be the beginning of keys, without '/' first, '*', '?' or '${{', got {prefix!r}"
        )
    return prefix


def check_link(component: str, verbs: Sequence[str], prefix: str | None) -> tuple[str, ...]:
    """The verbs of a link, in order and once each; refuses what the bucket or the prefix doesn't know."""
    for verb in verbs:
        if verb in _CALLS:
            raise ArgumentError(
                f"{component}.link verbs must be IAM's: {verb!r} is allowed by {_CALLS[verb]}; name that"
            )
    wanted = check_verbs(component, verbs, _VERBS)
    if prefix is None:
        return wanted
    try:
        check_prefix(prefix)
    except ValueError as error:
        raise ArgumentError(f"{component}.link prefix {error}") from None
    if not prefix.endswith("/"):
        raise ArgumentError(
            f"{component}.link prefix must end with '/': {prefix!r} would also reach {prefix + '-other/'!r}"
        )
    for verb in wanted:
        if verb in _BUCKET_VERBS - _LISTING:
            raise ArgumentError(f"{component}.link prefix must be unset for {verb}: IAM can't narrow it")
    return wanted


def statements(
    name: str,
    verbs: Sequence[str],
    bucket_arn: pulumi.Output[str],
    prefix: str | None,
    kms_key_arn: pulumi.Input[str] | None,
) -> Iterator[Statement]:
    """What a link allows: objects under the prefix, lists of them, and the key's use for that."""
    objects = tuple(f"s3:{verb}" for verb in verbs if verb in _OBJECT_VERBS)
    lists = tuple(f"s3:{verb}" for verb in verbs if verb in _BUCKET_VERBS)
    if objects:
        arn = pulumi.Output.concat(bucket_arn, "/", prefix or "", "*")
        yield Statement(objects, (arn,), names=(f"bucket/{name}/{prefix or ''}*",))
    if lists:
        within = (Condition("StringLike", "s3:prefix", (f"{prefix}*",)),) if prefix else ()
        yield Statement(lists, (bucket_arn,), within, (f"bucket/{name}",))
    actions = key_actions(verbs)
    if kms_key_arn is not None and actions:
        yield Statement(actions, (kms_key_arn,), names=(f"key/{name}",))


def key_actions(verbs: Sequence[str]) -> tuple[str, ...]:
    """What verbs need of a customer key.

    An upload in parts, which `PutObject` allows as well, reads its parts back.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
    """
    if "PutObject" in verbs:
        return ("kms:Decrypt", "kms:GenerateDataKey")
    return ("kms:Decrypt",) if _READING.intersection(verbs) else ()


def resources(
    actions: Sequence[str], bucket_arn: pulumi.Output[str], prefix: pulumi.Input[str]
) -> list[pulumi.Output[str]]:
    """The ARNs that a bucket policy's actions reach."""
    reached = [bucket_arn] if set(actions) - _OBJECT_VERBS else []
    if _OBJECT_VERBS.intersection(actions):
        reached.append(pulumi.Output.concat(bucket_arn, "/", prefix, "*"))
    return reached
