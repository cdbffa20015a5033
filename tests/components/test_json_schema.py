"""Schemas that API Gateway would refuse, or would check less of than they say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._json_schema import MAX_SCHEMA_BYTES, check_schema

ORDER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/item"}},
        "const": {"type": "string", "enum": ["a", "b"], "pattern": "^[ab]$"},
        "price": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "note": {"oneOf": [{"type": "null"}, {"type": "string", "format": "email"}]},
    },
    "additionalProperties": False,
    "definitions": {"item": {"type": "object", "not": {"required": ["x"]}}},
}


def test_draft_4_is_taken_whole() -> None:
    check_schema(ORDER)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"const": 1}, "body_schema has the keyword 'const'"),
        ({"properties": {"a": {"if": {}}}}, "body_schema.properties.a has the keyword 'if'"),
        ({"items": {"contains": {}}}, "body_schema.items has the keyword 'contains'"),
        ({"items": [{"examples": []}]}, "body_schema.items has the keyword 'examples'"),
        ({"anyOf": [{"minimun": 1}]}, "body_schema.anyOf has the keyword 'minimun'"),
        ({"exclusiveMaximum": 5}, "exclusiveMaximum must be True or False beside 'maximum'"),
        (
            {"additionalProperties": {"exclusiveMinimum": 0}},
            "body_schema.additionalProperties.exclusiveMinimum",
        ),
        ({"$ref": "https://example.com/schema"}, "$ref must point into the schema itself"),
        ({}, "a JSON object with a keyword in it"),
        ({"enum": [{1, 2}]}, "body_schema must be JSON"),
        ({"minimum": float("nan")}, "body_schema must be JSON"),
        ({"description": "x" * MAX_SCHEMA_BYTES}, "at most 400,000 bytes"),
    ],
    ids=range(12),
)
def test_what_would_be_skipped_or_refused_is_named(schema: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match="body_schema") as raised:
        check_schema(schema)
    assert text in str(raised.value)


@given(st.text(min_size=1, max_size=20))
def test_names_of_properties_are_no_keywords(name: str) -> None:
    check_schema({"properties": {name: {"type": "string"}}})
