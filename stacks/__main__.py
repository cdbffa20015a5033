"""What `pulumi up` and `make up` run: the backend that the stack's configuration names."""

from __future__ import annotations

import gc

# Importing pulumi_aws and declaring resources makes many objects, and nearly all stay: to look through them
# for garbage as often as Python does takes a third of the program's time.
gc.set_threshold(100_000, 50, 100)

import importlib  # noqa: E402 - after the threshold, that it counts for imports too

import pulumi  # noqa: E402 - likewise

from components import register_tags  # noqa: E402 - likewise
from stacks import settings  # noqa: E402 - likewise


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
