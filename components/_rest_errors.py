"""What a REST API answers by itself, as problem documents (https://www.rfc-editor.org/rfc/rfc9457).

They look like those of the functions behind it. API Gateway fills in variables and knows no logic here.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components._api_children import gate

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

_MESSAGE = "$context.error.messageString"
"""What API Gateway itself says, as JSON text in its quotes."""


@dataclass(frozen=True)
class GatewayError:
    """One kind of answer."""

    kind: str
    """API Gateway's name for it."""

    status: int | None
    """None leaves the several that API Gateway has for it."""

    problem: str
    title: str
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The body, with variables."""
        document = {
            "type": f"urn:problem:{self.problem}",
            "title": self.title,
            **({"status": self.status} if self.status else {}),
            "detail": self.detail,
            "requestId": "$context.requestId",
            **({"errors": self.errors} if self.errors else {}),
        }
        # The message comes with quotes of its own.
        return json.dumps(document).replace(f'"{_MESSAGE}"', _MESSAGE)


_REFUSED = GatewayError("DEFAULT_4XX", None, "refused", "Request refused", _MESSAGE)
_FAILED = GatewayError(
    "DEFAULT_5XX",
    None,
    "internal",
    "Internal server error",
    "Something went wrong on our side. Quote the requestId when you report it.",
)
_NO_ROUTE = GatewayError(
    # API Gateway's name supposes a signature that was forgotten: it means that no route takes the request.
    "MISSING_AUTHENTICATION_TOKEN",
    404,
    "not-found",
    "Not found",
    "No route takes this method and path.",
)
_THROTTLED = GatewayError(
    "THROTTLED",
    429,
    "too-many-requests",
    "Too many requests",
    "More requests than the limit allows. Try again later.",
    headers={"Retry-After": "1"},
)
_QUOTA = GatewayError(
    "QUOTA_EXCEEDED", 429, "quota-exceeded", "Quota exceeded", "The API key has used up its quota."
)
_API_KEY = GatewayError(
    "INVALID_API_KEY", 403, "forbidden", "Forbidden", "A valid API key is wanted in the header x-api-key."
)
_BODY = GatewayError(
    "BAD_REQUEST_BODY",
    400,
    "invalid-request",
    "Invalid request",
    "The body doesn't match the schema of this route.",
    errors=({"field": "body", "message": "must match the schema of this route"},),
)
_PARAMETERS = GatewayError("BAD_REQUEST_PARAMETERS", 400, "invalid-request", "Invalid request", _MESSAGE)
_DENIED = GatewayError("ACCESS_DENIED", 403, "forbidden", "Forbidden", "The caller may not use this route.")


def gateway_errors(args: ServerlessApiArgs) -> Iterator[GatewayError]:
    """The answers that an API can give by itself."""
    routes = [route for _, route in args.parsed_routes]
    yield from (_REFUSED, _FAILED, _NO_ROUTE, _THROTTLED)
    if any(gate(args, route) != "open" for route in routes):
        yield _unauthorized(args)
        yield _DENIED
    if any(route.api_key for route in routes):
        yield _API_KEY
    if any(plan.quota for plan in args.usage_plans):
        yield _QUOTA
    if any(route.body_schema is not None for route in routes):
        yield _BODY
    if any(route.required_query or route.required_headers for route in routes):
        yield _PARAMETERS


def _unauthorized(args: ServerlessApiArgs) -> GatewayError:
    token = args.user_pool is not None
    return GatewayError(
        "UNAUTHORIZED",
        401,
        "unauthorized",
        "Unauthorized",
        "A valid access token is wanted." if token else "The request doesn't say who asks.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'} if token else {},
    )
