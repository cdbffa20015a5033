"""Bodies of requests: JSON objects of a known form.

msgspec checks the form (types, missing and unknown fields); the rules on the values are functions here.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec

from handlers.shared.problems import FieldError, Problem, invalid, invalid_field, printable, too_large

MAX_BYTES = 400 * 1024
"""The longest body that is read. No item of DynamoDB holds more, and each body becomes an item."""

# C0, DEL and C1. A text may span lines, a name may not.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_NAMED = re.compile(r"(unknown|missing required) field `(.*)`", re.DOTALL)
_JSON_NAMES = {"`str`": "a string", "`int`": "a number", "`float`": "a number", "`bool`": "true or false"}


class Body(msgspec.Struct, forbid_unknown_fields=True, rename="camel", frozen=True, kw_only=True):
    """The base of every body: camelCase, and no field that isn't declared."""


B = TypeVar("B", bound=Body)


def reader(kind: type[B]) -> Callable[[bytes], B]:
    """A function that reads a body of this kind, or raises the problem document that says what is wrong."""
    # Fractions are read as decimals: DynamoDB keeps 38 digits of them, a float only 15.
    decode = msgspec.json.Decoder(kind, float_hook=Decimal).decode

    def read(body: bytes) -> B:
        if not body:
            raise invalid_field("body", "a JSON object is wanted, nothing was sent")
        if len(body) > MAX_BYTES:
            raise too_large("body")
        try:
            return decode(body)
        except msgspec.ValidationError as error:
            raise _explained(str(error)) from None
        except RecursionError:
            raise invalid_field("body", "nested too deeply") from None
        except (
            ValueError,
            ArithmeticError,
        ):  # not JSON, not UTF-8, half a surrogate pair; 1e99999999999999999999
            raise invalid_field("body", "not valid JSON in UTF-8") from None

    return read


def _explained(message: str) -> Problem:
    """The message of msgspec as one on the field that it means."""
    where = _PATH.search(message)
    field = printable(where[1]) if where else ""
    named = _NAMED.search(message)
    if named:
        name = ".".join(filter(None, (field, printable(named[2]))))
        return invalid_field(name, "unknown field" if named[1] == "unknown" else "required")
    text = message[: where.start()] if where else message
    for technical, plain in _JSON_NAMES.items():
        text = text.replace(technical, plain)
    return invalid_field(field or "body", text.replace("`", "").replace("Expected", "expected", 1))


def check(*mistakes: FieldError | None) -> None:
    """Refuses a body with mistakes, all of them in one answer."""
    found = [mistake for mistake in mistakes if mistake]
    if found:
        raise invalid(*found)


def line(field: str, value: str, longest: int) -> FieldError | None:
    """A text of one line, such as a name: 1 to `longest` characters, no control characters, not blank."""
    return _text(field, value, longest, _CONTROL)


def prose(field: str, value: str, longest: int) -> FieldError | None:
    """A text of many lines: as `line`, but newlines, carriage returns and tabs are welcome."""
    return _text(field, value, longest, _CONTROL_BUT_LINES)


def _text(field: str, value: str, longest: int, refused: re.Pattern[str]) -> FieldError | None:
    if not 1 <= len(value) <= longest or value.isspace():
        return FieldError(field, f"1 to {longest:,} characters, not all of them spaces; got {len(value):,}")
    if refused.search(value):
        return FieldError(field, "no control characters")
    return None


def email(field: str, value: str, longest: int = 254) -> FieldError | None:
    """An address that could be one. Whether it is, only a mail to it shows."""
    mistake = line(field, value, longest)
    if mistake:
        return mistake
    local, _, domain = value.rpartition("@")
    labels = domain.split(".")
    if not local or "@" in local or len(labels) < 2 or not all(labels) or any(map(str.isspace, value)):  # noqa: PLR2004
        return FieldError(field, "an e-mail address such as ada@example.com")
    return None


def control_free(value: str, *, lines: bool) -> bool:
    """Whether a text holds no control character; `lines` lets newlines and tabs pass."""
    return not (_CONTROL_BUT_LINES if lines else _CONTROL).search(value)
