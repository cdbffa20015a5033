"""`DELETE /profiles/{userId}`: removes a profile. What its owner has uploaded stays."""

from handlers.pilotforce import profile
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("PROFILES_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, _member: Member) -> Answer:
    """204, 403 for somebody else's, 404 when there is none."""
    key = profile.key(request.own_user())
    try:
        write(DYNAMODB.delete_item, TableName=TABLE, Key=key, ConditionExpression="attribute_exists(userId)")
    except ConditionFailedError:
        raise profile.missing() from None
    return Answer(204)
