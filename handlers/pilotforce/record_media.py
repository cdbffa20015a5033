"""A file has been uploaded: its media becomes available."""

from typing import Any

from handlers.pilotforce import media
from handlers.shared import aws, clock
from handlers.shared.attributes import to_item
from handlers.shared.environment import required
from handlers.shared.uploads import Upload, recording
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("MEDIA_TABLE")
DYNAMODB = aws.dynamodb()


def record(upload: Upload) -> str:
    """Writes down that the file is there, unless that is known or later news; says which it was."""
    ids = media.ids_in(upload.key)
    if ids is None:
        return "foreign"
    owner_id, media_id = ids
    try:
        write(
            DYNAMODB.update_item,
            TableName=TABLE,
            Key=media.key(media_id),
            UpdateExpression=(
                "SET #status = :available, #size = :size, sequencer = :sequencer, updatedAt = :now"
                " REMOVE expiresAt"
            ),
            ConditionExpression=(
                "ownerId = :owner AND #status IN (:pending, :available)"
                " AND (attribute_not_exists(sequencer) OR sequencer < :sequencer)"
            ),
            ExpressionAttributeNames={"#status": "status", "#size": "size"},
            ExpressionAttributeValues=to_item(
                {
                    ":available": media.AVAILABLE,
                    ":pending": media.PENDING,
                    ":owner": owner_id,
                    ":size": upload.size,
                    ":sequencer": upload.sequencer,
                    ":now": clock.timestamp(clock.now()),
                }
            ),
        )
    except ConditionFailedError:
        return "ignored"
    return "recorded"


def handler(event: dict[str, Any], context: object) -> None:
    """Makes the media of the uploaded files available; ignores what isn't ours.

    Raises:
        NotRecordedError: a write failed. Lambda calls twice more with the same event.
    """
    recording(record)(event, context)
