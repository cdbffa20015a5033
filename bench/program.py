"""The backend's program against the same graph written by hand."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backplane import project as projects
from backplane.local.engine import Engine
from backplane.local.program import run
from bench import plain
from bench._evaluate import PARTS
from bench.processes import ROOT, BenchError, Costs, environment, in_turn
from bench.rows import Row

BUDGET, STRETCH = 1.1, 1.0
_MODULE = "bench._evaluate"
_LAYER = "aws:lambda/layerVersion:LayerVersion"
_SHOWN = 400


def rows(repeat: int) -> Iterator[Row]:
    """Whole processes, and the evaluation alone."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        _record(folder)
        _check_same_graph(folder)
        whole = _pair(folder, repeat)
        ours, hand = whole["ours"], whole["plain"]
        yield Row(
            "program",
            "backend's program against the same graph by hand: whole process",
            ours.wall / hand.wall,
            "x",
            BUDGET,
            STRETCH,
            cpu=ours.cpu / hand.cpu,
            note=f"{ours.wall:.2f} s against {hand.wall:.2f} s, {_resources(ours)} resources, preview; "
            f"imports that ours adds: {_imports(folder, repeat)}",
        )
        yield _inside("its imports included", whole)
        yield _inside("everything imported, the SDK's caches warm", _pair(folder, repeat, "warm"))
        yield _inside(
            "garbage collection as each leaves it, as under the real engine", _pair(folder, repeat, "collect")
        )
        yield Row(
            "memory",
            "backend's program in a preview",
            ours.rss,
            "MiB",
            note=f"by hand {hand.rss:.0f} MiB",
        )
        yield Row("memory", "resources of the backend", _resources(ours), "resources")


def _inside(which: str, costs: dict[str, Costs]) -> Row:
    ours, hand = costs["ours"], costs["plain"]
    return Row(
        "program",
        f"... evaluation in process, {which}",
        ours.median("wall") / hand.median("wall"),
        "x",
        BUDGET,
        STRETCH,
        cpu=ours.median("cpu") / hand.median("cpu"),
        note=f"{ours.median('wall'):.2f} s against {hand.median('wall'):.2f} s",
    )


def _imports(folder: Path, repeat: int) -> str:
    """What our program imports beside pulumi_aws, and how long each takes."""
    costs = in_turn({"parts": _command("parts", folder)}, repeat)["parts"]
    return ", ".join(f"{name.partition('.')[0]} {costs.median(name):.3f} s" for name in PARTS)


def _resources(costs: Costs) -> int:
    return int(costs.median("resources"))


def _pair(folder: Path, repeat: int, *flags: str) -> dict[str, Costs]:
    return in_turn({which: _command(which, folder, *flags) for which in ("ours", "plain")}, repeat)


def _command(which: str, folder: Path, *flags: str) -> list[str]:
    return [sys.executable, "-m", _MODULE, which, str(folder), *flags]


def _record(folder: Path) -> None:
    """Record the backend's graph, with a token for each output, and write the program for it."""
    project = projects.load(projects.find_root(), "dev", {})
    sys.path.insert(0, str(project.root))
    deployment, provider = project.deployment(), plain.NamingProvider()

    def declared(*, preview: bool) -> Engine:
        engine = Engine(deployment.project, deployment.stack, provider, preview=preview)
        # The SDK always believes that it is a preview, so nothing is built.
        run(
            lambda: runpy.run_path(str(deployment.folder), run_name="__main__"),
            deployment,
            engine,
            preview=True,
        )
        return engine

    previewed, named = declared(preview=True), declared(preview=False)
    resources = plain.marked(named.resources.values(), previewed.resources)
    text = plain.source(resources, provider.owners, named.outputs)
    (folder / "plain_program.py").write_text(text, encoding="utf-8")


def _check_same_graph(folder: Path) -> None:
    """Both programs declare the same resources with the same inputs, or the comparison means nothing."""
    ours, hand = (_graph(which, folder) for which in ("ours", "plain"))
    for urn in sorted(ours.keys() | hand.keys()):
        if ours.get(urn) != hand.get(urn):
            mine, theirs = (str(graph.get(urn))[:_SHOWN] for graph in (ours, hand))
            raise BenchError(f"the two programs differ in {urn}:\n  {mine}\n  {theirs}")


def _graph(which: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        _command(which, folder, "graph"),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the program {which} failed:\n{done.stderr[-2000:]}")
    graph = json.loads(done.stdout.splitlines()[-1])["graph"]
    for item in graph:
        if item["type"] == _LAYER:  # what a preview knows of a layer depends on whether it is built
            item["inputs"].pop("code")
    return {item["urn"]: (item["inputs"], item["protect"]) for item in graph}
