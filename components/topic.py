"""An SNS topic: encrypted, reachable over TLS alone, with its subscribers and the services that may publish.

Creates the topic and its policy; a KMS key where AWS services publish, since they cannot use the key that AWS
keeps for SNS; for each subscription the subscription itself and what lets exactly this topic deliver: the
policy of a queue, the permission of a function.

Costs: $0.50 a million publishes, then by delivery (https://aws.amazon.com/sns/pricing/); its own key about
$1 a month and its requests. Without traffic and without publishers it costs nothing.

Does not offer SMS, which needs a spending limit and an origination number, nor plain HTTP.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Component, ComponentArgs, Input, Shape
from components._links import Link, Statement, check_verbs, environment_name

__all__ = ["Subscription", "Topic", "TopicArgs"]

# https://docs.aws.amazon.com/general/latest/gr/sns.html
MAX_FILTER_ATTRIBUTES = 5
MAX_FILTER_COMBINATIONS = 150
# https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
MAX_DISPLAY_NAME_LENGTH = 100

AWS_MANAGED_KEY = "alias/aws/sns"
"""The key that AWS keeps for SNS in each account: free, open to the account's roles, closed to services."""

_VERBS = ("Publish",)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PUBLISHER = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
_ENDPOINT_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:endpoint/\S+")
_RAW_PROTOCOLS = ("https", "sqs")


class _HasAlias(Protocol):
    """What a subscription needs of a `Function`, which itself takes a `Topic` for its dead letters."""

    @property
    def name(self) -> str: ...

    @property
    def alias(self) -> aws.lambda_.Alias: ...


class Subscription(Shape):
    """Who gets the messages.

    Made by `email`, `https`, `queue`, `function` or `mobile_push`, which take the settings below by name.
    """

    name: str
    """Name of the subscription within its topic, which names the child; by default its kind, or the
    function's name. A change replaces the subscription."""

    protocol: Literal["email", "https", "sqs", "lambda", "application"]
    """How SNS delivers. A change replaces the subscription.
    https://docs.aws.amazon.com/sns/latest/dg/sns-event-destinations.html"""

    endpoint: Input[str]
    """Where to: an address, a URL or an ARN. A change replaces the subscription."""

    sqs_queue: aws.sqs.Queue | None = None
    """The queue whose policy the topic sets, so that it may deliver."""

    lambda_alias: aws.lambda_.Alias | None = None
    """The alias of the function that the topic may invoke."""

    filter_policy: Mapping[str, Sequence[Any]] | None = None
    """Which messages are delivered: for each attribute the accepted values; at most 5 attributes and 150
    combinations. Unset: all. Takes up to 15 minutes to apply.
    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""

    filter_on: Literal["MessageAttributes", "MessageBody"] = "MessageAttributes"
    """Where the filter looks. Filtering on the body costs $0.09 a GB."""

    raw_delivery: bool = False
    """Deliver the message alone, without the envelope of SNS; queues and https only.
    https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html"""

    @classmethod
    def email(cls, address: Input[str], *, name: str = "email", **settings: Any) -> Subscription:
        """Mail to an address, whose owner has to confirm first; a stack can't do that for them."""
        if isinstance(address, str) and not _EMAIL.fullmatch(address):
            raise ArgumentError(f"Subscription.email address must be an e-mail address, got {address!r}")
        return cls(name=name, protocol="email", endpoint=address, **settings)

    @classmethod
    def https(cls, url: Input[str], *, name: str = "https", **settings: Any) -> Subscription:
        """A POST to a URL, which has to confirm first. A secret in the URL belongs in a secret output."""
        if isinstance(url, str) and not url.startswith("https://"):
            raise ArgumentError(f"Subscription.https url must start with https://, got {url!r}")
        return cls(name=name, protocol="https", endpoint=url, **settings)

    @classmethod
    def queue(cls, queue: aws.sqs.Queue, *, name: str = "queue", **settings: Any) -> Subscription:
        """A queue. The topic sets the queue's policy, and a queue has only one: subscribe it to one topic.

        A queue under a customer key needs a key policy that admits `sns.amazonaws.com`.
        """
        return cls(name=name, protocol="sqs", endpoint=queue.arn, sqs_queue=queue, **settings)

    @classmethod
    def function(cls, function: _HasAlias, *, name: str | None = None, **settings: Any) -> Subscription:
        """A `Function`, by its alias, which SNS invokes asynchronously."""
        alias = function.alias
        return cls(
            name=name or function.name, protocol="lambda", endpoint=alias.arn, lambda_alias=alias, **settings
        )

    @classmethod
    def mobile_push(
        cls, endpoint_arn: Input[str], *, name: str = "mobile-push", **settings: Any
    ) -> Subscription:
        """A device: the endpoint of a platform application, which the app registers at run time.

        https://docs.aws.amazon.com/sns/latest/dg/mobile-platform-endpoint.html
        """
        if isinstance(endpoint_arn, str) and not _ENDPOINT_ARN.fullmatch(endpoint_arn):
            raise ArgumentError(
                f"Subscription.mobile_push endpoint_arn must be the ARN of a platform endpoint, "
                f"arn:aws:sns:...:endpoint/..., got {endpoint_arn!r}"
            )
        return cls(name=name, protocol="application", endpoint=endpoint_arn, **settings)

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"must be lower-case letters and digits in parts joined by '-', got {name!r}")
        return name

    @pydantic.model_validator(mode="after")
    def _settings_suit_protocol(self) -> Subscription:
        if self.raw_delivery and self.protocol not in _RAW_PROTOCOLS:
            raise ValueError(f"raw_delivery must be False for {self.protocol}; https and sqs can have it")
        if self.filter_policy is not None:
            _check_filter(self.filter_policy)
        return self


