"""Events of a bucket: objects that have been uploaded.

S3 calls at least once, in no order, and after whatever describes the object may be gone.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from handlers.shared.logs import Invocation, section, text

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


def recording(record: Callable[[Upload], str]) -> Callable[[dict[str, Any], object], None]:
    """Makes a Lambda handler of a function that writes one upload down and says in a word what became of it.

    The handler raises `NotRecordedError` when that fails: Lambda calls twice more with the same event.
    """

    def handler(event: dict[str, Any], context: object) -> None:
        invocation = Invocation(event, context)
        invocation.note(route="s3:ObjectCreated")
        try:
            invocation.note(**Counter(map(record, uploads(event))))
        except Exception as error:  # noqa: BLE001 -- told in the log, without what its text may quote
            invocation.failed(error)
            invocation.finish(500)
            raise NotRecordedError("an upload could not be recorded") from None
        invocation.finish(200)

    return handler


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
