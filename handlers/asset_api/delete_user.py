"""`DELETE /users/{userId}`: removes a user."""

from handlers.asset_api import times, transactions, user
from handlers.asset_api.entry import http
from handlers.shared import aws, problems
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import attempts

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """204, and the e-mail address is free again; 404 when there is none that the caller may remove."""
    user_id, now = request.path_id("userId"), times.now()
    for _ in attempts():
        found = user.find(DYNAMODB, TABLE, user_id, request.caller, now)
        delete = {
            "TableName": TABLE,
            "Key": user.key(user_id),
            "ConditionExpression": "email = :email",
            "ExpressionAttributeValues": {":email": found["email"]},
        }
        guard = user.delete_guard(TABLE, found["email"]["S"], user_id)
        if not transactions.commit(DYNAMODB, [{"Delete": delete}, guard]):
            return Answer(204)
        # Somebody changed or removed the user since it was read: its guard may be another one now.
    raise problems.busy()
