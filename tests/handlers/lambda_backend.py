"""The functions over a real emulator: tables, a topic, and events in the form of API Gateway."""

import importlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import boto3
import pytest
from lambda_events import Context, Json, Reply, claims, http_event, reply

from backplane.local.emulator import REGION, Emulator

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}

# table: (partition key, sort key, index, key of the index, sort key of the index)
TABLES: dict[str, tuple[str, str | None, str | None, str | None, str | None]] = {
    "users": ("userId", None, None, None, None),
    "messages": ("messageId", "userId", "userId-createdAt-index", "userId", "createdAt"),
    "notifications": ("notificationId", "userId", "userId-createdAt-index", "userId", "createdAt"),
    "idempotency": ("id", None, None, None, None),
    "connections": ("connectionId", None, "userId-index", "userId", None),
}

ROUTES = {
    "POST /users": "users.create",
    "GET /users/{userId}": "users.get",
    "PUT /users/{userId}": "users.update",
    "DELETE /users/{userId}": "users.delete",
    "POST /messages": "messages.send",
    "GET /messages": "messages.list",
    "PUT /messages/{messageId}/read": "messages.read",
    "GET /notifications": "notifications.list",
    "PUT /notifications/{notificationId}/read": "notifications.read",
}
SOCKETS = ("connect", "disconnect", "default")


class Backend:
    """The functions, loaded once, and the tables they write to."""

    def __init__(self, endpoint: str, modules: dict[str, ModuleType], topic_queue: str) -> None:
        self.endpoint = endpoint
        self.modules = modules
        self.dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
        self._sqs = boto3.client("sqs", endpoint_url=endpoint, **KEYS)
        self._queue = topic_queue

    def call(
        self,
        route: str,
        user: str,
        body: Json = None,
        *,
        groups: list[str] | None = None,
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request of a user. Text and bytes are sent as they are, anything else as JSON."""
        raw = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        return self.send(route, http_event(claims(user, groups), raw, path, query, headers))

    def send(self, route: str, event: dict[str, Any], context: object = None) -> Reply:
        return reply(self.modules[route].handler(event, context or Context()))

    def user(self, **profile: Any) -> str:
        """A new user with a profile."""
        user_id = str(uuid.uuid4())
        names = {"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"}
        assert self.call("POST /users", user_id, names | profile).status == 201
        return user_id

    def message(self, sender: str, recipient: str, content: str = "hello") -> Json:
        sent = self.call("POST /messages", sender, {"recipientId": recipient, "content": content})
        assert sent.status == 201
        return sent.body

    def items(self, table: str) -> list[dict[str, Any]]:
        """All that a table holds."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that all tables hold, to show that a request wrote nothing."""
        return {table: sorted(self.items(table), key=str) for table in TABLES}

    def published(self) -> list[Json]:
        """What was published to the topic since the last look."""
        found = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found


def make_tables(endpoint: str) -> None:
    dynamodb = boto3.client("dynamodb", endpoint_url=endpoint, **KEYS)
    for name, (key, sort, index, index_key, index_sort) in TABLES.items():
        attributes = {attribute for attribute in (key, sort, index_key, index_sort) if attribute}
        request: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in sorted(attributes)],
            "KeySchema": key_schema(key, sort),
        }
        if index and index_key:
            schema = key_schema(index_key, index_sort)
            everything = {"ProjectionType": "ALL"}
            request["GlobalSecondaryIndexes"] = [
                {"IndexName": index, "KeySchema": schema, "Projection": everything}
            ]
        dynamodb.create_table(**request)


def key_schema(key: str, sort: str | None) -> list[dict[str, str]]:
    schema = [{"AttributeName": key, "KeyType": "HASH"}]
    return [*schema, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else schema


def make_topic(endpoint: str) -> tuple[str, str]:
    """A topic, and the queue that sees what is published to it."""
    sns = boto3.client("sns", endpoint_url=endpoint, **KEYS)
    sqs = boto3.client("sqs", endpoint_url=endpoint, **KEYS)
    topic: str = sns.create_topic(Name="notifications")["TopicArn"]
    queue: str = sqs.create_queue(QueueName="published")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def variables(endpoint: str, topic: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "USERS_TABLE": "users",
        "MESSAGES_TABLE": "messages",
        "NOTIFICATIONS_TABLE": "notifications",
        "IDEMPOTENCY_TABLE": "idempotency",
        "REALTIME_CONNECTIONS_TABLE": "connections",
        "REALTIME_ENDPOINT": f"{endpoint}/_aws/execute-api/none/live",
        "NOTIFICATIONS_TOPIC_ARN": topic,
    }


@contextmanager
def running() -> Iterator[Backend]:
    """The backend over an emulator of its own."""
    with Emulator() as emulator:
        make_tables(emulator.endpoint)
        topic, queue = make_topic(emulator.endpoint)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables(emulator.endpoint, topic).items():
                patch.setenv(name, value)
            modules = {route: importlib.import_module(f"handlers.{name}") for route, name in ROUTES.items()}
            modules |= {name: importlib.import_module(f"handlers.realtime.{name}") for name in SOCKETS}
            make_lazy_clients(modules["POST /messages"])
        yield Backend(emulator.endpoint, modules, queue)


def make_lazy_clients(send: ModuleType) -> None:
    """Makes the clients that wait for the first message, while the settings of this emulator hold."""
    for make in (send.CHANNELS.topics, send.CHANNELS.dynamodb, send.CHANNELS.sockets):
        make()
