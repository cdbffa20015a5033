"""A bucket of files as functions and web clients meet it, with IAM enforced."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import (
    AssetBucket,
    AssetBucketArgs,
    BucketEvent,
    Function,
    FunctionArgs,
    ObjectLock,
    PresignedUrls,
    Replication,
)
from support.running import Outcome, Runner
from support.waiting import until

CALLER = """
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client("s3", config=Config(signature_version="s3v4"))
BUCKET = os.environ["ASSETS_BUCKET"]


def handler(event, context):
    call = getattr(client, event["call"])
    try:
        call(Bucket=BUCKET, **event["given"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


def sign(event, context):
    return client.generate_presigned_url(
        event["call"],
        Params={"Bucket": BUCKET, **event["given"]},
        ExpiresIn=int(os.environ["ASSETS_URL_SECONDS"]),
    )


def mark(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        client.put_object(Bucket=BUCKET, Key="marks/" + key, Body=b"seen")
"""


class Files:
    """The bucket and its functions, running."""

    def __init__(self, up: Runner, outcome: Outcome) -> None:
        self.outcome = outcome
        self.name: str = outcome.outputs["bucket"]
        self.s3 = up.client("s3")
        self._lambda = up.client("lambda")

    def call(self, function: str, call: str, **given: Any) -> Any:
        answer = self._lambda.invoke(
            FunctionName=self.outcome.outputs[function],
            Qualifier="live",
            Payload=json.dumps({"call": call, "given": given}),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.load(answer["Payload"])

    def keys(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.name, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]


@pytest.fixture
def files(up: Runner, tmp_path: Path) -> Files:
    (tmp_path / "main.py").write_text(CALLER)

    def program() -> None:
        urls = PresignedUrls(lifetime_seconds=60)
        bucket = AssetBucket("assets", AssetBucketArgs(presigned_urls=urls))
        writes = bucket.link("GetObject", "PutObject", prefix="assets/")
        links = {
            "caller": [writes, bucket.link("ListBucket", prefix="assets/")],
            "sign": [writes],
            "mark": [bucket.link("PutObject", prefix="marks/")],
        }
        for name, granted in links.items():
            handler = "main.handler" if name == "caller" else f"main.{name}"
            made = Function(name, FunctionArgs(handler=handler, links=granted))
            pulumi.export(name, made.function_name)
            if name == "mark":
                bucket.notify(BucketEvent.function(made, prefix="assets/", suffix=".png"))
        pulumi.export("bucket", bucket.bucket_name)

    return Files(up, up(program))


def request(
    url: str, method: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Any:
    sent = urllib.request.Request(url, body, dict(headers or {}), method=method)  # noqa: S310 - our own URL
    try:
        with urllib.request.urlopen(sent, timeout=10) as answer:  # noqa: S310 - likewise
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_function_reaches_its_prefix_alone(files: Files) -> None:
    assert files.call("caller", "put_object", Key="assets/a.txt", Body="1") == "done"
    assert files.call("caller", "get_object", Key="assets/a.txt") == "done"
    assert files.call("caller", "put_object", Key="assets-other/a.txt", Body="1") == "AccessDenied"
    assert files.call("caller", "put_object", Key="a.txt", Body="1") == "AccessDenied"
    assert files.call("caller", "delete_object", Key="assets/a.txt") == "AccessDenied"
    assert files.keys() == ["assets/a.txt"]


def test_a_function_lists_its_prefix_alone(files: Files) -> None:
    assert files.call("caller", "list_objects_v2", Prefix="assets/") == "done"
    assert files.call("caller", "list_objects_v2", Prefix="assets/2026/") == "done"
    assert files.call("caller", "list_objects_v2", Prefix="") == "AccessDenied"
    assert files.call("caller", "list_objects_v2", Prefix="assets") == "AccessDenied"


def test_an_upload_may_not_ask_for_another_key(files: Files) -> None:
    encrypted = {"Key": "assets/a.txt", "Body": "1", "ServerSideEncryption": "aws:kms"}
    assert files.call("caller", "put_object", **encrypted) == "AccessDenied"
    assert files.call("caller", "put_object", **{**encrypted, "ServerSideEncryption": "AES256"}) == "done"


def test_a_presigned_upload_takes_its_type_and_size_alone(files: Files) -> None:
    given = {"Key": "assets/Grüße 'n\" co.txt", "ContentType": "text/plain", "ContentLength": 5}
    url = files.call("sign", "put_object", **given)
    plain = {"Content-Type": "text/plain"}

    assert request(url, "PUT", b"hello", {"Content-Type": "text/html"})[0] == 403
    assert request(url, "PUT", b"hello, world", plain)[0] == 403
    assert request(url.replace("X-Amz-Signature=", "X-Amz-Signature=0"), "PUT", b"hello", plain)[0] == 403
    assert files.keys() == []

    assert request(url, "PUT", b"hello", plain)[0] == 200
    assert files.keys() == [given["Key"]]
    assert request(files.call("sign", "get_object", Key=given["Key"]), "GET") == (200, b"hello")


def test_a_presigned_url_is_worth_what_its_signer_may(files: Files) -> None:
    url = files.call("sign", "put_object", Key="elsewhere/a.txt")
    assert request(url, "PUT", b"hello")[0] == 403
    assert files.keys() == []


def test_an_object_without_a_signature_is_nobodys(files: Files) -> None:
    files.s3.put_object(Bucket=files.name, Key="assets/a.txt", Body=b"1")
    url = files.call("sign", "get_object", Key="assets/a.txt")
    assert request(url.partition("?")[0], "GET")[0] == 403


def test_an_upload_reaches_the_function_that_waits_for_it(files: Files) -> None:
    for key in ("assets/a.txt", "other/a.png", "assets/a.png"):
        files.s3.put_object(Bucket=files.name, Key=key, Body=b"1")
    until(lambda: files.keys("marks/") == ["marks/assets/a.png"])


def test_what_the_emulator_leaves_out_is_said(files: Files) -> None:
    said = [line for line in files.outcome.provider.not_emulated if line.startswith("aws.s3.")]
    assert [line.partition(":")[0] for line in said] == [
        "aws.s3.BucketLifecycleConfiguration",
        "aws.s3.BucketPolicy policy",
        "aws.s3.BucketPolicy policy",
        "aws.s3.BucketServerSideEncryptionConfiguration",
    ]


def test_a_locked_and_replicated_bucket_is_so(up: Runner) -> None:
    def program() -> None:
        lock = ObjectLock(mode="GOVERNANCE", days=1)
        copy = AssetBucket("copy", AssetBucketArgs(region="us-east-1", object_lock=lock))
        replication = Replication(destination=copy, prefix="kept/")
        bucket = AssetBucket("audit", AssetBucketArgs(object_lock=lock, replication=replication))
        pulumi.export("bucket", bucket.bucket_name)
        pulumi.export("copy", copy.bucket_name)

    outputs = up(program).outputs
    s3, there = up.client("s3"), up.client("s3", "us-east-1")
    s3.put_object(Bucket=outputs["bucket"], Key="kept/a", Body=b"1")
    s3.put_object(Bucket=outputs["bucket"], Key="b", Body=b"1")
    (version,) = s3.list_object_versions(Bucket=outputs["bucket"], Prefix="kept/")["Versions"]
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=outputs["bucket"], Key="kept/a", VersionId=version["VersionId"])
    assert there.get_bucket_location(Bucket=outputs["copy"])["LocationConstraint"] is None
    until(
        lambda: (
            [item["Key"] for item in there.list_objects_v2(Bucket=outputs["copy"]).get("Contents", [])]
            == ["kept/a"]
        )
    )
