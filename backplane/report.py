"""What `backplane up` says when the backend is reachable."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backplane.graph import value_json
from backplane.local import wire
from backplane.local.emulator import DEFAULT_PORT
from backplane.project import NAMESPACE
from backplane.up import Running

_DEFAULT_ENVIRONMENT = "dev"
_ROUTE = "aws:apigatewayv2/route:Route"


def as_json(running: Running, seconds: Mapping[str, float], *, watching: bool) -> str:  # noqa: ARG001 - one call for both
    """One line, for tools."""
    project = running.project
    return json.dumps(
        {
            "backend": project.config.get(f"{NAMESPACE}:backend"),
            "environment": project.environment,
            "tenant": project.config.get(f"{NAMESPACE}:tenant"),
            "endpoint": running.emulator.endpoint,
            "region": project.region,
            "resources": len(running.engine.resources),
            "notEmulated": running.provider.not_emulated,
            "seconds": dict(seconds),
            "outputs": value_json(running.engine.outputs, project.folder),
        }
    )


def as_text(running: Running, seconds: Mapping[str, float], *, watching: bool) -> str:
    """A page, for people."""
    project, engine = running.project, running.engine
    backend, tenant = (project.config.get(f"{NAMESPACE}:{key}") for key in ("backend", "tenant"))
    parts = ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items() if name != "total")
    first = _first_request(running)
    missing = running.provider.not_emulated
    return "\n".join(
        [
            "",
            f"{backend} ({project.environment}, tenant {tenant}) runs at {running.emulator.endpoint}",
            "",
            *_table(value_json(engine.outputs, project.folder)),
            "",
            *(["Try it, in another terminal here:", f"  {first}", ""] if first else []),
            "Any AWS client reaches it with:",
            f"  {_client_settings(running)}",
            "",
            *(
                ["Not emulated, so only checked here:", *(f"  {item}" for item in missing), ""]
                if missing
                else []
            ),
            f"{len(engine.resources)} resources in {seconds['total']:.2f} s: {parts}",
            f"{'Saved files are followed. ' if watching else ''}Ctrl-C stops it; nothing stays behind.",
        ]
    )


def _table(values: Mapping[str, Any]) -> list[str]:
    width = max((len(name) for name in values), default=0)
    return [
        f"  {name:<{width}}  {value if isinstance(value, str) else json.dumps(value)}"
        for name, value in sorted(values.items())
    ]


def _client_settings(running: Running) -> str:
    return (
        f"export AWS_ENDPOINT_URL={running.emulator.endpoint} AWS_DEFAULT_REGION={running.project.region} "
        "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    )


def _first_request(running: Running) -> str | None:
    """A `curl` that works as it is printed: the first route that needs nothing but, at most, a token."""
    url = wire.plain(running.engine.outputs.get("apiUrl"))
    routes = [resource.inputs for resource in running.engine.resources.values() if resource.type == _ROUTE]
    simple = sorted(
        (route["routeKey"].split(" ")[1], route.get("authorizationType", "NONE"))
        for route in map(wire.plain, routes)
        if route["routeKey"].startswith("GET ") and "{" not in route["routeKey"]
    )
    if not isinstance(url, str) or not simple:
        return None
    path, authorization = simple[0]
    header = f'-H "Authorization: Bearer $({_token_command(running)})" ' if authorization == "JWT" else ""
    return f"curl -i {header}{shlex.quote(url + path)}"


def _token_command(running: Running) -> str:
    command = min(sys.argv[0], os.path.relpath(sys.argv[0]), key=len)
    parts = [str(Path(command)), "token"]
    if running.emulator.port != DEFAULT_PORT:
        parts += ["--port", str(running.emulator.port)]
    if running.project.environment != _DEFAULT_ENVIRONMENT:
        parts += ["--env", running.project.environment]
    return shlex.join(parts)
