"""`POST /assets`: describes a file, and says where its owner may upload it."""

from handlers.asset_api import asset, times
from handlers.asset_api.entry import http
from handlers.shared import aws, presigned
from handlers.shared.attributes import Plain
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request
from handlers.shared.writes import write

TABLE = required("ASSETS_TABLE")
BUCKET = required("ASSETS_BUCKET")
MAX_BYTES = int(required("ASSETS_UPLOAD_MAX_BYTES"))
LINK_SECONDS = int(required("ASSETS_URL_SECONDS"))
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """201 with the asset, `upload` and its Location."""
    values = asset.read(request.body, MAX_BYTES)
    now = times.now()
    made = asset.new(request.caller.user_id, BUCKET, values, now)
    item = asset.stored(made)
    # Signed before it is written: without an address the row would be of no use.
    shown = {**asset.show(item), "upload": _upload(made, now)}
    write(DYNAMODB.put_item, TableName=TABLE, Item=item)
    return Answer(201, shown, {"location": f"/assets/{made['assetId']}"})


def _upload(made: dict[str, Plain], now: int) -> dict[str, Plain]:
    headers = {"content-type": str(made["contentType"]), "content-length": str(made["size"])}
    return {
        "url": presigned.upload(BUCKET, str(made["s3Key"]), headers, LINK_SECONDS),
        "method": "PUT",
        "headers": {**headers},
        "expiresAt": now + LINK_SECONDS * times.SECOND,
    }
