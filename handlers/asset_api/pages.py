"""Lists, newest first, in pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.asset_api import cursors
from handlers.shared.attributes import Attribute, Item, Plain
from handlers.shared.aws import DynamoDB
from handlers.shared.events import Caller
from handlers.shared.pages import limit

OWNER_INDEX = "ownerId-createdAt-index"
CREATED_INDEX = "createdAt-index"
ENTITY = "entity"
"""The partition of `createdAt-index`: DynamoDB sorts within a partition only, so all items are in one."""

_MAX_QUERIES = 10
_FILTERED_COUNT = 100
"""How many items are read at a time once the filter has held some back."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: one partition of an index that is sorted by `createdAt`, and what of it is shown."""

    table: str
    index: str
    partition: tuple[str, str]
    """The attribute, and its value."""

    key: str
    """The attribute of the table's partition key."""

    shown: str = ""
    """The filter's expression, if there is one."""

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Attribute] = field(default_factory=dict)
    since: int = 0
    """What was created before isn't shown."""

    kind: str = ""
    """What tells its cursors from those of other filters of the same partition."""


def of_caller(caller: Caller, entity: str) -> tuple[str, tuple[str, str]]:
    """The index and the partition with what a caller may see: all, or what is the caller's own."""
    if caller.is_admin:
        return CREATED_INDEX, (ENTITY, entity)
    return OWNER_INDEX, ("ownerId", caller.user_id)


def page(
    dynamodb: DynamoDB,
    listing: Listing,
    query: Mapping[str, object],
    show: Callable[[Item], dict[str, Plain]],
) -> dict[str, object]:
    """One page: `items`, and `nextCursor` when there are more.

    A page may hold fewer than `limit` although there are more, when the filter lets few pass.
    """
    wanted = limit(query)
    name = "\n".join((listing.key, listing.index, *listing.partition, listing.kind))
    start = cursors.read(name, query["cursor"]) if "cursor" in query else None
    found: list[Item] = []
    # One more than is shown tells whether there is a next page; the last page has no cursor.
    for count in (wanted + 1, *[_FILTERED_COUNT] * (_MAX_QUERIES - 1)):
        answer = dynamodb.query(**_request(listing, start, count))
        found += answer["Items"]
        last = answer.get("LastEvaluatedKey")
        start = _position(listing, last) if last else None
        if start is None or len(found) > wanted:
            break
    result: dict[str, object] = {"items": [show(item) for item in found[:wanted]]}
    if len(found) > wanted:
        start = _position(listing, found[wanted - 1])
    if start is not None:
        result["nextCursor"] = cursors.write(name, start)
    return result


def _request(listing: Listing, start: cursors.Position | None, count: int) -> dict[str, Any]:
    attribute, value = listing.partition
    request: dict[str, Any] = {
        "TableName": listing.table,
        "IndexName": listing.index,
        "KeyConditionExpression": "#partition = :partition AND createdAt > :since",
        "ExpressionAttributeNames": {"#partition": attribute, **listing.names},
        "ExpressionAttributeValues": {
            ":partition": {"S": value},
            ":since": {"N": str(listing.since)},
            **listing.values,
        },
        "ScanIndexForward": False,
        "Limit": count,
    }
    if listing.shown:
        request["FilterExpression"] = listing.shown
    if start is not None:
        request["ExclusiveStartKey"] = {
            listing.key: {"S": start.item_id},
            attribute: {"S": value},
            "createdAt": {"N": str(start.created_at)},
        }
    return request


def _position(listing: Listing, item: Item) -> cursors.Position:
    return cursors.Position(int(item["createdAt"]["N"]), item[listing.key]["S"])
