"""An object has been uploaded: its asset becomes available."""

from typing import Any

from handlers.asset_api import asset, times
from handlers.asset_api.entry import is_warm_up
from handlers.shared import aws
from handlers.shared.attributes import to_item
from handlers.shared.environment import required
from handlers.shared.uploads import Upload, recording
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("ASSETS_TABLE")
DYNAMODB = aws.dynamodb()


def handler(event: dict[str, Any], context: object) -> None:
    """Makes the assets of the uploaded objects available; ignores what isn't ours.

    Raises:
        NotRecordedError: a write failed. Lambda calls twice more with the same event.
    """
    if not is_warm_up(event, context):
        recording(record)(event, context)


def record(upload: Upload) -> str:
    """Writes down that the object is there, unless that is known or later news; says which it was."""
    asset_id = asset.id_in(upload.key)
    if asset_id is None:
        return "foreign"
    now = times.now()
    try:
        write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=asset.key(asset_id),
            UpdateExpression=(
                "SET #status = :available, #size = :size, sequencer = :sequencer, updatedAt = :now"
            ),
            ConditionExpression=(
                "s3Key = :key AND #status IN (:pending, :available) AND #ttl > :seconds"
                " AND (attribute_not_exists(sequencer) OR sequencer < :sequencer)"
            ),
            ExpressionAttributeNames={"#status": "status", "#size": "size", "#ttl": "ttl"},
            ExpressionAttributeValues=to_item(
                {
                    ":available": asset.AVAILABLE,
                    ":pending": asset.PENDING,
                    ":size": upload.size,
                    ":sequencer": upload.sequencer,
                    ":now": now,
                    ":seconds": now // times.SECOND,
                    ":key": upload.key,
                }
            ),
        )
    except ConditionFailedError:
        return "ignored"
    return "recorded"