class TopicArgs(ComponentArgs):
    """Arguments of `Topic`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {
        "topic": aws.sns.Topic,
        "policy": aws.sns.TopicPolicy,
        "key": aws.kms.Key,
    }

    subscriptions: Sequence[Subscription] = ()
    """Who gets the messages. Deliveries to queues and functions are free; e-mail and https cost by the
    message. https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html"""

    publishers: Sequence[str] = ()
    """AWS services that may publish for this account, such as `cloudwatch.amazonaws.com`. They need a
    customer key: without `kms_key` the topic makes its own, which costs about $1 a month. A service that does
    not say for which account it acts (`aws:SourceAccount`) stays out.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"""

    kms_key: aws.kms.Key | None = None
    """Customer key to encrypt with; its policy has to admit the `publishers`. Unset: a key of the topic's own
    where there are publishers, otherwise the one that AWS keeps for SNS, free of charge.
    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html"""

    display_name: str | None = None
    """Sender name of the topic's e-mails, at most 100 characters. Unset: AWS's own."""

    fifo: bool = False
    """Deliver in order and once, to queues only. Costs by the GB; a change replaces the topic.
    https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html"""

    content_based_deduplication: bool = False
    """Take the same body within 5 minutes for the same message; FIFO topics only."""

    @pydantic.field_validator("publishers")
    @classmethod
    def _publishers_are_services(cls, publishers: Sequence[str]) -> Sequence[str]:
        for publisher in publishers:
            if not _PUBLISHER.fullmatch(publisher):
                raise ValueError(
                    f"must be AWS services such as 'cloudwatch.amazonaws.com', got {publisher!r}; "
                    "a function publishes by its link"
                )
        return publishers

    @pydantic.field_validator("display_name")
    @classmethod
    def _display_name_fits(cls, display_name: str | None) -> str | None:
        if display_name is not None and not 1 <= len(display_name) <= MAX_DISPLAY_NAME_LENGTH:
            raise ValueError(
                f"must be 1-{MAX_DISPLAY_NAME_LENGTH} characters, got {len(display_name)} characters"
            )
        return display_name

    @pydantic.model_validator(mode="after")
    def _subscriptions_fit_together(self) -> TopicArgs:
        names = Counter(subscription.name for subscription in self.subscriptions)
        taken = [name for name, count in names.items() if count > 1 or name in ("key", "policy")]
        if taken:
            raise ValueError(
                f"subscriptions must differ in name, and from 'key' and 'policy', got {taken[0]!r}: pass name"
            )
        queues = Counter(id(item.sqs_queue) for item in self.subscriptions if item.sqs_queue)
        if any(count > 1 for count in queues.values()):
            raise ValueError("subscriptions must name each queue once: its policy can only be set once")
        return self

    @pydantic.model_validator(mode="after")
    def _fifo_fits(self) -> TopicArgs:
        if self.content_based_deduplication and not self.fifo:
            raise ValueError("content_based_deduplication must be False unless fifo is True")
        for subscription in self.subscriptions if self.fifo else ():
            if subscription.protocol != "sqs":
                raise ValueError(
                    f"subscriptions of a FIFO topic must be queues, got {subscription.name!r} "
                    f"with {subscription.protocol}; put a queue between"
                )
        return self


class Topic(Component):
    """An SNS topic whose link lets a function publish.

    Children: `topic`, `policy`, `key` where the topic has its own; `subscriptions`, `queue_policies` and
    `permissions` by the name of the subscription.
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic."""

    topic_name: pulumi.Output[str]
    """Physical name, which metrics carry."""

    publishers: tuple[str, ...]
    """AWS services that may publish, for whoever makes one of them do it."""

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.publishers = tuple(args.publishers)
        own_key = bool(args.publishers) and args.kms_key is None
        self.key: aws.kms.Key | None = self._create_key(args) if own_key else None
        key = args.kms_key or self.key
        self._topic: aws.sns.Topic | None = aws.sns.Topic(
            name,
            **args.overriding(
                "topic",
                kms_master_key_id=AWS_MANAGED_KEY if key is None else key.arn,
                # Version 1 signs with SHA-1.
                signature_version=2,
                display_name=args.display_name,
                fifo_topic=args.fifo or None,
                content_based_deduplication=args.content_based_deduplication or None,
            ),
            opts=self._child(),
        )
        self._expose(self.topic.arn, self.topic.name, None if key is None else key.arn)
        self.policy: aws.sns.TopicPolicy | None = aws.sns.TopicPolicy(
            f"{name}-policy",
            **args.overriding("policy", arn=self.topic.arn, policy=self._policy_document(args)),
            opts=self._child(),
        )
        self.queue_policies: dict[str, aws.sqs.QueuePolicy] = {}
        self.permissions: dict[str, aws.lambda_.Permission] = {}
        self.subscriptions: dict[str, aws.sns.TopicSubscription] = {}
        for subscription in args.subscriptions:
            self._subscribe(subscription)
        self._register()

    @classmethod
    def from_arn(
        cls,
        name: str,
        topic_arn: pulumi.Input[str],
        *,
        publishers: Sequence[str] = (),
        kms_key_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Topic:
        """A topic that this program does not own: nothing is created in AWS.

        Args:
            name: Name of the component, which names the variable of its link.
            topic_arn: ARN of the topic.
            publishers: AWS services that its policy, and its key's, allow to publish.
            kms_key_arn: The customer key that encrypts it.
            opts: Options of the component.
        """
        if isinstance(topic_arn, str) and not _TOPIC_ARN.fullmatch(topic_arn):
            raise ArgumentError(f"Topic.from_arn topic_arn must be the ARN of a topic, got {topic_arn!r}")
        self = cls.__new__(cls)
        Component.__init__(self, name, opts)
        self.publishers = tuple(publishers)
        self._topic = self.policy = self.key = None
        self.queue_policies, self.permissions, self.subscriptions = {}, {}, {}
        arn = pulumi.Output.from_input(topic_arn)
        self._expose(arn, arn.apply(lambda text: text.rsplit(":", 1)[-1]), kms_key_arn)
        self._register()
        return self

    @property
    def topic(self) -> aws.sns.Topic:
        """The topic; one that came in by ARN has none, and says so."""
        if self._topic is None:
            raise ArgumentError(f"Topic {self.name!r} came from_arn: it is not a resource of this program")
        return self._topic

    def link(self, *verbs: str) -> Link:
        """What a function may do: `Publish` to this topic, and use its customer key for that.

        The variable is `<NAME>_TOPIC_ARN`. The key that AWS keeps for SNS needs no permission.
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse

        Raises:
            ArgumentError: a verb other than `Publish`.
        """
        actions = tuple(f"sns:{verb}" for verb in check_verbs(f"Topic {self.name!r}", verbs, _VERBS))
        statements = [Statement(actions, (self.topic_arn,), names=(f"topic/{self.name}",))]
        if self._kms_key_arn is not None:
            key = (self._kms_key_arn,)
            statements.append(
                Statement(("kms:Decrypt", "kms:GenerateDataKey"), key, names=(f"key/{self.name}",))
            )
        return Link(tuple(statements), {environment_name(self.name, "TOPIC_ARN"): self.topic_arn})

    def _expose(
        self,
        topic_arn: pulumi.Output[str],
        topic_name: pulumi.Output[str],
        kms_key_arn: pulumi.Input[str] | None,
    ) -> None:
        self.topic_arn = topic_arn
        self.topic_name = topic_name
        self._kms_key_arn = kms_key_arn

    def _register(self) -> None:
        self.register_outputs({"topicArn": self.topic_arn, "topicName": self.topic_name})

    def _account(self) -> pulumi.Output[str]:
        return aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id

    def _create_key(self, args: TopicArgs) -> aws.kms.Key:
        account = self._account()
        policy = _document(
            {
                # AWS's own default: IAM decides who in this account may use and manage the key. In a key
                # policy the resource "*" is this key.
                # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": account},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "Publishers",
                "Effect": "Allow",
                "Principal": {"Service": sorted(set(args.publishers))},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            },
        )
        return aws.kms.Key(
            f"{self.name}-key",
            **args.overriding(
                "key",
                description=f"Messages of the topic {self.name}",
                enable_key_rotation=True,
                policy=policy,
            ),
            opts=self._child(),
        )

    def _policy_document(self, args: TopicArgs) -> pulumi.Output[str]:
        """TLS alone, and the services that may publish; a role of the account needs only its own policy."""
        statements: list[dict[str, Any]] = [
            {
                "Sid": "PublishOverTlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": self.topic_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "DeliverOverTlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Subscribe",
                "Resource": self.topic_arn,
                "Condition": {"StringEquals": {"sns:Protocol": "http"}},
            },
        ]
        if args.publishers:
            statements.append(
                {
                    "Sid": "Publishers",
                    "Effect": "Allow",
                    "Principal": {"Service": sorted(set(args.publishers))},
                    "Action": "sns:Publish",
                    "Resource": self.topic_arn,
                    "Condition": {"StringEquals": {"aws:SourceAccount": self._account()}},
                }
            )
        return _document(*statements)

    def _subscribe(self, subscription: Subscription) -> None:
        child = f"{self.name}-{subscription.name}"
        gate: list[pulumi.Resource] = []
        if subscription.sqs_queue is not None:
            self.queue_policies[subscription.name] = self._let_topic_send(child, subscription.sqs_queue)
            gate.append(self.queue_policies[subscription.name])
        if subscription.lambda_alias is not None:
            self.permissions[subscription.name] = self._let_topic_invoke(child, subscription.lambda_alias)
            gate.append(self.permissions[subscription.name])
        filtered = subscription.filter_policy is not None
        self.subscriptions[subscription.name] = aws.sns.TopicSubscription(
            child,
            topic=self.topic_arn,
            protocol=subscription.protocol,
            endpoint=subscription.endpoint,
            filter_policy=pulumi.Output.json_dumps(subscription.filter_policy, sort_keys=True)
            if filtered
            else None,
            filter_policy_scope=subscription.filter_on if filtered else None,
            raw_message_delivery=subscription.raw_delivery or None,
            # A message that came before the permission would be lost.
            opts=self._child(depends_on=gate),
        )

    def _let_topic_send(self, child: str, queue: aws.sqs.Queue) -> aws.sqs.QueuePolicy:
        policy = _document(
            {
                "Sid": "Topic",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue.arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": self.topic_arn}},
            }
        )
        return aws.sqs.QueuePolicy(
            f"{child}-queue-policy", queue_url=queue.url, policy=policy, opts=self._child()
        )

    def _let_topic_invoke(self, child: str, alias: aws.lambda_.Alias) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            f"{child}-permission",
            action="lambda:InvokeFunction",
            function=alias.function_name,
            qualifier=alias.name,
            principal="sns.amazonaws.com",
            source_arn=self.topic_arn,
            opts=self._child(),
        )


def _document(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def _check_filter(policy: Mapping[str, Sequence[Any]]) -> None:
    if not 1 <= len(policy) <= MAX_FILTER_ATTRIBUTES:
        raise ValueError(f"filter_policy must have 1-{MAX_FILTER_ATTRIBUTES} attributes, got {len(policy)}")
    combinations = 1
    for attribute, values in policy.items():
        if not values:
            raise ValueError(f"filter_policy[{attribute!r}] must list at least one accepted value")
        combinations *= len(values)
    if combinations > MAX_FILTER_COMBINATIONS:
        raise ValueError(
            f"filter_policy must have at most {MAX_FILTER_COMBINATIONS} combinations of values, "
            f"got {combinations}; split the subscription"
        )
