"""What a route of a `ServerlessApi` does beyond calling its function."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pydantic

from components._api_shapes import RouteCache, check_names
from components._base import Shape
from components._json_schema import check_schema
from components._throttle import Throttle
from components.authorizer import Authorizer
from components.function import Function

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_INTEGRATION_SECONDS = 30
MAX_SCOPES = 10

_SCOPE = re.compile(r"[!#-\[\]-~]+")


class Route(Shape):
    """What a route does beyond calling its function: `Route(health, public=True)`.

    Arguments marked `kind="rest"` are refused on an HTTP API.
    """

    function: Function
    """The function that answers. Its resource policy holds one statement a route and at most 20 KB, about 50
    routes. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""

    public: bool = False
    """Whether anyone may call it, without a token."""

    authorizer: Authorizer | None = None
    """A Lambda authorizer that decides about this route instead of the API's user pool or authorizer."""

    scopes: Sequence[str] = ()
    """The token must have one of these scopes, at most 10; empty, those of the API. An ID token has none.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

    throttle: Throttle | None = None
    """Limits of this route alone; unset, the stage's."""

    timeout_seconds: Annotated[int, pydantic.Field(ge=1, le=MAX_INTEGRATION_SECONDS)] | None = None
    """How long the caller waits before API Gateway answers 504, 1-30 seconds, 1-29 in a REST API. Unset, as
    long as it can, and the function must end within that; set, the function may run on after the caller has
    gone."""

    body_schema: Mapping[str, Any] | None = None
    """JSON schema, draft 4, that the body must match whatever its content type says; otherwise the answer is
    400 and the function isn't called. The function still checks what a schema can't say. `kind="rest"`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html"""

    required_query: Sequence[str] = ()
    """Query parameters without which, or with an empty one, the answer is 400. `kind="rest"`."""

    required_headers: Sequence[str] = ()
    """Request headers without which, or with an empty one, the answer is 400. `kind="rest"`."""

    api_key: bool = False
    """Whether the caller must send a key of one of the API's usage plans; without it the answer is 403. A key
    is no proof of who calls: a route isn't closed by it. `kind="rest"`."""

    cache: RouteCache | None = None
    """How answers are kept, for `GET` routes of an API with a `cache`; unset, not at all. `kind="rest"`."""

    def __init__(  # noqa: PLR0913 - one keyword for each thing that a route can do
        self,
        function: Function,
        *,
        public: bool = False,
        authorizer: Authorizer | None = None,
        scopes: Sequence[str] = (),
        throttle: Throttle | None = None,
        timeout_seconds: int | None = None,
        body_schema: Mapping[str, Any] | None = None,
        required_query: Sequence[str] = (),
        required_headers: Sequence[str] = (),
        api_key: bool = False,
        cache: RouteCache | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            function=function,
            public=public,
            authorizer=authorizer,
            scopes=scopes,
            throttle=throttle,
            timeout_seconds=timeout_seconds,
            body_schema=body_schema,
            required_query=required_query,
            required_headers=required_headers,
            api_key=api_key,
            cache=cache,
            **unknown,
        )

    @pydantic.model_validator(mode="after")
    def _caller_waits_long_enough(self) -> Route:
        function = self.function
        if self.timeout_seconds is None and function.timeout_seconds > MAX_INTEGRATION_SECONDS:
            raise ValueError(
                f"function must end within {MAX_INTEGRATION_SECONDS} seconds, after which API Gateway "
                f"answers 504; {function.name!r} may run {function.timeout_seconds}: lower its "
                "timeout_seconds, or say how long the caller waits: Route(function, timeout_seconds=30)"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _scopes_need_a_token(self) -> Route:
        check_scopes(self.scopes)
        if self.public and self.scopes:
            raise ValueError(
                f"scopes must be empty on a public route, which has no token; got {list(self.scopes)}"
            )
        if self.authorizer is not None and self.scopes:
            raise ValueError(
                f"scopes must be empty where an authorizer decides: its function checks them; "
                f"got {list(self.scopes)}"
            )
        if self.public and self.authorizer is not None:
            raise ValueError(
                f"authorizer must be unset on a public route, which asks nobody; got {self.authorizer.name!r}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _requests_can_be_checked(self) -> Route:
        check_names("required_query", self.required_query)
        check_names("required_headers", self.required_headers)
        if self.body_schema is not None:
            check_schema(self.body_schema)
        return self


def check_scopes(scopes: Sequence[str]) -> None:
    """Refuses what can't be scopes.

    Raises:
        ValueError: names the scope.
    """
    if len(scopes) > MAX_SCOPES:
        raise ValueError(f"scopes must be 0-{MAX_SCOPES}, got {len(scopes)}")
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"scopes must be printable characters without spaces and quotes, got {scope!r}")
