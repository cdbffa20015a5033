"""Telling the recipient of a stored message: the topic for push, the sockets that are open now.

The message is in its table whatever happens here: failures go into the log line, never to the sender.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from handlers.shared import aws
from handlers.shared.attributes import Plain
from handlers.shared.clock import epoch
from handlers.shared.logs import describe

INDEX = "userId-index"

_FAILURES = (*aws.AWS_FAILURES, ValueError)  # ValueError: an endpoint that is no address

RESERVE_SECONDS = 1.0
"""What is kept of the function's time for the answer: no call begins that could use it up."""


GONE = "GoneException"
"""API Gateway's word for a connection that is no more."""


@dataclass(frozen=True, slots=True)
class Channels:
    """How recipients are reached. Clients are made when they are needed."""

    topic_arn: str
    topics: Callable[[], aws.Topics]
    connections_table: str
    dynamodb: Callable[[], aws.DynamoDB]
    sockets: Callable[[], aws.Connections]


class Report:
    """What became of it: numbers and codes for the log line."""

    def __init__(self, seconds_left: Callable[[], float]) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self._seconds_left = seconds_left

    def attempt(self, what: str, call: Callable[[], object]) -> str | None:
        """Makes a call if there is time for it.

        Returns:
            `None` when it was made, or why not: AWS's code, or the exception's type.
        """
        if self._seconds_left() < aws.BRISK_SECONDS + RESERVE_SECONDS:
            self.counts["outOfTime"] += 1
            return "OutOfTime"
        try:
            call()
        except _FAILURES as error:
            if aws.code(error) != GONE:
                self.counts[f"{what}Failed"] += 1
                self.failures.append(f"{what}: {describe(error)}")
            return aws.code(error) or type(error).__name__
        self.counts[what] += 1
        return None


def tell(
    channels: Channels, message: dict[str, Plain], moment: datetime, seconds_left: Callable[[], float]
) -> Report:
    """Publishes to the topic, and sends the message down every live connection of its recipient."""
    report = Report(seconds_left)
    _publish(channels, message, report)
    _push(channels, message, moment, report)
    return report


def _publish(channels: Channels, message: dict[str, Plain], report: Report) -> None:
    # Ids and the time: whoever may read the message fetches its content.
    event = {"type": "message"} | {name: message[name] for name in ("messageId", "userId", "createdAt")}
    request = {
        "TopicArn": channels.topic_arn,
        "Message": json.dumps(event),
        "MessageAttributes": {"type": {"DataType": "String", "StringValue": "message"}},
    }
    report.attempt("published", lambda: channels.topics().publish(**request))


def _push(channels: Channels, message: dict[str, Plain], moment: datetime, report: Report) -> None:
    data = json.dumps({"type": "message", "message": message}, ensure_ascii=False).encode()

    def send(connection_id: str) -> None:
        channels.sockets().post_to_connection(ConnectionId=connection_id, Data=data)

    def forget(connection_id: str) -> None:
        key = {"connectionId": {"S": connection_id}}
        channels.dynamodb().delete_item(TableName=channels.connections_table, Key=key)

    for connection_id in _live(channels, str(message["userId"]), epoch(moment), report):
        if report.attempt("pushed", partial(send, connection_id)) == GONE:
            report.attempt("forgotten", partial(forget, connection_id))


def _live(channels: Channels, user_id: str, now: int, report: Report) -> Iterator[str]:
    request: dict[str, Any] = {
        "TableName": channels.connections_table,
        "IndexName": INDEX,
        "KeyConditionExpression": "userId = :user",
        "ExpressionAttributeValues": {":user": {"S": user_id}},
    }
    pages: list[dict[str, Any]] = []
    while report.attempt("queried", lambda: pages.append(channels.dynamodb().query(**request))) is None:
        page = pages.pop()
        for item in page["Items"]:
            if "expiresAt" not in item or int(item["expiresAt"]["N"]) > now:
                yield item["connectionId"]["S"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
