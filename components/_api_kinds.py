"""What an HTTP API can't do and a REST API can, and the other way round: refused with the kind that can.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from components._api_route import Route
from components._cors import Cors
from components._routes import DEFAULT_KEY, RouteKey

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

MAX_REST_INTEGRATION_SECONDS = 29
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

EVERY_ACCESS_TOKEN = "aws.cognito.signin.user.admin"  # noqa: S105 - a scope's name
"""The scope that each access token of Cognito's own API has."""

_REST_ROUTE_ARGUMENTS = {
    "body_schema": "checks no bodies",
    "required_query": "checks no parameters",
    "required_headers": "checks no headers",
    "api_key": "knows no API keys",
    "cache": "has no cache",
}
_REST_ARGUMENTS = {
    "usage_plans": "knows no API keys",
    "cache": "has no cache",
    "web_acl": "can't stand behind AWS WAF",
    "tracing": "sends no traces",
    "minimum_compression_bytes": "compresses nothing",
    "create_account_log_role": "logs without the account's role",
}


def check_kind(args: ServerlessApiArgs) -> None:
    """Refuses what the API's kind can't do.

    Raises:
        ValueError: names the argument and the kind that can.
    """
    mistakes = _beyond_http(args) if args.kind == "http" else _beyond_rest(args)
    for mistake in mistakes:
        raise ValueError(mistake)


def _beyond_http(args: ServerlessApiArgs) -> Iterator[str]:
    for key, route in args.parsed_routes:
        for argument, reason in _REST_ROUTE_ARGUMENTS.items():
            if _is_set(route, argument):
                yield f'routes[{key.key!r}].{argument} needs kind="rest": an HTTP API {reason}'
    for argument, reason in _REST_ARGUMENTS.items():
        if _is_set(args, argument):
            yield f'{argument} needs kind="rest": an HTTP API {reason}'


def _is_set(shape: Any, argument: str) -> bool:
    """Whether the argument says something other than its default."""
    value = getattr(shape, argument)
    return value is not None and value is not False and value != ()


def _beyond_rest(args: ServerlessApiArgs) -> Iterator[str]:
    routes = list(args.parsed_routes)
    for key, route in routes:
        if key.key == DEFAULT_KEY:
            yield (
                f'routes[{DEFAULT_KEY!r}] needs kind="http": a REST API has no route for all the rest; '
                "'ANY /{rest+}' takes every path below /"
            )
        yield from _too_slow(key, route)
    yield from _siblings([key for key, _ in routes])
    if args.clients is not None:
        yield (
            'clients needs kind="http": a REST API takes tokens of all clients of the pool; the function can '
            "look at the claim client_id"
        )
    yield from _tokens_of_either_kind(args, routes)
    if args.cors is not None:
        yield from _many_origins(args.cors)


def _too_slow(key: RouteKey, route: Route) -> Iterator[str]:
    seconds = route.timeout_seconds or route.function.timeout_seconds
    if seconds > MAX_REST_INTEGRATION_SECONDS:
        yield (
            f'routes[{key.key!r}] lets its caller wait {seconds} seconds, which needs kind="http": a REST '
            f"API answers 504 after {MAX_REST_INTEGRATION_SECONDS}; lower the function's timeout_seconds, or "
            f"say Route(function, timeout_seconds={MAX_REST_INTEGRATION_SECONDS})"
        )


def _siblings(keys: list[RouteKey]) -> Iterator[str]:
    """Two variables below one path: API Gateway allows one path variable among siblings."""
    named: dict[tuple[str, ...], tuple[str, RouteKey]] = {}
    for key in keys:
        for position, segment in enumerate(key.segments):
            if not segment.startswith("{"):
                continue
            other, first = named.setdefault(key.segments[:position], (segment, key))
            if other != segment:
                yield (
                    f"routes {first.key!r} and {key.key!r} have {other} and {segment} in the same place, "
                    'which needs kind="http": a REST API knows one variable there; give both the same name'
                )


def _tokens_of_either_kind(args: ServerlessApiArgs, routes: list[tuple[RouteKey, Route]]) -> Iterator[str]:
    if args.user_pool is None or args.scopes:
        return
    for key, route in routes:
        if not (route.public or route.authorizer or route.scopes):
            yield (
                f'routes[{key.key!r}] takes any token of the pool, which needs kind="http": without scopes '
                "a REST API takes ID tokens alone, and with them access tokens alone; set "
                f"scopes=[{EVERY_ACCESS_TOKEN!r}], which each access token of Cognito's own API has"
            )


def _many_origins(cors: Cors) -> Iterator[str]:
    origins = [origin for origin in cors.allow_origins if isinstance(origin, str)]
    if len(cors.allow_origins) > 1 or any(origin in ("http://*", "https://*") for origin in origins):
        yield (
            'cors.allow_origins needs kind="http" for more than one origin: the errors of a REST API can '
            f"name one alone, or '*'; got {origins}"
        )
