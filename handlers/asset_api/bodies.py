"""Bodies of requests, read so that both languages refuse the same ones in the same words.

A JSON library's own messages, its order of mistakes and its limits would differ between them; here the form
is checked by rules that are written down. Numbers are doubles, as everywhere in JSON.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from handlers.shared.bodies import check, email, line
from handlers.shared.problems import FieldError, Problem, invalid_field, printable

MAX_BYTES = 16 * 1024
"""The longest body that is read: several times the longest that is right."""

MAX_DEPTH = 32
"""Levels of objects and arrays that are read; no field has more than one."""

Values = Mapping[str, Any]
Check = Callable[[str, Any], FieldError | None]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class Field:
    """A field of a body: its name, its check, and whether it may be left out."""

    def __init__(self, name: str, check_value: Check, *, optional: bool = False) -> None:
        self.name = name
        self.optional = optional
        self._check = check_value

    def mistake(self, values: Values) -> FieldError | None:
        """What is wrong with the field in a body, if anything."""
        if self.name not in values:
            return None if self.optional else FieldError(self.name, "required")
        return self._check(self.name, values[self.name])


def read(body: bytes, *fields: Field) -> Values:
    """The values in a body, or the problem with all its mistakes."""
    values = _object(body)
    known = {field.name for field in fields}
    unknown = sorted(values.keys() - known)
    check(
        *(FieldError(printable(name), "unknown field") for name in unknown),
        *(field.mistake(values) for field in fields),
    )
    return values


def text(longest: int) -> Check:
    """A text of one line, of at most so many characters."""

    def check_value(field: str, value: object) -> FieldError | None:
        return line(field, value, longest) if isinstance(value, str) else FieldError(field, "a string")

    return check_value


def whole(lowest: int, highest: int) -> Check:
    """A whole number in a range; 5.0 is one."""
    wanted = f"a whole number from {lowest:,} to {highest:,}"

    def check_value(field: str, value: object) -> FieldError | None:
        fits = isinstance(value, float) and value.is_integer() and lowest <= value <= highest
        return None if fits else FieldError(field, wanted)

    return check_value


def address(field: str, value: object) -> FieldError | None:
    """An e-mail address in ASCII, so that it has one lower case everywhere and no twin that looks like it."""
    if not isinstance(value, str):
        return FieldError(field, "a string")
    return email(field, value) if value.isascii() else FieldError(field, "an e-mail address in ASCII")


def _object(body: bytes) -> Values:
    if not body:
        raise invalid_field("body", "a JSON object is wanted, nothing was sent")
    if len(body) > MAX_BYTES:
        raise _too_long()
    values = _json(body)
    if not isinstance(values, dict):
        raise invalid_field("body", "a JSON object is wanted")
    return values


def _json(body: bytes) -> object:
    try:
        plain = body.decode()
        if _depth(plain) > MAX_DEPTH:
            raise invalid_field("body", "nested too deeply")
        values: object = json.loads(plain, parse_int=float, parse_constant=_refuse)
        json.dumps(values, ensure_ascii=False).encode()  # fails for half a surrogate pair
    except ValueError:
        raise invalid_field("body", "not valid JSON in UTF-8") from None
    return values


def _depth(plain: str) -> int:
    """How many brackets are open at most at once, whether or not the text is JSON."""
    deepest = depth = 0
    for letter in _STRING.sub("", plain):
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


def _too_long() -> Problem:
    error = FieldError("body", f"at most {MAX_BYTES:,} bytes")
    return Problem(
        413, "Content too large", f"{error.field}: {error.message}", kind="too-large", errors=[error]
    )
