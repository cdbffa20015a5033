"""An asset: a file in the bucket and the row that describes it.

A row is `pending` until its object has been uploaded, then `available`. One that is being deleted is hidden
from every read before its object goes, so nobody sees one without the other.
"""

import re
import uuid
from collections.abc import Mapping

from handlers.asset_api import bodies, pages, times
from handlers.shared import problems
from handlers.shared.attributes import Item, Plain, from_item, to_item
from handlers.shared.aws import DynamoDB
from handlers.shared.bodies import line
from handlers.shared.events import Caller
from handlers.shared.problems import FieldError, Problem

ENTITY = "asset"
PENDING = "pending"
AVAILABLE = "available"
DELETING = "deleting"
STATUSES = (PENDING, AVAILABLE)
"""What a client may ask for."""

PREFIX = "assets/"
LIFETIME = 30 * times.DAY
MAX_FILE_NAME_BYTES = 255
"""What file systems take: https://man7.org/linux/man-pages/man7/limits.h.7p.html, NAME_MAX."""

MAX_TYPE = 255
MAX_METADATA = 20
MAX_METADATA_VALUE = 500

_SHOWN = ("assetId", "fileName", "contentType", "size", "status", "metadata", "s3Bucket", "s3Key")
_SHOWN_LAST = ("ownerId", "createdAt", "updatedAt", "ttl")

# Line separators, marks that turn the direction of writing ("exe.gpj" is "jpg.exe" then), no characters.
_DECEPTIVE = re.compile("[\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
# https://www.rfc-editor.org/rfc/rfc6838#section-4.2, with parameters.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_TYPE = re.compile(rf"{_NAME}/{_NAME}(; ?[A-Za-z0-9-]+=[A-Za-z0-9._+-]+){{0,5}}", re.ASCII)
_FORM = "application/x-www-form-urlencoded"  # a request's own default, which signers leave out
_METADATA_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_KEY = re.compile(r"assets/([0-9a-f-]{36})/[^/]+", re.DOTALL)


def read(body: bytes, largest: int) -> Mapping[str, Plain]:
    """The values that a client sets, for a file of at most so many bytes."""
    values = bodies.read(
        body,
        bodies.Field("fileName", _file_name),
        bodies.Field("contentType", _content_type),
        bodies.Field("size", bodies.whole(1, largest)),
        bodies.Field("metadata", _metadata, optional=True),
    )
    return {**values, "size": int(values["size"])}


def new(owner_id: str, bucket: str, values: Mapping[str, Plain], now: int) -> dict[str, Plain]:
    """A new asset, whose object is yet to come."""
    asset_id = str(uuid.uuid4())
    return {
        **values,
        "assetId": asset_id,
        "ownerId": owner_id,
        "status": PENDING,
        "s3Bucket": bucket,
        "s3Key": f"{PREFIX}{asset_id}/{values['fileName']}",
        "createdAt": now,
        "updatedAt": now,
        "ttl": (now + LIFETIME) // times.SECOND,
    }


def stored(asset: Mapping[str, Plain]) -> Item:
    """The asset as its item."""
    return to_item({**asset, pages.ENTITY: ENTITY})


def show(item: Item) -> dict[str, Plain]:
    """The asset as answers show it."""
    values = from_item(item)
    shown = {name: values[name] for name in (*_SHOWN, *_SHOWN_LAST) if name in values}
    metadata = shown.get("metadata")
    if isinstance(metadata, dict):  # DynamoDB keeps no order
        shown["metadata"] = {name: metadata[name] for name in sorted(metadata)}
    return shown


def find(dynamodb: DynamoDB, table: str, asset_id: str, caller: Caller, now: int) -> Item:
    """The item of an asset as last written.

    Raises:
        Problem: there is none that the caller may see (404).
    """
    answer = dynamodb.get_item(TableName=table, Key=key(asset_id), ConsistentRead=True)
    item: Item = answer.get("Item", {})
    if not item or not is_visible(item, caller, now) or item["status"]["S"] == DELETING:
        raise missing()
    return item


def is_visible(item: Item, caller: Caller, now: int) -> bool:
    """Whether the asset is the caller's business and hasn't expired."""
    return int(item["ttl"]["N"]) * times.SECOND > now and caller.may_act_for(item["ownerId"]["S"])


def missing() -> Problem:
    """404."""
    return problems.not_found("There is no such asset.")


def key(asset_id: str) -> Item:
    """The key of an asset."""
    return to_item({"assetId": asset_id})


def id_in(object_key: str) -> str | None:
    """The asset that an object belongs to; `None` for any other object."""
    found = _KEY.fullmatch(object_key)
    return found[1] if found else None


def _file_name(field: str, value: object) -> FieldError | None:
    if not isinstance(value, str):
        return FieldError(field, "a string")
    if len(value.encode()) > MAX_FILE_NAME_BYTES:
        return FieldError(field, f"at most {MAX_FILE_NAME_BYTES} bytes in UTF-8")
    mistake = line(field, value, MAX_FILE_NAME_BYTES)
    if mistake:
        return mistake
    # A path's parts would be resolved by some client on the way, and the signature wouldn't fit.
    if "/" in value or "\\" in value or value in {".", ".."}:
        return FieldError(field, "the name of a file, without a path")
    if _DECEPTIVE.search(value):
        return FieldError(field, "no line separators, no marks of writing direction")
    return None


def _content_type(field: str, value: object) -> FieldError | None:
    if not isinstance(value, str):
        return FieldError(field, "a string")
    fits = len(value) <= MAX_TYPE and _TYPE.fullmatch(value)
    if not fits or value.lower().startswith(_FORM):
        return FieldError(field, "a media type such as image/png")
    return None


def _metadata(field: str, value: object) -> FieldError | None:
    if not isinstance(value, dict):
        return FieldError(field, "an object of strings")
    if len(value) > MAX_METADATA:
        return FieldError(field, f"at most {MAX_METADATA} keys")
    if not all(map(_METADATA_KEY.fullmatch, value)):
        return FieldError(field, "keys of 1 to 64 letters, digits, '_' and '-', a letter first")
    for name in sorted(value):
        text = value[name]
        where = f"{field}.{name}"
        mistake = (
            line(where, text, MAX_METADATA_VALUE) if isinstance(text, str) else FieldError(where, "a string")
        )
        if mistake:
            return mistake
    return None
