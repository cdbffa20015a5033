"""`GET /profiles/{userId}`: a profile."""

from handlers.pilotforce import profile
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("PROFILES_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, _member: Member) -> Answer:
    """200 with the profile, 403 for somebody else's, 404 when there is none."""
    key = profile.key(request.own_user())
    answer = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
    if "Item" not in answer:
        raise profile.missing()
    return Answer(200, profile.show(answer["Item"]))
