"""`POST /users`: creates a user."""

from handlers.asset_api import times, transactions, user
from handlers.asset_api.entry import http
from handlers.shared import aws
from handlers.shared.attributes import Plain
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """201 with the user and its Location; 409 when another user has the e-mail address."""
    now = times.now()
    return create(request.caller.user_id, user.read(request.body, now), now)


def create(owner_id: str, values: dict[str, Plain], now: int) -> Answer:
    """Stores a new user and takes its address, or neither."""
    made = user.new(owner_id, values, now)
    item = user.stored(made)
    put = {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(userId)"}
    if transactions.commit(DYNAMODB, [{"Put": put}, user.put_guard(TABLE, made, now)]):
        raise user.in_use()
    return Answer(201, user.show(item), {"location": f"/users/{made['userId']}"})
