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
    BucketEvent,
    Function,
    FunctionArgs,
    Topic,
    TopicArgs,
)
from support.recorder import UNKNOWN, Graph, record

NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
PERMISSION = "aws:lambda/permission:Permission"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"

ACCOUNT = "123456789012"
ARN = f"arn:aws:s3:eu-west-1:{ACCOUNT}:assets"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def args(**values: Any) -> AssetBucketArgs:
    return AssetBucketArgs(**values)


def statements(document: str) -> dict[str, Any]:
    return {statement.pop("Sid"): statement for statement in json.loads(document)["Statement"]}


def known(value: Any, *, preview: bool) -> Any:
    return UNKNOWN if preview else value


def reader(name: str = "reader") -> Function:
    return Function(name, FunctionArgs(handler="handlers.users.get.handler"))


def notifying(make: Callable[[AssetBucket], list[BucketEvent]], *, preview: bool = False) -> Graph:
    def program() -> None:
        bucket = AssetBucket("assets", args())
        bucket.notify(*make(bucket))

    return record(program, preview=preview)


@preview_and_up
def test_a_function_is_invoked_by_exactly_this_bucket_of_this_account(*, preview: bool) -> None:
    event: Any = {"prefix": "assets/", "suffix": ".png", "events": ["s3:ObjectCreated:Put"]}
    found = notifying(lambda _: [BucketEvent.function(reader(), **event)], preview=preview)
    permission = found.one(PERMISSION, "assets-reader-permission")
    assert permission.inputs == {
        "action": "lambda:InvokeFunction",
        "function": known("reader-name", preview=preview),
        "qualifier": "live",
        "principal": "s3.amazonaws.com",
        "sourceArn": known(ARN, preview=preview),
        "sourceAccount": ACCOUNT,
    }
    notification = found.one(NOTIFICATION, "assets-notification")
    alias = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:reader-live"
    assert notification.inputs == {
        "bucket": known("assets-bucket", preview=preview),
        "lambdaFunctions": [
            {
                "id": "reader",
                "events": ["s3:ObjectCreated:Put"],
                "filterPrefix": "assets/",
                "filterSuffix": ".png",
                "lambdaFunctionArn": known(alias, preview=preview),
            }
        ],
    }
    assert permission.urn in notification.dependencies


def test_a_queue_admits_exactly_this_bucket_of_this_account() -> None:
    found = notifying(lambda _: [BucketEvent.queue(aws.sqs.Queue("inbox"))])
    policy = found.one(QUEUE_POLICY, "assets-queue-queue-policy")
    assert policy.inputs["queueUrl"] == "inbox-url"
    assert statements(policy.inputs["policy"]) == {
        "Bucket": {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:inbox",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": ARN},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        }
    }
    notification = found.one(NOTIFICATION)
    assert notification.inputs["queues"] == [
        {
            "id": "queue",
            "events": ["s3:ObjectCreated:*"],
            "queueArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:inbox",
        }
    ]
    assert policy.urn in notification.dependencies


@preview_and_up
def test_a_topic_lets_s3_in_by_its_own_policy(*, preview: bool) -> None:
    def made(_: AssetBucket) -> list[BucketEvent]:
        return [BucketEvent.topic(Topic("news", TopicArgs(publishers=["s3.amazonaws.com"])))]

    found = notifying(made, preview=preview)
    (rule,) = found.one(NOTIFICATION).inputs["topics"]
    assert rule["topicArn"] == known(f"arn:aws:sns:eu-west-1:{ACCOUNT}:news", preview=preview)
    policy = found.one("aws:sns/topicPolicy:TopicPolicy")
    assert policy.urn in found.one(NOTIFICATION).dependencies


@preview_and_up
def test_all_targets_share_the_buckets_one_notification(*, preview: bool) -> None:
    def made(bucket: AssetBucket) -> list[BucketEvent]:
        handler = "handlers.users.get.handler"
        marks = Function("marks", FunctionArgs(handler=handler, links=[bucket.link("GetObject")]))
        return [
            BucketEvent.function(marks, prefix="a/"),
            BucketEvent.function(reader(), prefix="b/"),
            BucketEvent.queue(aws.sqs.Queue("inbox"), events=["s3:ObjectRemoved:*"]),
        ]

    inputs = notifying(made, preview=preview).one(NOTIFICATION).inputs
    assert [rule["id"] for rule in inputs["lambdaFunctions"]] == ["marks", "reader"]
    assert [rule["id"] for rule in inputs["queues"]] == ["queue"]


