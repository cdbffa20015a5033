"""`GET /assets/{assetId}/download`: says where the file can be fetched."""

from handlers.asset_api import asset, times
from handlers.asset_api.entry import http
from handlers.shared import aws, presigned, problems
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("ASSETS_TABLE")
BUCKET = required("ASSETS_BUCKET")
LINK_SECONDS = int(required("ASSETS_URL_SECONDS"))
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """200 with `url` and `expiresAt`; 404 when there is no such asset; 409 before it is uploaded."""
    now = times.now()
    found = asset.find(DYNAMODB, TABLE, request.path_id("assetId"), request.caller, now)
    if found["status"]["S"] != asset.AVAILABLE:
        raise problems.conflict("The file has not been uploaded yet.")
    key, file_name = found["s3Key"]["S"], found["fileName"]["S"]
    url = presigned.download(BUCKET, key, file_name, LINK_SECONDS)
    return Answer(200, {"url": url, "expiresAt": now + LINK_SECONDS * times.SECOND})
