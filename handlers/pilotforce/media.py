"""Media: a file in the bucket, the row that describes it, and who may see it."""

import re
import uuid
from datetime import datetime, timedelta

from handlers.pilotforce import roles
from handlers.pilotforce.entry import Member
from handlers.shared import clock, presigned, problems
from handlers.shared.attributes import Item, Plain, from_item, to_item
from handlers.shared.bodies import Body, check, line, reader
from handlers.shared.problems import FieldError, Problem

PENDING = "pending"
AVAILABLE = "available"
DELETING = "deleting"

PREFIX = "media/"
OWNER_INDEX = "ownerId-createdAt-index"
SHARED_INDEX = "sharedWith-createdAt-index"

MAX_FILE_NAME = 200
AUDIENCES = (roles.VIEWER, roles.PILOT)
"""Whom a file can be shared with: those of that role or a higher one."""

UPLOAD_LIFETIME = timedelta(days=1)
"""A row whose file never comes is removed after it."""

_SHOWN = ("mediaId", "ownerId", "fileName", "contentType", "size", "status", "sharedWith")
_SHOWN_LAST = ("createdAt", "updatedAt")
_KEY = re.compile(r"media/([^/]+)/([0-9a-f-]{36})")
# Line separators, and marks that turn the direction of writing ("exe.gpj" is "jpg.exe" then).
_DECEPTIVE = re.compile("[\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")


class Draft(Body, frozen=True):
    """The body of `POST /media`."""

    file_name: str
    content_type: str
    size: int
    shared_with: str | None = None


class Sharing(Body, frozen=True):
    """The body of `PUT /media/{mediaId}`; `null` makes it the owner's alone."""

    shared_with: str | None


_decode_draft = reader(Draft)
_decode_sharing = reader(Sharing)


def read(body: bytes, content_types: tuple[str, ...], largest: int) -> Draft:
    """What a client says of a file of these types and of at most so many bytes."""
    draft = _decode_draft(body)
    check(
        _file_name(draft.file_name),
        None
        if draft.content_type in content_types
        else FieldError("contentType", f"one of {', '.join(content_types)}"),
        None
        if 1 <= draft.size <= largest
        else FieldError("size", f"a whole number from 1 to {largest:,}, in bytes"),
        _audience(draft.shared_with),
    )
    return draft


def read_sharing(body: bytes) -> str:
    """Whom a file is to be shared with; empty, nobody."""
    sharing = _decode_sharing(body)
    check(_audience(sharing.shared_with))
    return sharing.shared_with or ""


def new(owner_id: str, draft: Draft, moment: datetime) -> dict[str, Plain]:
    """A new row, whose file is yet to come. The file's name is no part of the key: it can't do any harm."""
    media_id, now = str(uuid.uuid4()), clock.timestamp(moment)
    made: dict[str, Plain] = {
        "mediaId": media_id,
        "ownerId": owner_id,
        "fileName": draft.file_name,
        "contentType": draft.content_type,
        "size": draft.size,
        "status": PENDING,
        "s3Key": f"{PREFIX}{owner_id}/{media_id}",
        "createdAt": now,
        "updatedAt": now,
        "expiresAt": clock.epoch(moment + UPLOAD_LIFETIME),
    }
    return made | ({"sharedWith": draft.shared_with} if draft.shared_with else {})


def show(item: Item) -> dict[str, Plain]:
    """The row as answers show it."""
    values = from_item(item)
    return {name: values[name] for name in (*_SHOWN, *_SHOWN_LAST) if name in values}


def show_file(item: Item, bucket: str, seconds: int) -> dict[str, Plain]:
    """As `show`, with an address of the file if it is there."""
    shown = show(item)
    if shown["status"] == AVAILABLE:
        shown["url"] = presigned.download(bucket, item["s3Key"]["S"], str(shown["fileName"]), seconds)
        shown["urlExpiresAt"] = expiry(clock.now(), seconds)
    return shown


def expiry(moment: datetime, seconds: int) -> str:
    """When an address that is signed now ends."""
    return clock.timestamp(moment + timedelta(seconds=seconds))


def may_see(item: Item, member: Member) -> bool:
    """Whether a file is there for a member."""
    if item["status"]["S"] == DELETING:
        return False
    if may_change(item, member):
        return True
    audience = item.get("sharedWith", {}).get("S")
    return item["status"]["S"] == AVAILABLE and audience in roles.up_to(member.role)


def may_change(item: Item, member: Member) -> bool:
    """Whether a file is the member's own, or any for an admin."""
    return member.is_admin or item["ownerId"]["S"] == member.user_id


def owned(member: Member) -> tuple[str, dict[str, Plain]]:
    """The condition under which a member may change a row, with its values."""
    if member.is_admin:
        return "attribute_exists(mediaId)", {}
    return "ownerId = :member", {":member": member.user_id}


def key(media_id: str) -> Item:
    """The key of a row."""
    return to_item({"mediaId": media_id})


def ids_in(object_key: str) -> tuple[str, str] | None:
    """The owner and the id of the media that an object belongs to; `None` for any other object."""
    found = _KEY.fullmatch(object_key)
    return (found[1], found[2]) if found else None


def missing() -> Problem:
    """404."""
    return problems.not_found("There is no such file.")


def _file_name(value: str) -> FieldError | None:
    if "/" in value or "\\" in value:
        return FieldError("fileName", "the name of a file, without a path")
    if _DECEPTIVE.search(value):
        return FieldError("fileName", "no line separators, no marks of writing direction")
    return line("fileName", value, MAX_FILE_NAME)


def _audience(value: str | None) -> FieldError | None:
    if value is None or value in AUDIENCES:
        return None
    return FieldError("sharedWith", f"one of {', '.join(AUDIENCES)}, or nothing")
