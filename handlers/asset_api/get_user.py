"""`GET /users/{userId}`: a user."""

from handlers.asset_api import times, user
from handlers.asset_api.entry import http
from handlers.shared import aws
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """200 with the user; 404 when there is none that the caller may see."""
    found = user.find(DYNAMODB, TABLE, request.path_id("userId"), request.caller, times.now())
    return Answer(200, user.show(found))
