"""How many requests an API's stage or one of its routes takes."""

from __future__ import annotations

from typing import Annotated

import pydantic

from components._base import Shape


class Throttle(Shape):
    """Requests beyond these are answered 429, and cost nothing.

    The limits hold for all callers together, never for one of them, and AWS meets them approximately. The
    account's own quota (10,000 a second and bursts of 5,000 in a Region, for all its APIs) caps them.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
    """

    rate_limit: Annotated[int, pydantic.Field(ge=1)]
    """Requests a second, at least 1, over time. Raising it lets the bill grow with the traffic."""

    burst_limit: Annotated[int, pydantic.Field(ge=1)]
    """Requests at once, at least 1, before the rate counts."""


DEFAULT_THROTTLE = Throttle(rate_limit=100, burst_limit=200)
"""A hundredth of the account's rate: unset, one API could use up what all APIs of the account share."""
