"""Resolves a link as a function's role would see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi

from components._links import Condition, Link
from support.recorder import record


@dataclass(frozen=True)
class Resolved:
    """A link whose outputs are plain values, or `UNKNOWN` in a preview."""

    statements: list[tuple[list[str], list[Any]]]
    """Actions and resources."""

    environment: dict[str, Any]

    conditions: list[list[Condition]]
    """Of each statement."""


def resolve(link: Callable[[], Link], *, preview: bool = False) -> Resolved:
    """The link that `link` makes, with a stack of its own."""

    conditions: list[list[Condition]] = []

    def program() -> None:
        made = link()
        conditions.extend(list(item.conditions) for item in made.statements)
        pulumi.export("actions", [list(item.actions) for item in made.statements])
        for number, item in enumerate(made.statements):
            for position, resource in enumerate(item.resources):
                pulumi.export(f"resource-{number}-{position}", resource)
        for name, value in made.environment.items():
            pulumi.export(f"environment-{name}", value)

    outputs = record(program, preview=preview).outputs
    statements = [
        (actions, [outputs[key] for key in sorted(outputs) if key.startswith(f"resource-{number}-")])
        for number, actions in enumerate(outputs["actions"])
    ]
    prefix = "environment-"
    environment = {key.removeprefix(prefix): outputs[key] for key in outputs if key.startswith(prefix)}
    return Resolved(statements, environment, conditions)
