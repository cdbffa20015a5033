"""The ways into an API: what API Gateway's resources say of routes and of the functions behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from backplane.local.engine import Resource

_ALIAS: Final = "aws:lambda/alias:Alias"
_FUNCTIONS: Final = (_ALIAS, "aws:lambda/function:Function")
_ROUTE: Final = "aws:apigatewayv2/route:Route"
_METHOD: Final = "aws:apigateway/method:Method"
_PATH: Final = "aws:apigateway/resource:Resource"
_INTEGRATIONS: Final = (
    "aws:apigatewayv2/integration:Integration",
    "aws:apigateway/integration:Integration",
)
_AUTHORIZERS: Final = ("aws:apigatewayv2/authorizer:Authorizer", "aws:apigateway/authorizer:Authorizer")


@dataclass(frozen=True)
class Route:
    """One way in."""

    verb: str
    path: str
    note: str
    target: str
    """The URN of the function's alias, or of the function."""


def routes_of(parts: Iterable[Resource]) -> list[Route]:
    """The routes of one API by path and method, its authorizers' functions first.

    Args:
        parts: all resources of one component.
    """
    own = {part.urn: part for part in parts}
    asked = [Route("", "authorizer", "", target) for target in _behind(own, own.values(), _AUTHORIZERS)]
    routes = [*_http(own), *_rest(own)]
    return asked + sorted(routes, key=lambda route: (route.path, _ORDER.get(route.verb, 9), route.verb))


_ORDER: Final = {"POST": 0, "GET": 1, "PUT": 2, "PATCH": 3, "DELETE": 4}
"""As a thing's life goes."""


def _http(own: Mapping[str, Resource]) -> Iterator[Route]:
    """Routes of HTTP and WebSocket APIs."""
    for route in own.values():
        if route.type == _ROUTE:
            integrations = [own[urn] for urn in route.dependencies if urn in own]
            verb, _, path = str(route.inputs["routeKey"]).rpartition(" ")
            # Of a WebSocket API's routes the handshake alone is authorised, and the rest comes through it.
            note = "public" if verb and route.inputs.get("authorizationType", "NONE") == "NONE" else ""
            for target in _behind(own, integrations, _INTEGRATIONS):
                yield Route(verb, path, note, target)


def _rest(own: Mapping[str, Resource]) -> Iterator[Route]:
    """Methods of REST APIs."""
    for method in own.values():
        if method.type == _METHOD:
            integrations = [part for part in own.values() if method.urn in part.dependencies]
            path = "".join(f"/{part}" for part in _segments(own, method)) or "/"
            note = "public" if method.inputs.get("authorization") == "NONE" else ""
            for target in _behind(own, integrations, _INTEGRATIONS):
                yield Route(str(method.inputs["httpMethod"]), path, note, target)


def _segments(own: Mapping[str, Resource], part: Resource) -> list[str]:
    """The path's parts down to a method or a resource of a REST API, which names its parent."""
    for urn in part.dependencies:
        above = own.get(urn)
        if above is not None and above.type == _PATH:
            return [*_segments(own, above), str(above.inputs["pathPart"])]
    return []


def _behind(own: Mapping[str, Resource], parts: Iterable[Resource], types: tuple[str, ...]) -> list[str]:
    """The functions that parts of some types call, each once."""
    return sorted(
        {
            urn
            for part in parts
            if part.type in types
            for urn in part.dependencies
            if urn not in own and urn.split("::")[2].rpartition("$")[2] in _FUNCTIONS
        }
    )
