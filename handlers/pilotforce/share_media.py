"""`PUT /media/{mediaId}`: says whom a file is shared with."""

from handlers.pilotforce import media
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws, clock
from handlers.shared.attributes import Plain, to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("MEDIA_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, member: Member) -> Answer:
    """200 with the media; 404 when there is none that the member may change."""
    media_id, audience = request.path_id("mediaId"), media.read_sharing(request.body)
    condition, values = media.owned(member)
    values |= {":deleting": media.DELETING, ":now": clock.timestamp(clock.now())}
    change = (
        "SET updatedAt = :now, sharedWith = :audience"
        if audience
        else "SET updatedAt = :now REMOVE sharedWith"
    )
    shared: dict[str, Plain] = {":audience": audience} if audience else {}
    try:
        answer = write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=media.key(media_id),
            UpdateExpression=change,
            ConditionExpression=f"{condition} AND #status <> :deleting",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values | shared),
            ReturnValues="ALL_NEW",
        )
    except ConditionFailedError:
        raise media.missing() from None
    return Answer(200, media.show(answer["Attributes"]))
