"""What `backplane up` says when the backend is reachable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from backplane.graph import value_json
from backplane.hints import first_request, sign_in
from backplane.project import NAMESPACE
from backplane.up import Running


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
    hints = [hint for hint in (first_request(running), sign_in(running)) if hint]
    missing = running.provider.not_emulated
    return "\n".join(
        [
            "",
            f"{backend} ({project.environment}, tenant {tenant}) runs at {running.emulator.endpoint}",
            "",
            *_table(value_json(engine.outputs, project.folder)),
            "",
            *(["Try it, in another terminal here:", *(f"  {hint}" for hint in hints), ""] if hints else []),
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
