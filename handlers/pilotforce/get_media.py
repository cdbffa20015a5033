"""`GET /media/{mediaId}`: a file, and where it can be fetched."""

from handlers.pilotforce import media
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("MEDIA_TABLE")
BUCKET = required("MEDIA_BUCKET")
LINK_SECONDS = int(required("MEDIA_URL_SECONDS"))
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, member: Member) -> Answer:
    """200 with the media; 404 when there is none that the member may see."""
    key = media.key(request.path_id("mediaId"))
    answer = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
    if "Item" not in answer or not media.may_see(answer["Item"], member):
        raise media.missing()
    return Answer(200, media.show_file(answer["Item"], BUCKET, LINK_SECONDS))
