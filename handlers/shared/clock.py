"""The time, as the API writes it: ISO 8601, UTC, milliseconds. Such texts sort by time."""

import re
from datetime import UTC, datetime

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
"""The form of every time in a table and in an answer."""


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """`2026-11-20T13:00:00.123Z`: milliseconds are cut, not rounded, so no time lies in the future."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970: the form that DynamoDB's time to live reads."""
    return int(moment.timestamp())
