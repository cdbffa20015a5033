"""What a REST API has beyond its routes: a cache, and usage plans for callers with API keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pydantic

from components._base import Shape
from components._throttle import Throttle

MAX_CACHE_SECONDS = 3600
MAX_PLAN_NAME_LENGTH = 40

_PARAMETER = re.compile(r"[A-Za-z0-9._$-]+")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Cache(Shape):
    """A cache in front of the routes that ask for one, shared by them and billed by the hour.

    It is billed whether used or not and isn't in the free tier: 0.5 GB cost $0.020 an hour, about $15 a
    month, 237 GB $3.80 an hour. It takes about four minutes to be made or resized, and is emptied by that.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
    """

    size_gb: Literal["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"] = "0.5"
    """Capacity in GB. https://aws.amazon.com/api-gateway/pricing/"""


class RouteCache(Shape):
    """How the answers of a `GET` route are kept: `RouteCache(ttl_seconds=60, query=["status"])`.

    Two requests share an answer when the variables of the path, the caller's token (unless the route is
    public) and all that is named here are equal. Whatever else they differ in is not looked at: name all that
    the function reads. Answers are encrypted. A caller can't empty the cache with a header.
    """

    ttl_seconds: Annotated[int, pydantic.Field(ge=1, le=MAX_CACHE_SECONDS)] = 300
    """How long an answer is kept, 1-3,600 seconds."""

    query: Sequence[str] = ()
    """Query parameters that make a difference."""

    headers: Sequence[str] = ()
    """Request headers that make a difference."""

    @pydantic.model_validator(mode="after")
    def _names_are_names(self) -> RouteCache:
        check_names("query", self.query)
        check_names("headers", self.headers)
        return self


class Quota(Shape):
    """How many requests each key of a plan has: `Quota(limit=10_000, period="MONTH")`.

    AWS counts on a best-effort basis: a bill is better bounded by a throttle.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
    """

    limit: Annotated[int, pydantic.Field(ge=1)]
    """Requests in a period, at least 1; beyond them the answer is 429."""

    period: Literal["DAY", "WEEK", "MONTH"]
    """Calendar period in UTC; a week starts on Sunday."""


class UsagePlan(Shape):
    """Callers with API keys and what each may ask for: `UsagePlan("partners", keys=["acme", "globex"])`.

    A key says who calls, for counting and limiting; it proves nothing and is no substitute for a token. Free.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
    """

    name: str
    """Lower-case letters and digits in parts joined by `-`. A changed name replaces the plan and its keys."""

    keys: Sequence[str]
    """Names of the keys, at least one; each is a secret value that AWS makes, in `api.api_keys`. Sent in the
    header `x-api-key`."""

    throttle: Throttle | None = None
    """Limits of each key, over all routes; unset, the stage's alone."""

    quota: Quota | None = None
    """Requests of each key in a period; unset, any number."""

    def __init__(
        self,
        name: str,
        *,
        keys: Sequence[str] = (),
        throttle: Throttle | None = None,
        quota: Quota | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(name=name, keys=keys, throttle=throttle, quota=quota, **unknown)

    @pydantic.model_validator(mode="after")
    def _names_are_names(self) -> UsagePlan:
        for field, name in (("name", self.name), *(("keys", key) for key in self.keys)):
            if not _NAME.fullmatch(name) or len(name) > MAX_PLAN_NAME_LENGTH:
                raise ValueError(
                    f"{field} must be 1-{MAX_PLAN_NAME_LENGTH} lower-case letters and digits in parts joined "
                    f"by '-', a letter first; got {name!r}"
                )
        if not self.keys or len(set(self.keys)) < len(self.keys):
            raise ValueError(f"keys must name at least one key, each once, got {list(self.keys)}")
        return self


def check_names(field: str, names: Sequence[str]) -> None:
    """Refuses what API Gateway doesn't take as the name of a query parameter or a header, and repetitions.

    Raises:
        ValueError: names the field and the name.
    """
    for index, name in enumerate(names):
        if not _PARAMETER.fullmatch(name):
            raise ValueError(f"{field} must be names of letters, digits and . _ $ -, got {name!r}")
        if name in names[:index]:
            raise ValueError(f"{field} must differ, got {name!r} twice")
