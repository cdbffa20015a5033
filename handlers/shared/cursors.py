"""Cursors: where the next page of a list begins, as text for a URL.

A cursor holds a time and an id, and a digest that binds them to one list of one user: changed, or used for
another list, it is refused. It needs no secret, because it opens nothing: whatever it says, the query that
follows reads only the partition of the user who was authorised.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from handlers.shared import problems
from handlers.shared.clock import TIMESTAMP
from handlers.shared.events import ID

_VERSION = "1"
_LONGEST = 400
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Position:
    """The last item of a page."""

    created_at: str
    item_id: str


def write(kind: str, user_id: str, position: Position) -> str:
    """The cursor behind `position` in the list `kind` of a user."""
    digest = _digest(kind, user_id, position)
    plain = f"{_VERSION}\n{position.created_at}\n{position.item_id}\n{digest}"
    return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode()


def read(kind: str, user_id: str, cursor: object) -> Position:
    """The position that a cursor stands for.

    Raises:
        Problem: it isn't a cursor that `write` gave for this list (400).
    """
    position = _position(cursor)
    # Writing it again shows the digest, and that no other spelling of the same bytes passes.
    if position is None or write(kind, user_id, position) != cursor:
        raise problems.invalid_field("cursor", "the nextCursor of an earlier page of this list")
    return position


def _position(cursor: object) -> Position | None:
    if not isinstance(cursor, str) or len(cursor) > _LONGEST or not cursor.isascii():
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    parts = plain.split("\n")
    if len(parts) != _PARTS or not TIMESTAMP.fullmatch(parts[1]) or not ID.fullmatch(parts[2]):
        return None
    return Position(parts[1], parts[2])


def _digest(kind: str, user_id: str, position: Position) -> str:
    plain = f"{_VERSION}\n{kind}\n{user_id}\n{position.created_at}\n{position.item_id}"
    return hashlib.sha256(plain.encode()).hexdigest()[:24]
