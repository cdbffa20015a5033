from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components._base import ArgumentError
from components._links import Link
from components.function import Function, FunctionArgs
from components.topic import Subscription, Topic, TopicArgs
from support.linking import resolve
from support.recorder import UNKNOWN, Graph, record

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
PERMISSION = "aws:lambda/permission:Permission"
KEY = "aws:kms/key:Key"
ARN = "arn:aws:sns:eu-west-1:123456789012:alerts"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:alerts-key"
CLOUDWATCH = "cloudwatch.amazonaws.com"
ENDPOINT = "arn:aws:sns:eu-west-1:123456789012:endpoint/APNS/app/0f3c"
SAME_NAME = "TopicArgs.subscriptions must differ in name, and from 'key' and 'policy', "
EXISTING = "arn:aws:sns:eu-west-1:123456789012:legacy"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def graph(*, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: Topic("alerts", TopicArgs(**args)), preview=preview)


def subscribed(make: Callable[[], Subscription], *, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: Topic("alerts", TopicArgs(subscriptions=[make()], **args)), preview=preview)


def statements(document: str) -> dict[str, Any]:
    return {statement.pop("Sid"): statement for statement in json.loads(document)["Statement"]}


def to_queue(**settings: Any) -> Subscription:
    return Subscription.queue(aws.sqs.Queue("inbox"), **settings)


def to_function(**settings: Any) -> Subscription:
    return Subscription.function(
        Function("reader", FunctionArgs(handler="handlers.users.get.handler")), **settings
    )


def to_email(**settings: Any) -> Subscription:
    return Subscription.email("on-call@example.com", **settings)


def to_https(**settings: Any) -> Subscription:
    return Subscription.https("https://example.com/hook", **settings)


def to_phone(**settings: Any) -> Subscription:
    return Subscription.mobile_push(ENDPOINT, **settings)


@preview_and_up
def test_a_plain_topic_is_encrypted_without_a_key_to_pay_for(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(TOPIC).inputs == {"kmsMasterKeyId": "alias/aws/sns", "signatureVersion": 2}
    assert found.all(KEY) == []


def test_the_policy_refuses_anything_but_tls_and_allows_nobody() -> None:
    policy = graph().one(TOPIC_POLICY)
    assert policy.inputs["arn"] == ARN
    assert statements(policy.inputs["policy"]) == {
        "PublishOverTlsOnly": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": ARN,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "DeliverOverTlsOnly": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Subscribe",
            "Resource": ARN,
            "Condition": {"StringEquals": {"sns:Protocol": "http"}},
        },
    }


def test_the_policy_is_unknown_in_a_preview() -> None:
    assert graph(preview=True).one(TOPIC_POLICY).inputs == {"arn": UNKNOWN, "policy": UNKNOWN}


def test_publishers_may_publish_for_this_account_alone() -> None:
    policy = graph(publishers=[CLOUDWATCH, "budgets.amazonaws.com"]).one(TOPIC_POLICY).inputs["policy"]
    assert statements(policy)["Publishers"] == {
        "Effect": "Allow",
        "Principal": {"Service": ["budgets.amazonaws.com", CLOUDWATCH]},
        "Action": "sns:Publish",
        "Resource": ARN,
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }


