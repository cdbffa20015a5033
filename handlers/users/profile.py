"""A user's profile: what it may hold, and how it is stored."""

from datetime import datetime
from decimal import Decimal

import msgspec

from handlers.shared import problems
from handlers.shared.attributes import MAX_ITEM_BYTES, Item, Plain, size, to_item
from handlers.shared.bodies import Body, check, control_free, email, line, reader
from handlers.shared.clock import timestamp
from handlers.shared.problems import FieldError

MAX_NAME = 100
MAX_DEPTH = 10
"""Levels of maps and lists in the settings, the settings themselves included. DynamoDB's limit is 32."""

MAX_KEY = 255

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_MAX_DIGITS = 38
_MAX_EXPONENT = 125
_MIN_EXPONENT = -130


class Profile(Body, frozen=True):
    """The body of `POST /users` and `PUT /users/{userId}`."""

    email: str
    first_name: str
    last_name: str
    settings: dict[str, object] = msgspec.field(default_factory=dict)


_decode = reader(Profile)


def read(body: bytes) -> Profile:
    """The profile in a body, or the problem with all its mistakes."""
    profile = _decode(body)
    check(
        email("email", profile.email),
        line("firstName", profile.first_name, MAX_NAME),
        line("lastName", profile.last_name, MAX_NAME),
        _map("settings", profile.settings, 1),
    )
    return profile


def to_user(user_id: str, profile: Profile, moment: datetime) -> dict[str, Plain]:
    """A new user."""
    now = timestamp(moment)
    settings: dict[str, Plain] = profile.settings  # type: ignore[assignment]  # JSON values only: checked above
    return {
        "userId": user_id,
        "email": profile.email,
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "settings": settings,
        "createdAt": now,
        "updatedAt": now,
    }


def stored(user: dict[str, Plain]) -> Item:
    """The user as an item that DynamoDB takes.

    Raises:
        Problem: it would be too large (413).
    """
    item = to_item(user)
    if size(item) > MAX_ITEM_BYTES:
        raise problems.too_large("settings")
    return item


def _value(path: str, value: object, depth: int) -> FieldError | None:
    mistake = None
    if isinstance(value, dict):
        mistake = _map(path, value, depth)
    elif isinstance(value, list):
        mistake = _list(path, value, depth)
    elif isinstance(value, str) and not control_free(value, lines=True):
        mistake = FieldError(path, "no control characters")
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        mistake = _number(path, Decimal(value))
    return mistake


def _list(path: str, values: list[object], depth: int) -> FieldError | None:
    if depth > MAX_DEPTH:
        return _too_deep(path)
    mistakes = (_value(f"{path}[{number}]", value, depth + 1) for number, value in enumerate(values))
    return next(filter(None, mistakes), None)


def _map(path: str, values: dict[str, object], depth: int) -> FieldError | None:
    if depth > MAX_DEPTH:
        return _too_deep(path)
    for key, value in values.items():
        if not 1 <= len(key) <= MAX_KEY or not control_free(key, lines=False):
            return FieldError(path, f"keys of 1 to {MAX_KEY} characters, without control characters")
        mistake = _value(f"{path}.{problems.printable(key)}", value, depth + 1)
        if mistake:
            return mistake
    return None


def _too_deep(path: str) -> FieldError:
    return FieldError(path, f"at most {MAX_DEPTH} levels")


def _number(path: str, number: Decimal) -> FieldError | None:
    significant = "".join(map(str, number.as_tuple().digits)).strip("0")
    in_range = not number or _MIN_EXPONENT <= number.adjusted() <= _MAX_EXPONENT
    if len(significant) > _MAX_DIGITS or not in_range:
        return FieldError(
            path, f"at most {_MAX_DIGITS} digits, from 1e{_MIN_EXPONENT} to 9.9e{_MAX_EXPONENT}"
        )
    return None
