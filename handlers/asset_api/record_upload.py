"""An object has been uploaded: its asset becomes available.

S3 calls at least once, in no order, and after the asset may be gone.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from handlers.asset_api import asset, times
from handlers.asset_api.entry import is_warm_up
from handlers.shared import aws
from handlers.shared.attributes import to_item
from handlers.shared.environment import required
from handlers.shared.logs import Invocation, section, text
from handlers.shared.writes import ConditionFailedError, write

TABLE = required("ASSETS_TABLE")
DYNAMODB = aws.dynamodb()

_SEQUENCER_LENGTH = 64


class NotRecordedError(Exception):
    """Lambda calls again; what went wrong is in the log line."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One object that S3 tells of."""

    key: str
    size: int
    sequencer: str
    """Grows with each upload to the same key; padded as S3 asks, so that texts compare."""


def handler(event: dict[str, Any], context: object) -> None:
    """Makes the assets of the uploaded objects available; ignores what isn't ours.

    Raises:
        NotRecordedError: a write failed. Lambda calls twice more with the same event.
    """
    if is_warm_up(event, context):
        return
    invocation = Invocation(event, context)
    invocation.note(route="s3:ObjectCreated")
    try:
        invocation.note(**Counter(map(record, uploads(event))))
    except Exception as error:  # noqa: BLE001 -- told in the log, without what its text may quote
        invocation.failed(error)
        invocation.finish(500)
        raise NotRecordedError("an upload could not be recorded") from None
    invocation.finish(200)


def uploads(event: Mapping[str, Any]) -> Iterator[Upload]:
    """The objects that an event says were created."""
    records = event.get("Records")
    for found in records if isinstance(records, list) else []:
        created = section(section(found, "s3"), "object") if isinstance(found, dict) else {}
        if created and text(found.get("eventName")).startswith("ObjectCreated:"):
            size = created.get("size")
            yield Upload(
                key=unquote_plus(text(created.get("key"))),
                size=size if isinstance(size, int) else 0,
                sequencer=text(created.get("sequencer")).ljust(_SEQUENCER_LENGTH, "0"),
            )


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
