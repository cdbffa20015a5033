"""What belongs to a user, newest first: pages of it, and marking one item as read.

Messages and notifications are kept alike: an id and `userId` as the key, an index on `userId` and
`createdAt`, and the flag `read`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.shared import clock, pages, problems
from handlers.shared.attributes import Plain, from_item
from handlers.shared.aws import DynamoDB
from handlers.shared.writes import ConditionFailedError, write

INDEX = "userId-createdAt-index"

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


def page(dynamodb: DynamoDB, box: Box, user_id: str, query: Mapping[str, object]) -> dict[str, object]:
    """One page of a user's things: `items`, and `nextCursor` when there are more."""
    listing = pages.Listing(box.table, INDEX, ("userId", user_id), key=box.key, kind=box.kind)
    return pages.page(dynamodb, listing, query)


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
