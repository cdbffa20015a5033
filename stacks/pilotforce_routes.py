"""The routes of pilotforce's API, and what API Gateway lets through to their functions.

A schema says the form of a body: fields, types and lengths. Functions check it again, and what a schema can't
say: control characters, and texts that are spaces alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components import Function, Route

MAX_NAME = 100
MAX_CALL_SIGN = 20
MAX_BIO = 1000
MAX_FILE_NAME = 200
AUDIENCES = ("viewer", "pilot")


def routes(
    functions: Mapping[str, Function], content_types: Sequence[str], largest: int
) -> Mapping[str, Function | Route]:
    """What answers which requests."""
    return {
        "GET /profiles": functions["list-profiles"],
        "GET /profiles/{userId}": functions["get-profile"],
        "PUT /profiles/{userId}": Route(functions["put-profile"], body_schema=PROFILE),
        "DELETE /profiles/{userId}": functions["delete-profile"],
        "POST /media": Route(functions["create-media"], body_schema=media(content_types, largest)),
        "GET /media": functions["list-media"],
        "GET /media/{mediaId}": functions["get-media"],
        "PUT /media/{mediaId}": Route(functions["share-media"], body_schema=SHARING),
        "DELETE /media/{mediaId}": functions["delete-media"],
    }


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _or_nothing(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "type": ["string", "null"]}


def _object(required: Sequence[str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_AUDIENCE = {"enum": [*AUDIENCES, None]}

PROFILE = _object(
    ["name"],
    name=_text(MAX_NAME),
    callSign=_or_nothing(_text(MAX_CALL_SIGN)),
    bio=_or_nothing(_text(MAX_BIO)),
)
"""The body of `PUT /profiles/{userId}`."""

SHARING = _object(["sharedWith"], sharedWith=_AUDIENCE)
"""The body of `PUT /media/{mediaId}`."""


def media(content_types: Sequence[str], largest: int) -> dict[str, Any]:
    """The schema for the body of `POST /media`."""
    return _object(
        ["fileName", "contentType", "size"],
        fileName=_text(MAX_FILE_NAME),
        contentType={"enum": list(content_types)},
        size={"type": "integer", "minimum": 1, "maximum": largest},
        sharedWith=_AUDIENCE,
    )
