"""What belongs to a user, newest first: pages of it, and marking one item as read.

Messages and notifications are kept alike: an id and `userId` as the key, an index on `userId` and
`createdAt`, and the flag `read`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.shared import clock, cursors, problems
from handlers.shared.attributes import Item, Plain, from_item
from handlers.shared.aws import DynamoDB
from handlers.shared.writes import ConditionFailedError, write

INDEX = "userId-createdAt-index"

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
PARAMETERS = ("limit", "cursor", "userId")
"""The query parameters of a list."""


@dataclass(frozen=True, slots=True)
class Box:
    """A table of things that belong to users."""

    table: str
    kind: str
    """`message` or `notification`."""

    key: str
    """The attribute of the partition key."""

    has_updated_at: bool


def limit(query: Mapping[str, object]) -> int:
    """How many items a page holds."""
    value = query.get("limit", str(DEFAULT_LIMIT))
    digits = (
        isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_LIMIT))
    )
    if not digits or not 1 <= int(str(value)) <= MAX_LIMIT:
        raise problems.invalid_field("limit", f"a whole number from 1 to {MAX_LIMIT}")
    return int(str(value))


def page(dynamodb: DynamoDB, box: Box, user_id: str, query: Mapping[str, object]) -> dict[str, object]:
    """One page of a user's things: `items`, and `nextCursor` when there are more.

    A page may hold fewer than `limit` although there are more: DynamoDB reads 1 MB at a time.
    """
    wanted = limit(query)
    request: dict[str, object] = {
        "TableName": box.table,
        "IndexName": INDEX,
        "KeyConditionExpression": "userId = :user",
        "ExpressionAttributeValues": {":user": {"S": user_id}},
        "ScanIndexForward": False,
        # One more than is shown tells whether there is a next page; the last page has no cursor.
        "Limit": wanted + 1,
    }
    if "cursor" in query:
        position = cursors.read(box.kind, user_id, query["cursor"])
        request["ExclusiveStartKey"] = {
            box.key: {"S": position.item_id},
            "userId": {"S": user_id},
            "createdAt": {"S": position.created_at},
        }
    answer = dynamodb.query(**request)
    found: list[Item] = answer["Items"]
    shown = found[:wanted]
    result: dict[str, object] = {"items": [from_item(item) for item in shown]}
    if shown and (len(found) > wanted or "LastEvaluatedKey" in answer):
        last = cursors.Position(shown[-1]["createdAt"]["S"], shown[-1][box.key]["S"])
        result["nextCursor"] = cursors.write(box.kind, user_id, last)
    return result


def mark_read(dynamodb: DynamoDB, box: Box, item_id: str, user_id: str) -> dict[str, Plain]:
    """Sets `read`, and returns the item. Done twice it changes nothing, `updatedAt` included.

    Raises:
        Problem: the user has no such item (404).
    """
    update = "SET #read = :true"
    values: dict[str, object] = {":true": {"BOOL": True}, ":false": {"BOOL": False}}
    if box.has_updated_at:
        update += ", updatedAt = :now"
        values[":now"] = {"S": clock.timestamp(clock.now())}
    try:
        answer = write(
            dynamodb.update_item,
            TableName=box.table,
            Key={box.key: {"S": item_id}, "userId": {"S": user_id}},
            UpdateExpression=update,
            ConditionExpression="#read = :false",  # false as well when there is no item
            ExpressionAttributeNames={"#read": "read"},
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
        )
    except ConditionFailedError as failed:
        if failed.item is None:
            raise problems.not_found(f"There is no such {box.kind}.") from None
        return from_item(failed.item)
    return from_item(answer["Attributes"])
