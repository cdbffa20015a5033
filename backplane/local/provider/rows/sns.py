"""SNS topics and subscriptions."""

from __future__ import annotations

from backplane.local.provider.policies import TLS_NOT_EMULATED, without_tls
from backplane.local.provider.table import Naming, Read, Row

_SENDERS = {
    "application": "Application",
    "firehose": "Firehose",
    "http": "HTTP",
    "lambda": "Lambda",
    "sqs": "SQS",
}
_FEEDBACK = ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")


def _attributes(*names: str) -> dict[str, str]:
    return {name: f"Attributes.{name[0].upper()}{name[1:]}" for name in names}


ROWS = (
    Row(
        type="aws:sns/topic:Topic",
        service="sns",
        create="CreateTopic",
        id="out.TopicArn",
        name=Naming(limit=256, fifo="fifoTopic", prefix_input="namePrefix"),
        rename={
            **_attributes("archivePolicy", "contentBasedDeduplication", "deliveryPolicy", "displayName"),
            **_attributes("fifoThroughputScope", "fifoTopic", "kmsMasterKeyId", "maximumMessageSize"),
            **_attributes("policy", "signatureVersion", "tracingConfig"),
            **{
                f"{sender}{kind}": f"Attributes.{member}{kind}"
                for sender, member in _SENDERS.items()
                for kind in _FEEDBACK
            },
        },
        reshape=without_tls,
        lookups={"got": Read(operation="GetTopicAttributes", given={"TopicArn": "id"})},
        outputs={
            "arn": "id",
            "owner": "account",
            "policy": "in.policy || got.Attributes.Policy",
            "name": "in.name || got.Attributes.Name",
        },
        defaults={
            "beginningArchiveTime": "",
            "fifoThroughputScope": "",
            "maximumMessageSize": 262_144,
            "signatureVersion": 1,
            "tracingConfig": "PassThrough",
        },
        inputs_not_emulated={
            "deliveryPolicy": "deliveries are not retried",
            **TLS_NOT_EMULATED,
            "tracingConfig=Active": "no traces",
            **{f"{sender}FailureFeedbackRoleArn": "no delivery logs" for sender in _SENDERS},
            **{f"{sender}SuccessFeedbackRoleArn": "no delivery logs" for sender in _SENDERS},
        },
    ),
    Row(
        type="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        create="SetTopicAttributes",
        id="in.arn",
        rename={"arn": "TopicArn", "policy": "AttributeValue"},
        reshape=without_tls,
        given={"AttributeName": "'Policy'"},
        outputs={"owner": "account"},
        inputs_not_emulated=TLS_NOT_EMULATED,
    ),
    Row(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        create="Subscribe",
        id="out.SubscriptionArn",
        rename={
            "topic": "TopicArn",
            **_attributes("deliveryPolicy", "filterPolicy", "filterPolicyScope", "rawMessageDelivery"),
            **_attributes("redrivePolicy", "replayPolicy", "subscriptionRoleArn"),
        },
        dropped={
            "confirmationTimeoutInMinutes": "subscriptions confirm themselves here",
            "endpointAutoConfirms": "subscriptions confirm themselves here",
        },
        given={"ReturnSubscriptionArn": "`true`"},
        outputs={"arn": "id", "ownerId": "account"},
        defaults={
            "confirmationWasAuthenticated": True,
            "filterPolicyScope": "",
            "pendingConfirmation": False,
        },
        inputs_not_emulated={
            "protocol=application": "nothing reaches a phone",
            "protocol=email": "confirms itself, and no mail leaves this machine",
            "protocol=email-json": "confirms itself, and no mail leaves this machine",
            "protocol=sms": "nothing reaches a phone",
        },
    ),
)
