"""A user: what it may hold, how it is stored, and the guard that keeps its e-mail address unique.

The guard is an item of the same table whose id is made of the address. DynamoDB keeps ids unique, and a
transaction writes user and guard together: https://aws.amazon.com/blogs/database/simulating-amazon-dynamodb-unique-constraints-using-transactions/
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from handlers.asset_api import bodies, pages, times
from handlers.shared import problems
from handlers.shared.attributes import Item, Plain, from_item, to_item
from handlers.shared.aws import DynamoDB
from handlers.shared.events import Caller
from handlers.shared.problems import FieldError, Problem

ENTITY = "user"
MAX_NAME = 100
MAX_DEPARTMENT = 100
MAX_TTL = 9_999_999_999
"""Seconds since 1970, in the year 2286: more digits would be milliseconds by mistake."""

_SHOWN = ("userId", "email", "name", "department", "ownerId", "createdAt", "updatedAt", "ttl")


def read(body: bytes, now: int) -> dict[str, Plain]:
    """The values that a client sets, the e-mail address in lower case."""
    values = bodies.read(
        body,
        bodies.Field("email", bodies.address),
        bodies.Field("name", bodies.text(MAX_NAME)),
        bodies.Field("department", bodies.text(MAX_DEPARTMENT), optional=True),
        bodies.Field("ttl", _later_than(now), optional=True),
    )
    user = {"email": values["email"].lower(), "name": values["name"]}
    if "department" in values:
        user["department"] = values["department"]
    return user | ({"ttl": int(values["ttl"])} if "ttl" in values else {})


def _later_than(now: int) -> bodies.Check:
    in_range = bodies.whole(now // times.SECOND + 1, MAX_TTL)

    def check_value(field: str, value: object) -> FieldError | None:
        wrong = in_range(field, value)
        return wrong and FieldError(field, "seconds since 1970, whole and in the future")

    return check_value


def new(owner_id: str, values: Mapping[str, Plain], now: int) -> dict[str, Plain]:
    """A new user."""
    made: dict[str, Plain] = {"userId": str(uuid.uuid4()), "ownerId": owner_id}
    return made | dict(values) | {"createdAt": now, "updatedAt": now}


def stored(user: Mapping[str, Plain]) -> Item:
    """The user as its item."""
    return to_item({**user, pages.ENTITY: ENTITY})


def show(item: Item) -> dict[str, Plain]:
    """The user as answers show it."""
    values = from_item(item)
    return {name: values[name] for name in _SHOWN if name in values}


def find(dynamodb: DynamoDB, table: str, user_id: str, caller: Caller, now: int) -> Item:
    """The item of a user as last written.

    Raises:
        Problem: there is none that the caller may see (404).
    """
    answer = dynamodb.get_item(TableName=table, Key=key(user_id), ConsistentRead=True)
    item: Item = answer.get("Item", {})
    if not item or is_expired(item, now) or not caller.may_act_for(item["ownerId"]["S"]):
        raise missing()
    return item


def missing() -> Problem:
    """404."""
    return problems.not_found("There is no such user.")


def in_use() -> Problem:
    """409: somebody has the e-mail address."""
    error = FieldError("email", "in use")
    return problems.conflict("Another user has this e-mail address.", error)


def is_expired(item: Item, now: int) -> bool:
    """Whether DynamoDB is about to remove the item; it takes up to some days."""
    return "ttl" in item and int(item["ttl"]["N"]) * times.SECOND <= now


def key(user_id: str) -> Item:
    """The key of a user, or of a guard."""
    return to_item({"userId": user_id})


def guard_id(email: str) -> str:
    """The id of an address's guard. No user has it: ids of users hold no `#`."""
    return f"email#{hashlib.sha256(email.encode()).hexdigest()}"


def put_guard(table: str, user: Mapping[str, Plain], now: int) -> dict[str, Any]:
    """The action that takes an address for a user, if it is free, expired or the user's already."""
    item: dict[str, Plain] = {"userId": guard_id(str(user["email"])), "holderId": user["userId"]}
    if "ttl" in user:
        item["ttl"] = user["ttl"]
    return {
        "Put": {
            "TableName": table,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(userId) OR holderId = :user OR #ttl <= :seconds",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": to_item({":user": user["userId"], ":seconds": now // times.SECOND}),
        }
    }


def delete_guard(table: str, email: str, user_id: str) -> dict[str, Any]:
    """The action that frees an address, unless another user has it by now."""
    return {
        "Delete": {
            "TableName": table,
            "Key": key(guard_id(email)),
            "ConditionExpression": "attribute_not_exists(userId) OR holderId = :user",
            "ExpressionAttributeValues": to_item({":user": user_id}),
        }
    }
