"""`DELETE /assets/{assetId}`: removes a file and its row."""

from handlers.asset_api import asset, times
from handlers.asset_api.entry import http
from handlers.shared import aws
from handlers.shared.attributes import Item, Plain, to_item
from handlers.shared.entry import Answer
from handlers.shared.environment import required
from handlers.shared.events import Caller, Request
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("ASSETS_TABLE")
BUCKET = required("ASSETS_BUCKET")
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """204; 404 when there is none that the caller may remove.

    Whatever fails after the first write leaves an asset that nobody sees: asking again goes on from there,
    and if nobody does, object and row expire.
    """
    asset_id = request.path_id("assetId")
    marked = _hide(asset_id, request.caller, times.now())
    aws.objects().delete_object(Bucket=BUCKET, Key=marked["s3Key"]["S"])
    write(DYNAMODB.delete_item, TableName=TABLE, Key=asset.key(asset_id))
    return Answer(204)


def _hide(asset_id: str, caller: Caller, now: int) -> Item:
    """The asset, which no read shows from now on."""
    values: dict[str, Plain] = {":deleting": asset.DELETING, ":now": now, ":seconds": now // times.SECOND}
    condition = "attribute_exists(assetId) AND #ttl > :seconds"
    if not caller.is_admin:
        condition += " AND ownerId = :owner"
        values[":owner"] = caller.user_id
    try:
        answer = write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=asset.key(asset_id),
            UpdateExpression="SET #status = :deleting, updatedAt = :now",
            ConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status", "#ttl": "ttl"},
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_NEW",
        )
    except ConditionFailedError:
        raise asset.missing() from None
    marked: Item = answer["Attributes"]
    return marked
