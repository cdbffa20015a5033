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
    Condition,
    Function,
    FunctionArgs,
    Link,
    PresignedUrls,
)
from support.linking import resolve
from support.recorder import UNKNOWN, record

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

ACCOUNT = "123456789012"
ARN = f"arn:aws:s3:eu-west-1:{ACCOUNT}:assets"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"

OBJECT_VERBS = [
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectVersion",
    "GetObjectVersionAttributes",
    "GetObjectVersionTagging",
    "ListMultipartUploadParts",
    "PutObject",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionTagging",
    "RestoreObject",
]
LIST_VERBS = ["ListBucket", "ListBucketVersions"]
BUCKET_VERBS = [*LIST_VERBS, "GetBucketLocation", "ListBucketMultipartUploads"]
ALL_VERBS = ", ".join(sorted(OBJECT_VERBS + BUCKET_VERBS))
DECRYPTING = {
    "GetObject",
    "GetObjectAttributes",
    "GetObjectVersion",
    "GetObjectVersionAttributes",
    "ListMultipartUploadParts",
}


def args(**values: Any) -> AssetBucketArgs:
    return AssetBucketArgs(**values)


def linked(*verbs: str, prefix: str | None = None, **values: Any) -> Callable[[], Link]:
    return lambda: AssetBucket("assets", args(**values)).link(*verbs, prefix=prefix)


def with_key(*verbs: str, prefix: str | None = None) -> Callable[[], Link]:
    return lambda: AssetBucket("assets", args(kms_key=aws.kms.Key("key"))).link(*verbs, prefix=prefix)


def statements(document: str) -> dict[str, Any]:
    return {statement.pop("Sid"): statement for statement in json.loads(document)["Statement"]}


@pytest.mark.parametrize("verb", OBJECT_VERBS)
def test_a_link_allows_its_verb_under_its_prefix_alone(verb: str) -> None:
    link = resolve(linked(verb, prefix="assets/"))
    assert link.statements == [([f"s3:{verb}"], [f"{ARN}/assets/*"])]
    assert link.conditions == [[]]
    assert link.environment["ASSETS_BUCKET"] == "assets-bucket"


@pytest.mark.parametrize("verb", OBJECT_VERBS)
def test_a_link_without_a_prefix_reaches_every_object_and_not_the_bucket(verb: str) -> None:
    assert resolve(linked(verb)).statements == [([f"s3:{verb}"], [f"{ARN}/*"])]


@pytest.mark.parametrize("verb", LIST_VERBS)
def test_a_link_lists_its_prefix_alone(verb: str) -> None:
    link = resolve(linked(verb, prefix="assets/"))
    assert link.statements == [([f"s3:{verb}"], [ARN])]
    assert link.conditions == [[Condition("StringLike", "s3:prefix", ("assets/*",))]]


@pytest.mark.parametrize("verb", BUCKET_VERBS)
def test_a_link_to_the_bucket_itself_has_no_condition(verb: str) -> None:
    link = resolve(linked(verb))
    assert link.statements == [([f"s3:{verb}"], [ARN])]
    assert link.conditions == [[]]


def test_verbs_of_objects_and_of_the_bucket_go_to_their_own_arns() -> None:
    link = resolve(linked("PutObject", "ListBucket", "GetObject", "PutObject", prefix="a/"))
    assert link.statements == [(["s3:PutObject", "s3:GetObject"], [f"{ARN}/a/*"]), (["s3:ListBucket"], [ARN])]


def test_a_link_in_a_preview_knows_neither_arn_nor_name() -> None:
    link = resolve(linked("DeleteObject"), preview=True)
    assert link.statements == [(["s3:DeleteObject"], [UNKNOWN])]
    assert link.environment == {"ASSETS_BUCKET": UNKNOWN}


@pytest.mark.parametrize("verb", [*OBJECT_VERBS, *BUCKET_VERBS])
def test_a_customer_key_adds_what_the_verb_needs_of_it(verb: str) -> None:
    needed = {"PutObject": ["kms:Decrypt", "kms:GenerateDataKey"]}
    actions = needed.get(verb, ["kms:Decrypt"] if verb in DECRYPTING else None)
    found = resolve(with_key(verb)).statements[1:]
    assert found == ([] if actions is None else [(actions, [KEY_ARN])])


