"""What `pulumi up` and `make up` run: the backend that the stack's configuration names."""

from __future__ import annotations

import importlib

import pulumi

from components import register_tags
from stacks import settings


def main() -> None:
    """Declare the backend and export its outputs."""
    chosen = settings.load()
    register_tags(
        {
            "project": pulumi.get_project(),
            "environment": pulumi.get_stack(),
            "tenant": chosen.tenant,
            "backend": chosen.backend,
        }
    )
    backend = importlib.import_module(f"stacks.{chosen.backend.replace('-', '_')}")
    for name, value in backend.build(chosen).items():
        pulumi.export(name, value)


main()
