"""The time, as these tables keep it: numbers."""

from handlers.shared import clock

SECOND = 1000
DAY = 24 * 60 * 60 * SECOND


def now() -> int:
    """Milliseconds since 1970."""
    moment = clock.now()
    return clock.epoch(moment) * SECOND + moment.microsecond // 1000
