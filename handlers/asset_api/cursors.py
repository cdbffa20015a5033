"""Cursors: where the next page of a list begins, as text for a URL.

As `handlers.shared.cursors`, with times that are numbers. The digest binds a cursor to one list: the index,
its partition and its filter. It needs no secret, because it opens nothing that its list doesn't.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from handlers.shared import problems

_VERSION = "1"
_LONGEST = 400
_FORM = re.compile(r"1\n(\d{1,15})\n([A-Za-z0-9][A-Za-z0-9._:-]{0,127})\n([0-9a-f]{24})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """The last item of a page."""

    created_at: int
    item_id: str


def write(listing: str, position: Position) -> str:
    """The cursor behind `position` in a list."""
    plain = f"{_VERSION}\n{position.created_at}\n{position.item_id}"
    digest = hashlib.sha256(f"{plain}\n{listing}".encode()).hexdigest()[:24]
    return base64.urlsafe_b64encode(f"{plain}\n{digest}".encode()).rstrip(b"=").decode()


def read(listing: str, cursor: object) -> Position:
    """The position that a cursor stands for.

    Raises:
        Problem: it isn't a cursor that `write` gave for this list (400).
    """
    position = _position(cursor)
    # Writing it again shows the digest, and that no other spelling of the same bytes passes.
    if position is None or write(listing, position) != cursor:
        raise problems.invalid_field("cursor", "the nextCursor of an earlier page of this list")
    return position


def _position(cursor: object) -> Position | None:
    if not isinstance(cursor, str) or len(cursor) > _LONGEST or not cursor.isascii():
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    parts = _FORM.fullmatch(plain)
    return Position(int(parts[1]), parts[2]) if parts else None
