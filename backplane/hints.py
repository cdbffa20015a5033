"""What to try first with a backend that runs here: commands that work as they are printed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backplane.local import wire
from backplane.local.emulator import DEFAULT_PORT
from backplane.up import Running

_DEFAULT_ENVIRONMENT = "dev"
_HTTP_ROUTE = "aws:apigatewayv2/route:Route"
_REST_METHOD = "aws:apigateway/method:Method"
_REST_RESOURCE = "aws:apigateway/resource:Resource"
_GROUP = "aws:cognito/userGroup:UserGroup"
_OPEN = "NONE"
_BY_FUNCTION = "CUSTOM"
_PASSWORD = "Correct-Horse-7"  # noqa: S105 - of a demo user, on this machine
"""Fits the password policy of a pool that asks for all that Cognito can ask for."""


def first_request(running: Running) -> str | None:
    """A `curl` of the first route without variables."""
    url = wire.plain(running.engine.outputs.get("apiUrl"))
    simple = sorted(route for route in _routes(running) if "{" not in route[0])
    if not isinstance(url, str) or not simple:
        return None
    path, authorization = simple[0]
    if authorization == _OPEN:
        return f"curl -i {shlex.quote(url + path)}"
    # A function that decides may ask for a group.
    groups = _first_group(running) if authorization == _BY_FUNCTION else []
    token = _token_command(running, *groups)
    return f'curl -i -H "Authorization: Bearer $({token})" {shlex.quote(url + path)}'


def sign_in(running: Running) -> str | None:
    """What lets the demo user sign in to the backend's site; nothing where it has none."""
    site = wire.plain(running.engine.outputs.get("siteUrl"))
    if not isinstance(site, str) or "userPoolId" not in running.engine.outputs:
        return None
    token = _token_command(running, *_first_group(running), "--password", _PASSWORD)
    return f"{token} >/dev/null  # then sign in at {site} as demo@example.com with that password"


def _routes(running: Running) -> Iterator[tuple[str, str]]:
    """The path of each GET route, and what it asks for."""
    for route in _inputs(running, _HTTP_ROUTE).values():
        method, _, path = route["routeKey"].partition(" ")
        if method == "GET":
            yield path, str(route.get("authorizationType", _OPEN))
    resources = _inputs(running, _REST_RESOURCE)
    for method in _inputs(running, _REST_METHOD).values():
        if method["httpMethod"] == "GET":
            yield _path(resources, method["resourceId"]), str(method["authorization"])


def _path(resources: dict[str, dict[str, Any]], resource: str) -> str:
    if resource not in resources:  # the root, which an API makes by itself
        return ""
    found = resources[resource]
    return f"{_path(resources, found['parentId'])}/{found['pathPart']}"


def _first_group(running: Running) -> list[str]:
    """The option for the most important group of the user pool, if there is one."""
    groups = _inputs(running, _GROUP).values()
    ordered = sorted(groups, key=lambda group: float(group.get("precedence", "inf")))
    return ["--group", str(ordered[0]["name"])] if ordered else []


def _inputs(running: Running, type_: str) -> dict[str, dict[str, Any]]:
    """The inputs of the resources of a type, by their ids."""
    found = running.engine.resources.values()
    return {resource.id: wire.plain(resource.inputs) for resource in found if resource.type == type_}


def _token_command(running: Running, *options: str) -> str:
    command = min(sys.argv[0], os.path.relpath(sys.argv[0]), key=len)
    parts = [str(Path(command)), "token", *options]
    if running.emulator.port != DEFAULT_PORT:
        parts += ["--port", str(running.emulator.port)]
    if running.project.environment != _DEFAULT_ENVIRONMENT:
        parts += ["--env", running.project.environment]
    return shlex.join(parts)
