"""`GET /users/{userId}`: a profile."""

from handlers.shared import aws, problems
from handlers.shared.attributes import Plain, from_item
from handlers.shared.entry import Answer, http
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """200 with the user, 403 for somebody else's, 404 when there is none."""
    return Answer(200, get(DYNAMODB, TABLE, request.own_user()))


def get(dynamodb: aws.DynamoDB, table: str, user_id: str) -> dict[str, Plain]:
    """The user as last written: a profile just changed is read back changed."""
    answer = dynamodb.get_item(TableName=table, Key={"userId": {"S": user_id}}, ConsistentRead=True)
    if "Item" not in answer:
        raise problems.not_found("There is no such user.")
    return from_item(answer["Item"])
