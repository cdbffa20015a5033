"""`POST /users`: creates the caller's profile."""

from handlers.shared import aws, clock, problems
from handlers.shared.attributes import Plain
from handlers.shared.entry import Answer, http
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write
from handlers.users import profile

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """201 with the user and its Location; 409 when the caller has a profile."""
    user = profile.to_user(request.caller.user_id, profile.read(request.body), clock.now())
    create(DYNAMODB, TABLE, user)
    return Answer(201, user, {"location": f"/users/{user['userId']}"})


def create(dynamodb: aws.DynamoDB, table: str, user: dict[str, Plain]) -> None:
    """Stores a new user, unless there is one with that id."""
    item = profile.stored(user)
    try:
        write(
            dynamodb.put_item, TableName=table, Item=item, ConditionExpression="attribute_not_exists(userId)"
        )
    except ConditionFailedError as failed:
        # The same to the millisecond: our own first attempt, whose answer got lost on the way.
        if failed.item != item:
            raise problems.conflict("You have a profile already; PUT changes it.") from None
