"""What a REST API looks at in a route's requests: what has to be there, and what its cache tells apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from components._api_children import gate
from components._api_route import Route
from components._routes import RouteKey
from components.authorizer import Authorizer

if TYPE_CHECKING:
    from components.serverless_api import ServerlessApiArgs

Checked = Literal["body", "parameters", "body-and-parameters"]

_REQUEST = "method.request."


def checked(route: Route) -> Checked | None:
    """What API Gateway has to check, if anything."""
    parameters = bool(route.required_query or route.required_headers)
    if route.body_schema is None:
        return "parameters" if parameters else None
    return "body-and-parameters" if parameters else "body"


def request_parameters(args: ServerlessApiArgs, key: RouteKey, route: Route) -> dict[str, bool]:
    """The parameters that a method knows, and whether they are required."""
    known = dict.fromkeys(cache_keys(args, key, route), False)
    known |= {f"{_REQUEST}querystring.{name}": True for name in route.required_query}
    known |= {f"{_REQUEST}header.{name}": True for name in route.required_headers}
    # A variable of the path is always there, and API Gateway wants it said.
    return {name: required or name.startswith(f"{_REQUEST}path.") for name, required in known.items()}


def cache_keys(args: ServerlessApiArgs, key: RouteKey, route: Route) -> list[str]:
    """What makes two requests different for the cache: without the caller, one would get another's answer."""
    if route.cache is None:
        return []
    before = gate(args, route)
    keys = [f"{_REQUEST}path.{name}" for name in key.variables]
    if isinstance(before, Authorizer):
        keys += [f"method.{source}" for source in before.identity_sources]
    elif before == "user_pool":
        keys.append(f"{_REQUEST}header.Authorization")
    if route.api_key:
        keys.append(f"{_REQUEST}header.x-api-key")
    keys += [f"{_REQUEST}querystring.{name}" for name in route.cache.query]
    keys += [f"{_REQUEST}header.{name}" for name in route.cache.headers]
    return list(dict.fromkeys(keys))
