"""Evaluates one program in a preview on the embedded engine, in a process of its own, and says what it took.

`python -m bench._evaluate ours|plain|parts FOLDER [warm] [collect] [graph]`: FOLDER holds `plain_program.py`.
`parts` evaluates the plain one and times the imports that ours adds to it;
`warm` evaluates twice and times the second time, `collect` leaves garbage collection on, as the real engine
does, `graph` adds what was declared.
"""

from __future__ import annotations

import gc
import importlib
import json
import runpy
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backplane import project as projects
from backplane.graph import resources_json
from backplane.local.engine import Created, Engine
from backplane.local.invokes import invoke
from backplane.local.program import run

PARTS = ("pydantic.main", "components", "stacks.site_communications")
"""What a program with components imports beside pulumi_aws, in this order."""


class NoProvider:
    """Checks nothing: a preview asks for no more."""

    def check(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Anything goes."""

    def preview(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs; everything else is unknown."""
        del type_
        return dict(inputs)

    def create(
        self, type_: str, name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Created:
        """Not in a preview."""
        raise NotImplementedError

    def read(self, type_: str, id_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Not in a preview."""
        raise NotImplementedError

    def invoke(self, token: str, arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """Region and account."""
        del settings
        return invoke(token, arguments, region="eu-west-1", account="123456789012")


def main(which: str, folder: str, *flags: str) -> None:
    """Evaluate, and print a line of JSON."""
    project = projects.load(projects.find_root(), "dev", {})
    sys.path[:0] = [str(project.root), folder]
    deployment = project.deployment()

    def program() -> None:
        if "collect" in flags:
            gc.enable()
        if which == "ours":
            runpy.run_path(str(deployment.folder), run_name="__main__")
        else:
            importlib.import_module("plain_program").main()

    for _ in range(2 if "warm" in flags else 1):
        engine = Engine(deployment.project, deployment.stack, NoProvider(), preview=True)
        wall, cpu = time.perf_counter(), time.process_time()
        run(program, deployment, engine, preview=True)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if which == "parts":
        print(json.dumps({name: _import(name) for name in PARTS}))
        return
    answer: dict[str, Any] = {"wall": wall, "cpu": cpu, "resources": len(engine.resources)}
    if "graph" in flags:
        answer["graph"] = resources_json(engine.resources.values(), Path(deployment.folder))
    print(json.dumps(answer))


def _import(name: str) -> float:
    """Seconds for a module and all that it needs beyond what is there."""
    began = time.perf_counter()
    importlib.import_module(name)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
