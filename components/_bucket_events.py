"""Who hears of what happens to objects."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Shape
from components._bucket_verbs import check_prefix
from components._policies import document
from components.topic import Topic

PUBLISHER = "s3.amazonaws.com"

EventType = Literal[
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked",
]
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class _HasAlias(Protocol):
    """What an event needs of a `Function`."""

    @property
    def name(self) -> str: ...

    @property
    def alias(self) -> aws.lambda_.Alias: ...


class BucketEvent(Shape):
    """Who hears of which events: made by `function`, `queue` or `topic`, which take the settings by name.

    Delivered at least once, in any order, usually within seconds. Free, but for the target's own price.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
    """

    name: str
    """Name of the rule in its bucket, which names what lets S3 in; by default its kind, or the function's
    name."""

    lambda_alias: aws.lambda_.Alias | None = None
    """The alias of the function that S3 invokes."""

    sqs_queue: aws.sqs.Queue | None = None
    """The queue that S3 sends to; a standard one."""

    sns_topic: Topic | None = None
    """The topic that S3 publishes to; `s3.amazonaws.com` must be among its publishers."""

    events: Sequence[EventType] = ("s3:ObjectCreated:*",)
    """What happened, as S3 calls it."""

    prefix: str = ""
    """The objects whose keys begin with this; empty, all. A function that writes where its own events come
    from calls itself without end."""

    suffix: str = ""
    """The objects whose keys end with this: `.png`."""

    @classmethod
    def function(cls, function: _HasAlias, *, name: str | None = None, **settings: Any) -> BucketEvent:
        """A `Function`, by its alias, which S3 invokes asynchronously."""
        return cls(name=name or function.name, lambda_alias=function.alias, **settings)

    @classmethod
    def queue(cls, queue: aws.sqs.Queue, *, name: str = "queue", **settings: Any) -> BucketEvent:
        """A queue. The bucket sets the queue's policy, and a queue has only one: give it one sender.

        A queue under a customer key needs a key policy that admits `s3.amazonaws.com`.
        """
        return cls(name=name, sqs_queue=queue, **settings)

    @classmethod
    def topic(cls, topic: Topic, *, name: str = "topic", **settings: Any) -> BucketEvent:
        """A `Topic` with `s3.amazonaws.com` among its publishers."""
        if PUBLISHER not in topic.publishers:
            raise ArgumentError(
                f"BucketEvent.topic {topic.name!r} must let S3 publish: "
                f'give it publishers=["{PUBLISHER}"], got {list(topic.publishers)}'
            )
        return cls(name=name, sns_topic=topic, **settings)

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"must be lower-case letters and digits in parts joined by '-', got {name!r}")
        return name

    @pydantic.field_validator("prefix", "suffix")
    @classmethod
    def _filters_are_plain(cls, text: str) -> str:
        return check_prefix(text)

    @pydantic.model_validator(mode="after")
    def _something_happens_to_one(self) -> BucketEvent:
        if not self.events:
            raise ValueError("events must name at least one")
        targets = [self.lambda_alias, self.sqs_queue, self.sns_topic]
        if sum(target is not None for target in targets) != 1:
            raise ValueError("must have one of lambda_alias, sqs_queue and sns_topic; use a factory")
        return self

    @property
    def inputs(self) -> dict[str, Any]:
        """What the bucket's notification takes, apart from the target."""
        filters = {"filter_prefix": self.prefix, "filter_suffix": self.suffix}
        return {
            "id": self.name,
            "events": list(self.events),
            **{kind: text for kind, text in filters.items() if text},
        }


def check_together(component: str, events: Sequence[BucketEvent]) -> None:
    """Refuse what S3 refuses: no events, one name twice, one queue twice, or two rules for one event."""
    if not events:
        raise ArgumentError(f"{component}.notify takes at least one BucketEvent")
    for one, other in itertools.combinations(events, 2):
        if one.name == other.name:
            raise ArgumentError(f"{component}.notify events must differ in name, got {one.name!r} twice")
        if one.sqs_queue is not None and one.sqs_queue is other.sqs_queue:
            raise ArgumentError(
                f"{component}.notify events {one.name!r} and {other.name!r} have the same queue, whose "
                "policy can only be set once; list both events in one"
            )
        if _overlap(one, other):
            raise ArgumentError(
                f"{component}.notify events {one.name!r} and {other.name!r} overlap, and S3 tells one of an "
                "event: part them by prefix, suffix or type, or send to a topic that both hear"
            )


def _overlap(one: BucketEvent, other: BucketEvent) -> bool:
    """Whether one event of one object could be both's.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    types = any(_same(a, b) for a, b in itertools.product(one.events, other.events))
    prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
    return types and prefixes and suffixes


def _same(one: str, other: str) -> bool:
    wild = [kind.removesuffix("*") for kind in (one, other) if kind.endswith("*")]
    return one == other or any(one.startswith(start) and other.startswith(start) for start in wild)


def targets(events: Sequence[BucketEvent]) -> dict[str, list[dict[str, Any]] | None]:
    """What the bucket's notification takes, by the kind of target."""
    found: dict[str, list[dict[str, Any]]] = {"lambda_functions": [], "queues": [], "topics": []}
    for event in events:
        if event.lambda_alias is not None:
            found["lambda_functions"].append({**event.inputs, "lambda_function_arn": event.lambda_alias.arn})
        elif event.sqs_queue is not None:
            found["queues"].append({**event.inputs, "queue_arn": event.sqs_queue.arn})
        elif event.sns_topic is not None:
            found["topics"].append({**event.inputs, "topic_arn": event.sns_topic.topic_arn})
    return {kind: rules or None for kind, rules in found.items()}


def let_in(
    event: BucketEvent,
    child: str,
    bucket_arn: pulumi.Input[str],
    account: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource | None:
    """What lets exactly this bucket of this account reach the target; None where the target does already."""
    if event.lambda_alias is not None:
        return aws.lambda_.Permission(
            f"{child}-permission",
            action="lambda:InvokeFunction",
            function=event.lambda_alias.function_name,
            qualifier=event.lambda_alias.name,
            principal=PUBLISHER,
            source_arn=bucket_arn,
            source_account=account,
            opts=opts,
        )
    if event.sqs_queue is not None:
        statement = {
            "Sid": "Bucket",
            "Effect": "Allow",
            "Principal": {"Service": PUBLISHER},
            "Action": "sqs:SendMessage",
            "Resource": event.sqs_queue.arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": bucket_arn},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
        policy = document([statement])
        return aws.sqs.QueuePolicy(
            f"{child}-queue-policy", queue_url=event.sqs_queue.url, policy=policy, opts=opts
        )
    return event.sns_topic.policy if event.sns_topic is not None else None
