"""`DELETE /users/{userId}`: removes a profile."""

from handlers.shared import aws, problems
from handlers.shared.entry import Answer, http
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("USERS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """204, 403 for somebody else's, 404 when there is none."""
    delete(DYNAMODB, TABLE, request.own_user())
    return Answer(204)


def delete(dynamodb: aws.DynamoDB, table: str, user_id: str) -> None:
    """Removes the user's profile. Messages and notifications stay."""
    try:
        write(
            dynamodb.delete_item,
            TableName=table,
            Key={"userId": {"S": user_id}},
            ConditionExpression="attribute_exists(userId)",
        )
    except ConditionFailedError:
        raise problems.not_found("There is no such user.") from None
