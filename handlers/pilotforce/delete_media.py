"""`DELETE /media/{mediaId}`: removes a file and its row."""

from handlers.pilotforce import media
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws
from handlers.shared.attributes import Item, to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("MEDIA_TABLE")
BUCKET = required("MEDIA_BUCKET")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, member: Member) -> Answer:
    """204; 404 when there is none that the member may remove.

    Whatever fails after the first write leaves a file that nobody sees: asking again goes on from there.
    """
    key = media.key(request.path_id("mediaId"))
    hidden = _hide(key, member)
    aws.objects().delete_object(Bucket=BUCKET, Key=hidden["s3Key"]["S"])
    write(DYNAMODB.delete_item, TableName=TABLE, Key=key)
    return Answer(204)


def _hide(key: Item, member: Member) -> Item:
    """The row, which no read shows from now on."""
    condition, values = media.owned(member)
    try:
        answer = write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=key,
            UpdateExpression="SET #status = :deleting",
            ConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values | {":deleting": media.DELETING}),
            ReturnValues="ALL_NEW",
        )
    except ConditionFailedError:
        raise media.missing() from None
    hidden: Item = answer["Attributes"]
    return hidden
