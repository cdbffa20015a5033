"""What is published to a topic, seen by a queue that subscribes to it."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.running import Backend
from support.waiting import until


class Publications:
    def __init__(self, sqs: Any, queue: str) -> None:
        self._sqs = sqs
        self._queue = queue
        self._seen: list[dict[str, Any]] = []

    def until(self, message_id: str) -> list[dict[str, Any]]:
        """What was published for messages up to and with that one."""

        def arrived() -> bool:
            self._receive()
            return any(event["messageId"] == message_id for event in self._seen)

        until(arrived)
        return self._seen

    def _receive(self) -> None:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self._seen.append(json.loads(json.loads(message["Body"])["Message"]))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def publications(backend: Backend, topic: str) -> Iterator[Publications]:
    sqs, sns = backend.client("sqs"), backend.client("sns")
    queue = sqs.create_queue(QueueName=f"published-{uuid.uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    try:
        yield Publications(sqs, queue)
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)
