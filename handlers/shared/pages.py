"""Lists, newest first, in pages: one partition of an index that is sorted by `createdAt`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.shared import cursors, problems
from handlers.shared.attributes import Attribute, Item, from_item
from handlers.shared.aws import DynamoDB

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """What of a partition is shown."""

    expression: str
    names: Mapping[str, str]
    values: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed."""

    table: str
    index: str
    partition: tuple[str, str]
    """The index's partition key, and its value."""

    key: str
    """The attribute of the table's partition key."""

    kind: str
    """What tells its cursors from those of another list with the same value, in one word."""

    shown: Filter | None = None
    """Unset, all of it."""


def limit(query: Mapping[str, object]) -> int:
    """How many items a page holds."""
    value = query.get("limit", str(DEFAULT_LIMIT))
    digits = (
        isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_LIMIT))
    )
    if not digits or not 1 <= int(str(value)) <= MAX_LIMIT:
        raise problems.invalid_field("limit", f"a whole number from 1 to {MAX_LIMIT}")
    return int(str(value))


def page(
    dynamodb: DynamoDB,
    listing: Listing,
    query: Mapping[str, object],
    show: Callable[[Item], Mapping[str, object]] = from_item,
) -> dict[str, object]:
    """One page: `items`, and `nextCursor` when there are more.

    A page may hold fewer than `limit` although there are more: DynamoDB reads 1 MB at a time,
    and filters what it has read.
    """
    wanted = limit(query)
    attribute, value = listing.partition
    request: dict[str, Any] = {
        "TableName": listing.table,
        "IndexName": listing.index,
        "KeyConditionExpression": "#partition = :partition",
        "ExpressionAttributeNames": {"#partition": attribute},
        "ExpressionAttributeValues": {":partition": {"S": value}},
        "ScanIndexForward": False,
        # One more than is shown tells whether there is a next page; the last page has no cursor.
        "Limit": wanted + 1,
    }
    if listing.shown is not None:
        request["FilterExpression"] = listing.shown.expression
        request["ExpressionAttributeNames"] |= listing.shown.names
        request["ExpressionAttributeValues"] |= listing.shown.values
    if "cursor" in query:
        position = cursors.read(listing.kind, value, query["cursor"])
        request["ExclusiveStartKey"] = {
            listing.key: {"S": position.item_id},
            attribute: {"S": value},
            "createdAt": {"S": position.created_at},
        }
    answer = dynamodb.query(**request)
    found: list[Item] = answer["Items"]
    shown = found[:wanted]
    result: dict[str, object] = {"items": [show(item) for item in shown]}
    last = shown[-1] if len(found) > wanted else answer.get("LastEvaluatedKey")
    if last:
        position = cursors.Position(last["createdAt"]["S"], last[listing.key]["S"])
        result["nextCursor"] = cursors.write(listing.kind, value, position)
    return result
