"""The least that answers from DynamoDB with boto3: what cold starts are measured against."""

from __future__ import annotations

import json
import os

import boto3

TYPE_CHECKING = False  # importing typing would count
if TYPE_CHECKING:
    from typing import Any

CLIENT = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Put one item."""
    del context
    CLIENT.put_item(TableName=os.environ["USERS_TABLE"], Item={"userId": {"S": "1"}, "name": {"S": "Ada"}})
    print(json.dumps({"level": "info", "route": event["requestContext"]["routeKey"]}))
    return {"statusCode": 200, "body": json.dumps({"userId": "1"})}


def send(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The calls of `POST /messages`: a transaction, a topic, the recipient's connections."""
    put = {"Put": {"TableName": os.environ["MESSAGES_TABLE"], "Item": {"messageId": {"S": "1"}}}}
    CLIENT.transact_write_items(TransactItems=[put])
    boto3.client("sns").publish(TopicArn=os.environ["NOTIFICATIONS_TOPIC_ARN"], Message="{}")
    CLIENT.query(
        TableName=os.environ["REALTIME_CONNECTIONS_TABLE"],
        IndexName="userId-index",
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": "1"}},
    )
    del context
    print(json.dumps({"level": "info", "route": event["requestContext"]["routeKey"]}))
    return {"statusCode": 201, "body": json.dumps({"messageId": "1"})}