def test_a_function_that_signs_uploads_is_told_their_limits() -> None:
    urls = PresignedUrls(
        max_upload_bytes=5_000_000, content_types=["image/png", "image/jpeg"], lifetime_seconds=900
    )
    assert resolve(linked("PutObject", presigned_urls=urls)).environment == {
        "ASSETS_BUCKET": "assets-bucket",
        "ASSETS_URL_SECONDS": "900",
        "ASSETS_UPLOAD_MAX_BYTES": "5000000",
        "ASSETS_UPLOAD_CONTENT_TYPES": "image/png,image/jpeg",
    }
    assert resolve(linked("GetObject", presigned_urls=urls)).environment == {
        "ASSETS_BUCKET": "assets-bucket",
        "ASSETS_URL_SECONDS": "900",
    }
    assert resolve(linked("DeleteObject", "ListBucket", presigned_urls=urls)).environment == {
        "ASSETS_BUCKET": "assets-bucket"
    }


def test_a_bucket_that_takes_any_type_says_none() -> None:
    assert resolve(linked("PutObject")).environment == {
        "ASSETS_BUCKET": "assets-bucket",
        "ASSETS_URL_SECONDS": "3600",
        "ASSETS_UPLOAD_MAX_BYTES": "104857600",
    }


def test_several_links_to_one_bucket_fit_into_one_function() -> None:
    def program() -> None:
        bucket = AssetBucket("assets", args())
        links = [bucket.link("PutObject", prefix="in/"), bucket.link("PutObject", "GetObject", prefix="out/")]
        Function("copier", FunctionArgs(handler="handlers.users.get.handler", links=links))

    policy = json.loads(record(program).one(ROLE_POLICY).inputs["policy"])
    assert {tuple(item["Action"]): item["Resource"] for item in policy["Statement"]} == {
        ("logs:CreateLogStream", "logs:PutLogEvents"): [
            f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:copier-logs:*"
        ],
        ("s3:GetObject", "s3:PutObject"): [f"{ARN}/out/*"],
        ("s3:PutObject",): [f"{ARN}/in/*"],
        ("xray:PutTelemetryRecords", "xray:PutTraceSegments"): ["*"],
    }


LINK = "AssetBucket 'assets'.link "


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (linked("Frobnicate"), f"{LINK}verbs must be among {ALL_VERBS}; got 'Frobnicate'"),
        (linked(), f"{LINK}verbs must be among {ALL_VERBS}; got none"),
        (linked("*"), f"{LINK}verbs must be among {ALL_VERBS}; got '*'"),
        (linked("PutBucketPolicy"), f"{LINK}verbs must be among {ALL_VERBS}; got 'PutBucketPolicy'"),
        (linked("HeadObject"), f"{LINK}verbs must be IAM's: 'HeadObject' is allowed by GetObject; name that"),
        (
            linked("ListObjectsV2"),
            f"{LINK}verbs must be IAM's: 'ListObjectsV2' is allowed by ListBucket; name that",
        ),
        (
            linked("GetObject", prefix="assets"),
            f"{LINK}prefix must end with '/': 'assets' would also reach 'assets-other/'",
        ),
        (linked("GetObject", prefix=""), f"{LINK}prefix must end with '/': '' would also reach '-other/'"),
        (
            linked("GetObject", prefix="*/"),
            f"{LINK}prefix must be the beginning of keys, without '/' first, '*', '?' or '${{', got '*/'",
        ),
        (
            linked("GetObject", prefix="${aws:username}/"),
            (
                f"{LINK}prefix must be the beginning of keys, without '/' first, '*', '?' or '${{', "
                "got '${aws:username}/'"
            ),
        ),
        (
            linked("ListBucketMultipartUploads", prefix="a/"),
            f"{LINK}prefix must be unset for ListBucketMultipartUploads: IAM can't narrow it",
        ),
    ],
)
def test_a_link_refuses_what_it_cannot_narrow(link: Callable[[], Link], message: str) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            link()
        assert str(refusal.value) == message

    record(program)
