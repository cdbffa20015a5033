"""`PUT /users/{userId}`: replaces a user."""

from typing import Any

from handlers.asset_api import times, transactions, user
from handlers.asset_api.entry import http
from handlers.shared import aws, problems
from handlers.shared.attributes import Item, Plain, to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import attempts

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()

_REPLACED = ("email", "name", "department", "ttl", "updatedAt")
_USER = 0
_ADDRESS = 1


@http()
def handler(request: Request) -> Answer:
    """200 with the user; 404 when there is none that the caller may change; 409 for an address in use."""
    now = times.now()
    user_id = request.path_id("userId")
    values = user.read(request.body, now) | {"updatedAt": now}
    for _ in attempts():
        found = user.find(DYNAMODB, TABLE, user_id, request.caller, now)
        failed = transactions.commit(DYNAMODB, _actions(found, values, now))
        if not failed:
            kept = {name: value for name, value in found.items() if name not in _REPLACED}
            return Answer(200, user.show(kept | to_item(values)))
        if failed[_ADDRESS] and not failed[_USER]:
            raise user.in_use()
        # Somebody changed or removed the user since it was read: its guard may be another one now.
    raise problems.busy()


def _actions(found: Item, values: dict[str, Plain], now: int) -> list[dict[str, Any]]:
    """The changed user, the guard of its address, and the end of the guard that it no longer needs."""
    user_id, before = found["userId"]["S"], found["email"]["S"]
    actions = [_update(found, values), user.put_guard(TABLE, {**values, "userId": user_id}, now)]
    if before != values["email"]:
        actions.append(user.delete_guard(TABLE, before, user_id))
    return actions


def _update(found: Item, values: dict[str, Plain]) -> dict[str, Any]:
    removed = [name for name in _REPLACED if name not in values]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    return {
        "Update": {
            "TableName": TABLE,
            "Key": {"userId": found["userId"]},
            "UpdateExpression": expression,
            "ConditionExpression": "#email = :before",
            "ExpressionAttributeNames": {f"#{name}": name for name in _REPLACED},
            "ExpressionAttributeValues": {
                **to_item({f":{name}": value for name, value in values.items()}),
                ":before": found["email"],
            },
        }
    }
