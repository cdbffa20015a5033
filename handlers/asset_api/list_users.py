"""`GET /users`: users by creation time, newest first, or the one with an e-mail address."""

from handlers.asset_api import bodies, pages, times, user
from handlers.asset_api.entry import http
from handlers.shared import aws, problems
from handlers.shared.attributes import to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Caller, Request

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()

EMAIL_INDEX = "email-index"


@http("limit", "cursor", "email")
def handler(request: Request) -> Answer:
    """200 with `items`: the caller's users, an admin's all; by `email` at most one."""
    now = times.now()
    if "email" in request.query:
        return Answer(200, {"items": _by_email(request, now)})
    index, partition = pages.of_caller(request.caller, user.ENTITY)
    listing = pages.Listing(
        table=TABLE,
        index=index,
        partition=partition,
        key="userId",
        shown="attribute_not_exists(#ttl) OR #ttl > :seconds",
        names={"#ttl": "ttl"},
        values=to_item({":seconds": now // times.SECOND}),
    )
    return Answer(200, pages.page(DYNAMODB, listing, request.query, user.show))


def _by_email(request: Request, now: int) -> list[dict[str, object]]:
    if len(request.query) > 1:
        raise problems.invalid_field("email", "stands alone: there is at most one such user")
    wrong = bodies.address("email", request.query["email"])
    if wrong:
        raise problems.invalid(wrong)
    answer = DYNAMODB.query(
        TableName=TABLE,
        IndexName=EMAIL_INDEX,
        KeyConditionExpression="email = :email",
        ExpressionAttributeValues=to_item({":email": request.query["email"].lower()}),
    )
    return [{**user.show(item)} for item in answer["Items"] if _is_visible(item, request.caller, now)]


def _is_visible(item: dict[str, dict[str, str]], caller: Caller, now: int) -> bool:
    return not user.is_expired(item, now) and caller.may_act_for(item["ownerId"]["S"])
