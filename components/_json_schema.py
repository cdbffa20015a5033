"""Checks JSON schemas for API Gateway, which knows draft 4 and skips in silence what it doesn't know.

https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_SCHEMA_BYTES = 400_000
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

_SCHEMAS_BY_NAME = ("definitions", "patternProperties", "properties")
_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")
_SCHEMAS = ("additionalItems", "additionalProperties", "items", "not")
_PLAIN = (
    "$ref",
    "$schema",
    "default",
    "dependencies",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "id",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "title",
    "type",
    "uniqueItems",
)
_KNOWN = frozenset({*_SCHEMAS_BY_NAME, *_LISTS_OF_SCHEMAS, *_SCHEMAS, *_PLAIN})
DRAFT = "http://json-schema.org/draft-04/schema#"


def check_schema(schema: Mapping[str, Any]) -> None:
    """Refuses a schema that API Gateway would refuse, or would check less of than it says.

    Raises:
        ValueError: names the place and the keyword.
    """
    try:
        size = len(json.dumps(schema, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise ValueError(f"body_schema must be JSON: {error}") from None
    if not schema or size > MAX_SCHEMA_BYTES:
        raise ValueError(
            f"body_schema must be a JSON object with a keyword in it and at most {MAX_SCHEMA_BYTES:,} bytes, "
            f"got {size:,} bytes"
        )
    for place, part in _parts("", schema):
        _check_part(place, part)


def schema_text(schema: Mapping[str, Any]) -> str:
    """The schema as API Gateway takes it: with its draft, and in one order."""
    return json.dumps({"$schema": DRAFT, **schema}, sort_keys=True)


def _check_part(place: str, part: Mapping[str, Any]) -> None:
    where = f"body_schema{place}"
    if unknown := sorted(set(part) - _KNOWN):
        raise ValueError(
            f"{where} has the keyword {unknown[0]!r}, which JSON schema draft 4 doesn't know: API Gateway "
            "would skip it in silence"
        )
    for bound in ("exclusiveMaximum", "exclusiveMinimum"):
        if type(part.get(bound, False)) is not bool:
            raise ValueError(
                f"{where}.{bound} must be True or False beside {bound[9:].lower()!r}, as draft 4 has it, "
                f"got {part[bound]!r}"
            )
    reference = part.get("$ref", "#")
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise ValueError(
            f"{where}.$ref must point into the schema itself, '#/definitions/...', got {reference!r}"
        )


def _parts(place: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and every schema in it, each with its place."""
    yield place, schema
    for keyword in _SCHEMAS_BY_NAME:
        named = schema.get(keyword, {})
        for name, inner in named.items() if isinstance(named, Mapping) else ():
            yield from _inside(f"{place}.{keyword}.{name}", inner)
    for keyword in (*_LISTS_OF_SCHEMAS, *_SCHEMAS):
        found = schema.get(keyword)
        for inner in found if isinstance(found, list) else [found]:
            yield from _inside(f"{place}.{keyword}", inner)


def _inside(place: str, inner: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(inner, Mapping):
        yield from _parts(place, inner)
