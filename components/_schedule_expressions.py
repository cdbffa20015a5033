"""Schedule expressions, checked as AWS checks them: `rate(...)`, `cron(...)` and `at(...)`, and time zones.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

MAX_EXPRESSION_LENGTH = 256
"""https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html"""

UTC = "UTC"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")
_CRON = re.compile(r"cron\(([^()]*)\)")


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    special: str = ""
    """What this field takes beside numbers, lists, ranges and steps."""

    def number(self, text: str) -> int | None:
        """The number that a text is, by its digits or its word."""
        if text in self.words:
            return self.words.index(text) + 1
        number = int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
        return number if self.low <= number <= self.high else None


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day-of-month", 1, 31, special=r"L|([1-9]|[12][0-9]|3[01])W"),
    _Field("month", 1, 12, _MONTHS),
    _Field("day-of-week", 1, 7, _DAYS, special=rf"L|([1-7]|{'|'.join(_DAYS)})(L|#[1-5])"),
    _Field("year", 1970, 2199),
)


def check_expression(expression: str) -> str:
    """Any of the three forms.

    Raises:
        ValueError: AWS would refuse it; the text says which part and what it takes.
    """
    if len(expression) > MAX_EXPRESSION_LENGTH:
        raise ValueError(f"must be 1-{MAX_EXPRESSION_LENGTH} characters, got {len(expression)} characters")
    if expression.startswith("rate("):
        _check_rate(expression)
    elif expression.startswith("at("):
        _check_at(expression)
    elif expression.startswith("cron("):
        check_cron(expression)
    else:
        raise ValueError(
            "must be such as rate(5 minutes), cron(0 12 * * ? *) or at(2030-01-31T12:00:00), "
            f"got {expression!r}"
        )
    return expression


def is_once(expression: str) -> bool:
    """Whether the expression names one moment."""
    return expression.startswith("at(")


def check_cron(expression: str) -> str:
    """`cron(minutes hours day-of-month month day-of-week year)`.

    Raises:
        ValueError: AWS would refuse it; the text says which part and what it takes.
    """
    found = _CRON.fullmatch(expression)
    texts = found[1].split(" ") if found else []
    if len(texts) != len(_FIELDS) or not all(texts):
        names = " ".join(field.name for field in _FIELDS)
        raise ValueError(f"must be cron({names}), one space between, got {expression!r}")
    for field, text in zip(_FIELDS, texts, strict=True):
        _check_field(field, text, expression)
    if (texts[2] == "?") == (texts[4] == "?"):
        raise ValueError(
            "must have '?' for day-of-month or for day-of-week, and for one of the two alone, "
            f"got {expression!r}"
        )
    return expression


def check_time_zone(name: str) -> str:
    """A name of the IANA time zone database, capitals as there.

    Raises:
        ValueError: there is no such time zone.
    """
    # Reading the names takes a tenth of a second.
    if name != UTC and name not in zoneinfo.available_timezones():
        raise ValueError(f"must be an IANA time zone such as 'Europe/Berlin', got {name!r}")
    return name


def _check_rate(expression: str) -> None:
    found = _RATE.fullmatch(expression)
    if found is None or (found[1] == "1") == bool(found[3]):
        raise ValueError(
            "must be rate(N minutes), rate(N hours) or rate(N days), N from 1 and the unit singular for 1, "
            f"got {expression!r}"
        )


def _check_at(expression: str) -> None:
    found = _AT.fullmatch(expression)
    try:
        moment = dt.datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(
            "must be at(yyyy-mm-ddThh:mm:ss), a moment that exists, without a zone (that is time_zone), "
            f"got {expression!r}"
        )


def _check_field(field: _Field, text: str, expression: str) -> None:
    if text == "?" and field.special:
        return
    for part in text.split(","):
        if re.fullmatch(field.special, part) and field.special and "," not in text:
            continue
        if not _is_plain(field, part):
            raise ValueError(_refusal(field, text, expression))


def _is_plain(field: _Field, part: str) -> bool:
    """Whether a part is `*`, a number or a range that ascends, each with a step or without."""
    body, slash, step = part.partition("/")
    if slash and not (re.fullmatch(r"[0-9]{1,4}", step) and 1 <= int(step) <= field.high):
        return False
    if body == "*":
        return True
    ends = [field.number(end) for end in body.split("-")]
    known = [end for end in ends if end is not None]
    return len(known) == len(ends) and len(ends) <= 2 and known == sorted(known)  # noqa: PLR2004 - both ends


def _refusal(field: _Field, text: str, expression: str) -> str:
    words = f" or {field.words[0]}-{field.words[-1]}" if field.words else ""
    special = {"day-of-month": ", '?', L or 15W", "day-of-week": ", '?', L, 6L or 2#1"}.get(field.name, "")
    return (
        f"must have {field.name} of {field.low}-{field.high}{words}, '*', lists, ascending ranges and "
        f"steps of these{special}, got {text!r} in {expression!r}"
    )
