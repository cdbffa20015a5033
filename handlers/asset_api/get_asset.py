"""`GET /assets/{assetId}`: an asset."""

from handlers.asset_api import asset, times
from handlers.asset_api.entry import http
from handlers.shared import aws
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLE = required("ASSETS_TABLE")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """200 with the asset; 404 when there is none that the caller may see."""
    found = asset.find(DYNAMODB, TABLE, request.path_id("assetId"), request.caller, times.now())
    return Answer(200, asset.show(found))
