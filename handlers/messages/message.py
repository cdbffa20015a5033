"""A message, and the notification that goes with it."""

import uuid
from datetime import datetime

from handlers.shared.attributes import Plain
from handlers.shared.bodies import Body, check, prose, reader
from handlers.shared.clock import timestamp
from handlers.shared.events import checked_id

MAX_CONTENT = 32_000
"""Characters. At 4 bytes each a message still fits the 128 KB that a WebSocket of API Gateway carries, so
whatever is stored can be pushed: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

_PREVIEW = 140


class Draft(Body, frozen=True):
    """The body of `POST /messages`."""

    recipient_id: str
    content: str


_decode = reader(Draft)


def read(body: bytes) -> Draft:
    """The draft in a body, or the problem with its mistakes."""
    draft = _decode(body)
    check(prose("content", draft.content, MAX_CONTENT))
    checked_id("recipientId", draft.recipient_id)
    return draft


def to_message(sender_id: str, draft: Draft, moment: datetime) -> dict[str, Plain]:
    """A new message."""
    now = timestamp(moment)
    return {
        "messageId": str(uuid.uuid4()),
        "senderId": sender_id,
        "userId": draft.recipient_id,
        "content": draft.content,
        "read": False,
        "createdAt": now,
        "updatedAt": now,
    }


def to_notification(message: dict[str, Plain]) -> dict[str, Plain]:
    """The notification that tells the recipient of a message."""
    content = " ".join(str(message["content"]).split())
    return {
        "notificationId": str(uuid.uuid4()),
        "userId": message["userId"],
        "type": "message",
        "title": "New message",
        "content": content if len(content) <= _PREVIEW else content[: _PREVIEW - 1] + "…",
        "read": False,
        "createdAt": message["createdAt"],
    }