def to_queue(name: str, **settings: Any) -> BucketEvent:
    return BucketEvent.queue(aws.sqs.Queue(name), name=name, **settings)


NOTIFY = "AssetBucket 'assets'.notify "
OVERLAP = (
    f"{NOTIFY}events 'one' and 'two' overlap, and S3 tells one of an event: part them by prefix, suffix "
    "or type, or send to a topic that both hear"
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({}, {}),
        ({"prefix": "a/"}, {"prefix": "a/b/"}),
        ({"suffix": "g"}, {"suffix": ".png"}),
        ({"prefix": "a/"}, {"suffix": ".png"}),
        ({"events": ["s3:ObjectCreated:*"]}, {"events": ["s3:ObjectCreated:Put"]}),
    ],
)
def test_two_rules_for_one_event_are_refused(one: dict[str, Any], two: dict[str, Any]) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            AssetBucket("assets", args()).notify(to_queue("one", **one), to_queue("two", **two))
        assert str(refusal.value) == OVERLAP

    record(program)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"prefix": "a/"}, {"prefix": "b/"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"events": ["s3:ObjectCreated:*"]}, {"events": ["s3:ObjectRemoved:*"]}),
        ({"events": ["s3:ObjectCreated:Copy"]}, {"events": ["s3:ObjectCreated:Put"]}),
    ],
)
def test_rules_that_part_events_are_taken(one: dict[str, Any], two: dict[str, Any]) -> None:
    found = notifying(lambda _: [to_queue("one", **one), to_queue("two", **two)])
    assert len(found.one(NOTIFICATION).inputs["queues"]) == 2


def same_queue(bucket: AssetBucket) -> None:
    queue = aws.sqs.Queue("inbox")
    bucket.notify(
        BucketEvent.queue(queue, prefix="a/", name="one"), BucketEvent.queue(queue, prefix="b/", name="two")
    )


def twice(bucket: AssetBucket) -> None:
    bucket.notify(to_queue("one"))
    bucket.notify(to_queue("two"))


@pytest.mark.parametrize(
    ("notify", "message"),
    [
        (lambda bucket: bucket.notify(), f"{NOTIFY[:-1]} takes at least one BucketEvent"),
        (
            lambda bucket: bucket.notify(
                BucketEvent.function(reader(), prefix="a/"),
                BucketEvent.function(reader("other"), name="reader", prefix="b/"),
            ),
            f"{NOTIFY}events must differ in name, got 'reader' twice",
        ),
        (
            same_queue,
            (
                f"{NOTIFY}events 'one' and 'two' have the same queue, whose policy can only be set once; "
                "list both events in one"
            ),
        ),
        (twice, "AssetBucket 'assets'.notify must be called once, with all events: S3 keeps one set"),
        (
            lambda _: BucketEvent.topic(Topic("news", TopicArgs())),
            (
                "BucketEvent.topic 'news' must let S3 publish: "
                'give it publishers=["s3.amazonaws.com"], got []'
            ),
        ),
        (lambda _: to_queue("one", events=[]), "BucketEvent.events must name at least one"),
        (
            lambda _: BucketEvent(name="one"),
            "BucketEvent.must have one of lambda_alias, sqs_queue and sns_topic; use a factory",
        ),
        (
            lambda _: to_queue("one", prefix="/a"),
            (
                "BucketEvent.prefix must be the beginning of keys, without '/' first, '*', '?' or '${', "
                "got '/a'"
            ),
        ),
        (
            lambda _: BucketEvent.queue(aws.sqs.Queue("one"), name="One"),
            "BucketEvent.name must be lower-case letters and digits in parts joined by '-', got 'One'",
        ),
        (
            lambda _: AssetBucket.from_name("old", "legacy").notify(to_queue("one")),
            "AssetBucket 'old' came from_name: its notifications belong to whoever owns it",
        ),
    ],
)
def test_notify_refuses_in_one_line(notify: Callable[[AssetBucket], object], message: str) -> None:
    def program() -> None:
        bucket = AssetBucket("assets", args())
        with pytest.raises(ArgumentError) as refusal:
            notify(bucket)
        assert str(refusal.value) == message

    record(program)
