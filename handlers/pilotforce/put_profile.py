"""`PUT /profiles/{userId}`: makes one's own profile, or changes one."""

from handlers.pilotforce import profile, profile_body
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws, clock
from handlers.shared.attributes import Item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("PROFILES_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, member: Member) -> Answer:
    """200 with the profile, 201 for a new one; 403 for somebody else's; 404 when an admin names none."""
    user_id, body = request.own_user(), profile_body.read(request.body)
    now = clock.timestamp(clock.now())
    values = {"name": body.name, "callSign": body.call_sign or "", "bio": body.bio or "", "updatedAt": now}
    if user_id == member.user_id:
        values |= {"email": member.email.lower(), "role": member.role, "entity": profile.ENTITY}
        found = _write(user_id, values, now, may_be_new=True)
    else:
        found = _write(user_id, values, now, may_be_new=False)
    status = 201 if found["createdAt"]["S"] == now else 200
    return Answer(status, profile.show(found))


def _write(user_id: str, values: dict[str, str], now: str, *, may_be_new: bool) -> Item:
    request = profile.update(values)
    if may_be_new:
        request["UpdateExpression"] = request["UpdateExpression"].replace(
            "SET ", "SET createdAt = if_not_exists(createdAt, :now), ", 1
        )
        request["ExpressionAttributeValues"][":now"] = {"S": now}
    else:
        request["ConditionExpression"] = "attribute_exists(userId)"
    try:
        answer = write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=profile.key(user_id),
            ReturnValues="ALL_NEW",
            **request,
        )
    except ConditionFailedError:
        raise profile.missing() from None
    found: Item = answer["Attributes"]
    return found