@preview_and_up
def test_publishers_force_a_key_that_they_may_use(*, preview: bool) -> None:
    found = graph(preview=preview, publishers=[CLOUDWATCH])
    key = found.one(KEY, "alerts-key")
    assert key.inputs["enableKeyRotation"] is True
    assert statements(key.inputs["policy"]) == {
        "Account": {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "kms:*",
            "Resource": "*",
        },
        "Publishers": {
            "Effect": "Allow",
            "Principal": {"Service": [CLOUDWATCH]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
    }
    assert found.one(TOPIC).inputs["kmsMasterKeyId"] == (UNKNOWN if preview else KEY_ARN)
    assert key.urn in found.one(TOPIC).dependencies


@preview_and_up
def test_a_key_of_the_callers_is_used_instead(*, preview: bool) -> None:
    def program() -> Topic:
        return Topic("alerts", TopicArgs(publishers=[CLOUDWATCH], kms_key=aws.kms.Key("mine")))

    found = record(program, preview=preview)
    assert [key.name for key in found.all(KEY)] == ["mine"]
    expected = "arn:aws:kms:eu-west-1:123456789012:mine"
    assert found.one(TOPIC).inputs["kmsMasterKeyId"] == (UNKNOWN if preview else expected)


@preview_and_up
def test_a_fifo_topic_says_so(*, preview: bool) -> None:
    inputs = graph(preview=preview, fifo=True, content_based_deduplication=True).one(TOPIC).inputs
    assert (inputs["fifoTopic"], inputs["contentBasedDeduplication"]) == (True, True)


@preview_and_up
@pytest.mark.parametrize(
    ("make", "name", "protocol", "endpoint"),
    [
        (to_email, "alerts-email", "email", "on-call@example.com"),
        (to_https, "alerts-https", "https", "https://example.com/hook"),
        (to_phone, "alerts-mobile-push", "application", ENDPOINT),
    ],
)
def test_a_plain_subscription_needs_nothing_else(
    make: Callable[[], Subscription], name: str, protocol: str, endpoint: str, *, preview: bool
) -> None:
    found = subscribed(make, preview=preview)
    assert found.one(SUBSCRIPTION, name).inputs == {
        "topic": UNKNOWN if preview else ARN,
        "protocol": protocol,
        "endpoint": endpoint,
    }
    assert found.all(QUEUE_POLICY) == found.all(PERMISSION) == []


def test_a_queue_admits_exactly_this_topic() -> None:
    found = subscribed(to_queue)
    policy = found.one(QUEUE_POLICY, "alerts-queue-queue-policy")
    assert policy.inputs["queueUrl"] == "inbox-url"
    assert statements(policy.inputs["policy"]) == {
        "Topic": {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:eu-west-1:123456789012:inbox",
            "Condition": {"ArnEquals": {"aws:SourceArn": ARN}},
        }
    }
    subscription = found.one(SUBSCRIPTION, "alerts-queue")
    assert subscription.inputs["endpoint"] == "arn:aws:sqs:eu-west-1:123456789012:inbox"
    assert subscription.inputs["protocol"] == "sqs"


@preview_and_up
def test_nothing_is_delivered_to_a_queue_before_it_admits_the_topic(*, preview: bool) -> None:
    found = subscribed(to_queue, preview=preview)
    assert found.one(QUEUE_POLICY).urn in found.one(SUBSCRIPTION).dependencies


@preview_and_up
def test_a_function_is_invoked_by_exactly_this_topic_through_its_alias(*, preview: bool) -> None:
    found = subscribed(to_function, preview=preview)
    permission = found.one(PERMISSION, "alerts-reader-permission")
    assert permission.inputs == {
        "action": "lambda:InvokeFunction",
        "function": UNKNOWN if preview else "reader-name",
        "qualifier": "live",
        "principal": "sns.amazonaws.com",
        "sourceArn": UNKNOWN if preview else ARN,
    }
    subscription = found.one(SUBSCRIPTION, "alerts-reader")
    assert subscription.inputs["protocol"] == "lambda"
    expected = "arn:aws:lambda:eu-west-1:123456789012:reader-live"
    assert subscription.inputs["endpoint"] == (UNKNOWN if preview else expected)
    assert permission.urn in subscription.dependencies


@preview_and_up
def test_a_filter_and_raw_delivery(*, preview: bool) -> None:
    found = subscribed(
        lambda: to_queue(
            filter_policy={"type": ["new", "old"], "age": [{"numeric": [">", 3]}]}, raw_delivery=True
        ),
        preview=preview,
    )
    inputs = found.one(SUBSCRIPTION).inputs
    assert inputs["filterPolicy"] == '{"age": [{"numeric": [">", 3]}], "type": ["new", "old"]}'
    assert inputs["filterPolicyScope"] == "MessageAttributes"
    assert inputs["rawMessageDelivery"] is True


@preview_and_up
def test_a_filter_can_look_into_the_body(*, preview: bool) -> None:
    found = subscribed(
        lambda: to_email(filter_policy={"type": ["new"]}, filter_on="MessageBody"), preview=preview
    )
    assert found.one(SUBSCRIPTION).inputs["filterPolicyScope"] == "MessageBody"


@preview_and_up
def test_every_child_belongs_to_the_component(*, preview: bool) -> None:
    def program() -> None:
        own = TopicArgs(publishers=[CLOUDWATCH], subscriptions=[to_queue(), to_email(name="second")])
        topic = Topic("alerts", own)
        assert sorted(topic.subscriptions) == ["queue", "second"]
        assert sorted(topic.queue_policies) == ["queue"]
        assert topic.publishers == (CLOUDWATCH,)

    found = record(program, preview=preview)
    children = [item for item in found.resources if item.custom and item.name != "inbox"]
    assert {item.parent for item in children} == {found.component("alerts").urn}
    assert sorted(item.name for item in children) == [
        "alerts",
        "alerts-key",
        "alerts-policy",
        "alerts-queue",
        "alerts-queue-queue-policy",
        "alerts-second",
    ]


@preview_and_up
def test_registers_arn_and_name(*, preview: bool) -> None:
    outputs = graph(preview=preview).component("alerts").outputs
    expected = {"topicArn": ARN, "topicName": "alerts-name"}
    assert outputs == (dict.fromkeys(expected, UNKNOWN) if preview else expected)


@preview_and_up
def test_overrides_replace_what_the_component_sets(*, preview: bool) -> None:
    overrides = {"topic": {"tracing_config": "Active"}, "key": {"deletion_window_in_days": 9}}
    found = graph(preview=preview, publishers=[CLOUDWATCH], overrides=overrides)
    assert found.one(TOPIC).inputs["tracingConfig"] == "Active"
    assert found.one(KEY).inputs["deletionWindowInDays"] == 9


def test_publish_reaches_this_topic_and_no_key_of_awss_own() -> None:
    link = resolve(lambda: Topic("alerts", TopicArgs()).link("Publish"))
    assert link.statements == [(["sns:Publish"], [ARN])]
    assert link.environment == {"ALERTS_TOPIC_ARN": ARN}


def test_publish_in_a_preview_knows_no_arn() -> None:
    link = resolve(lambda: Topic("alerts", TopicArgs()).link("Publish"), preview=True)
    assert link.statements == [(["sns:Publish"], [UNKNOWN])]
    assert link.environment == {"ALERTS_TOPIC_ARN": UNKNOWN}


def test_publish_under_a_customer_key_may_use_that_key() -> None:
    link = resolve(lambda: Topic("alerts", TopicArgs(publishers=[CLOUDWATCH])).link("Publish"))
    assert link.statements == [
        (["sns:Publish"], [ARN]),
        (["kms:Decrypt", "kms:GenerateDataKey"], [KEY_ARN]),
    ]


@pytest.mark.parametrize("verbs", [("Subscribe",), ("Publish", "Subscribe"), ("*",)])
def test_a_link_refuses_any_other_verb(verbs: tuple[str, ...]) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            Topic("alerts", TopicArgs()).link(*verbs)
        assert str(refusal.value) == f"Topic 'alerts'.link verbs must be among Publish; got {verbs[-1]!r}"

    record(program)


@preview_and_up
def test_an_existing_topic_creates_nothing_and_can_be_published_to(*, preview: bool) -> None:
    def program() -> Topic:
        return Topic.from_arn("old", EXISTING, publishers=[CLOUDWATCH], kms_key_arn="arn:key")

    found = record(program, preview=preview)
    assert [item for item in found.resources if item.custom] == []
    assert found.component("old").outputs == {"topicArn": EXISTING, "topicName": "legacy"}

    def link() -> Link:
        topic = program()
        assert topic.publishers == (CLOUDWATCH,)
        return topic.link("Publish")

    resolved = resolve(link, preview=preview)
    assert resolved.statements == [
        (["sns:Publish"], [EXISTING]),
        (["kms:Decrypt", "kms:GenerateDataKey"], ["arn:key"]),
    ]
    assert resolved.environment == {"OLD_TOPIC_ARN": EXISTING}


def test_an_existing_topic_is_no_resource_of_the_program() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            _ = Topic.from_arn("old", EXISTING).topic
        assert str(refusal.value) == "Topic 'old' came from_arn: it is not a resource of this program"

    record(program)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: TopicArgs(publishers=["cloudwatch"]),
            (
                "TopicArgs.publishers must be AWS services such as 'cloudwatch.amazonaws.com', "
                "got 'cloudwatch'; a function publishes by its link"
            ),
        ),
        (
            lambda: TopicArgs(subscriptions=[to_email(), to_email()]),
            SAME_NAME + "got 'email': pass name",
        ),
        (
            lambda: TopicArgs(subscriptions=[to_email(name="key")]),
            SAME_NAME + "got 'key': pass name",
        ),
        (
            lambda: TopicArgs(content_based_deduplication=True),
            "TopicArgs.content_based_deduplication must be False unless fifo is True",
        ),
        (
            lambda: TopicArgs(fifo=True, subscriptions=[to_email()]),
            (
                "TopicArgs.subscriptions of a FIFO topic must be queues, got 'email' with email; "
                "put a queue between"
            ),
        ),
        (
            lambda: TopicArgs(display_name="x" * 101),
            "TopicArgs.display_name must be 1-100 characters, got 101 characters",
        ),
        (
            lambda: to_email(raw_delivery=True),
            "Subscription.raw_delivery must be False for email; https and sqs can have it",
        ),
        (
            lambda: to_phone(raw_delivery=True),
            "Subscription.raw_delivery must be False for application; https and sqs can have it",
        ),
        (
            lambda: to_email(filter_policy={}),
            "Subscription.filter_policy must have 1-5 attributes, got 0",
        ),
        (
            lambda: to_email(filter_policy={"type": []}),
            "Subscription.filter_policy['type'] must list at least one accepted value",
        ),
        (
            lambda: to_email(filter_policy={"a": list(range(31)), "b": list(range(5))}),
            (
                "Subscription.filter_policy must have at most 150 combinations of values, got 155; "
                "split the subscription"
            ),
        ),
        (
            lambda: to_email(name="On Call"),
            "Subscription.name must be lower-case letters and digits in parts joined by '-', got 'On Call'",
        ),
        (
            lambda: Subscription.email("nobody"),
            "Subscription.email address must be an e-mail address, got 'nobody'",
        ),
        (
            lambda: Subscription.https("http://example.com"),
            "Subscription.https url must start with https://, got 'http://example.com'",
        ),
        (
            lambda: Subscription.mobile_push(EXISTING),
            (
                "Subscription.mobile_push endpoint_arn must be the ARN of a platform endpoint, "
                f"arn:aws:sns:...:endpoint/..., got {EXISTING!r}"
            ),
        ),
        (
            lambda: Topic.from_arn("old", "legacy"),
            "Topic.from_arn topic_arn must be the ARN of a topic, got 'legacy'",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        wrong()
    assert str(refusal.value) == message


def test_rejects_one_queue_twice_since_it_has_one_policy() -> None:
    def program() -> None:
        queue = aws.sqs.Queue("inbox")
        with pytest.raises(ArgumentError) as refusal:
            TopicArgs(subscriptions=[Subscription.queue(queue), Subscription.queue(queue, name="again")])
        assert str(refusal.value) == (
            "TopicArgs.subscriptions must name each queue once: its policy can only be set once"
        )

    record(program)


@given(st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.integers(), max_size=8), max_size=7))
def test_a_filter_is_taken_exactly_within_the_limits_of_sns(policy: dict[str, list[int]]) -> None:
    combinations = 1
    for values in policy.values():
        combinations *= len(values)
    if 1 <= len(policy) <= 5 and 1 <= combinations <= 150:
        assert to_email(filter_policy=policy).filter_policy == policy
    else:
        with pytest.raises(ArgumentError, match=r"^Subscription\.filter_policy"):
            to_email(filter_policy=policy)


@given(st.from_regex(r"[a-z0-9.:/*-]{0,30}", fullmatch=True))
def test_only_aws_services_are_publishers(publisher: str) -> None:
    assume(not publisher.removesuffix(".cn").endswith(".amazonaws.com"))
    with pytest.raises(ArgumentError, match=r"^TopicArgs\.publishers must be AWS services"):
        TopicArgs(publishers=[publisher])
