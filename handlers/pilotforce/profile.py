"""A profile: how it is stored, and shown."""

from collections.abc import Mapping
from typing import Any

from handlers.shared import problems
from handlers.shared.attributes import Item, Plain, from_item, to_item
from handlers.shared.problems import Problem

ENTITY = "profile"
"""The partition of `createdAt-index`: DynamoDB sorts within a partition only, so all items are in one."""

_SHOWN = ("userId", "email", "role", "name", "callSign", "bio", "createdAt", "updatedAt")


def update(values: Mapping[str, str]) -> dict[str, Any]:
    """The parts of an update that sets attributes, and removes those whose value is empty."""
    kept = {name: value for name, value in values.items() if value}
    removed = [f"#{name}" for name in values if name not in kept]
    expressions = [
        f"SET {', '.join(f'#{name} = :{name}' for name in kept)}" if kept else "",
        f"REMOVE {', '.join(removed)}" if removed else "",
    ]
    request: dict[str, Any] = {
        "UpdateExpression": " ".join(filter(None, expressions)),
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
    }
    if kept:
        request["ExpressionAttributeValues"] = to_item({f":{name}": value for name, value in kept.items()})
    return request


def show(item: Item) -> dict[str, Plain]:
    """The profile as answers show it."""
    values = from_item(item)
    return {name: values[name] for name in _SHOWN if name in values}


def key(user_id: str) -> Item:
    """The key of a profile."""
    return to_item({"userId": user_id})


def missing() -> Problem:
    """404."""
    return problems.not_found("There is no such profile.")
