"""SQS queues."""

from __future__ import annotations

from backplane.local.provider.policies import TLS_NOT_EMULATED, without_tls
from backplane.local.provider.table import Inputs, Naming, Row, Template

_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _queue(inputs: Inputs) -> None:
    for name in ("fifoQueue", "contentBasedDeduplication"):
        if inputs.get(name) is False:  # a standard queue has no such attribute, not even a false one
            del inputs[name]
    without_tls(inputs)


ROWS = (
    Row(
        type="aws:sqs/queue:Queue",
        service="sqs",
        create="CreateQueue",
        id="out.QueueUrl",
        name=Naming(limit=80, fifo="fifoQueue", prefix_input="namePrefix"),
        rename={"name": "QueueName", **{key: f"Attributes.{name}" for key, name in _ATTRIBUTES.items()}},
        reshape=_queue,
        outputs={"arn": Template("arn:aws:sqs:{region}:{account}:{in[name]}"), "url": "out.QueueUrl"},
        defaults={
            "deduplicationScope": "",
            "fifoThroughputLimit": "",
            "kmsDataKeyReusePeriodSeconds": 300,
            "policy": "",
            "redriveAllowPolicy": "",
            "redrivePolicy": "",
            "sqsManagedSseEnabled": True,
        },
        inputs_not_emulated=TLS_NOT_EMULATED,
    ),
    Row(
        type="aws:sqs/queuePolicy:QueuePolicy",
        service="sqs",
        create="SetQueueAttributes",
        id="in.queueUrl",
        rename={"policy": "Attributes.Policy"},
        reshape=without_tls,
        inputs_not_emulated=TLS_NOT_EMULATED,
    ),
)
