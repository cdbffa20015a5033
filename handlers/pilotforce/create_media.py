"""`POST /media`: describes a file, and says where its owner may upload it."""

from handlers.pilotforce import media
from handlers.pilotforce.entry import Member, http
from handlers.shared import aws, clock, presigned
from handlers.shared.attributes import to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import write

TABLE = required("MEDIA_TABLE")
BUCKET = required("MEDIA_BUCKET")
MAX_BYTES = int(required("MEDIA_UPLOAD_MAX_BYTES"))
CONTENT_TYPES = tuple(required("MEDIA_UPLOAD_CONTENT_TYPES").split(","))
LINK_SECONDS = int(required("MEDIA_URL_SECONDS"))
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request, member: Member) -> Answer:
    """201 with the media, `upload` and its Location."""
    draft = media.read(request.body, CONTENT_TYPES, MAX_BYTES)
    moment = clock.now()
    made = media.new(member.user_id, draft, moment)
    item = to_item(made)
    headers = {"content-type": draft.content_type, "content-length": str(draft.size)}
    upload = {
        # Signed before it is written: without an address the row would be of no use.
        "url": presigned.upload(BUCKET, str(made["s3Key"]), headers, LINK_SECONDS),
        "method": "PUT",
        "headers": headers,
        "expiresAt": media.expiry(moment, LINK_SECONDS),
    }
    write(DYNAMODB.put_item, TableName=TABLE, Item=item)
    return Answer(201, {**media.show(item), "upload": upload}, {"location": f"/media/{made['mediaId']}"})
