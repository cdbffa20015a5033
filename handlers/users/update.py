"""`PUT /users/{userId}`: replaces a profile."""

from handlers.shared import aws, clock, problems
from handlers.shared.attributes import Plain, from_item
from handlers.shared.entry import Answer, http
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write
from handlers.users import profile

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()

_REPLACED = ("email", "firstName", "lastName", "settings", "updatedAt")


@http()
def handler(request: Request) -> Answer:
    """200 with the user, 403 for somebody else's, 404 when there is none."""
    user = profile.to_user(request.own_user(), profile.read(request.body), clock.now())
    return Answer(200, replace(DYNAMODB, TABLE, user))


def replace(dynamodb: aws.DynamoDB, table: str, user: dict[str, Plain]) -> dict[str, Plain]:
    """Replaces all but the id and `createdAt`, in one write: of two writers the last one wins, whole."""
    item = profile.stored(user)
    try:
        answer = write(
            dynamodb.update_item,
            TableName=table,
            Key={"userId": item["userId"]},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in _REPLACED),
            ConditionExpression="attribute_exists(userId)",
            ExpressionAttributeNames={f"#{name}": name for name in _REPLACED},
            ExpressionAttributeValues={f":{name}": item[name] for name in _REPLACED},
            ReturnValues="ALL_NEW",
        )
    except ConditionFailedError:
        raise problems.not_found("There is no such user.") from None
    return from_item(answer["Attributes"])
