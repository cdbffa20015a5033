"""Every function starts with nothing but its package, its layers and the boto3 of the runtime.

The emulator gives a function all packages of this machine, so a dependency that a layer lacks would go
unnoticed there. The layers' own modules are compiled for Lambda's architecture: what is tried here are the
same versions, as this environment has them.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane import project
from backplane.local import wire
from backplane.local.engine import Resource
from stacks.settings import BACKENDS
from support.recorder import Graph, record

ROOT = Path(__file__).parents[2]
FUNCTION = "aws:lambda/function:Function"
RUNTIME = ["boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"]
"""What Lambda's Python runtimes bring along: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html"""


@pytest.fixture(scope="module", params=list(BACKENDS))
def graph(request: pytest.FixtureRequest) -> Graph:
    loaded = project.load(ROOT, "dev", {"backplane:backend": request.param})
    stacks = str(ROOT / "stacks")
    return record(
        lambda: runpy.run_path(stacks, run_name="__main__"),
        config=loaded.config,
        root=ROOT,
        folder=ROOT / "stacks",
    )


def test_every_function_starts_with_its_package_and_layers_alone(graph: Graph, tmp_path: Path) -> None:
    failures = []
    for function in python_functions(graph):
        started = start(function, graph, tmp_path / function.name, layers=True)
        if started.returncode:
            failures.append(f"{function.name}: {started.stderr.strip().splitlines()[-1]}")
    assert failures == []


def test_a_function_that_lacks_its_layer_does_not_start(graph: Graph, tmp_path: Path) -> None:
    layered = [function for function in python_functions(graph) if function.inputs.get("layers")]
    started = [start(item, graph, tmp_path / item.name, layers=False) for item in layered]
    assert layered
    assert all("ModuleNotFoundError" in item.stderr for item in started)


def python_functions(graph: Graph) -> list[Resource]:
    return [item for item in graph.all(FUNCTION) if item.inputs["runtime"].startswith("python")]


def start(
    function: Resource, graph: Graph, folder: Path, *, layers: bool
) -> subprocess.CompletedProcess[str]:
    """Import the handler's module in a process that sees nothing else."""
    package, modules = folder / "package", folder / "modules"
    modules.mkdir(parents=True)
    unpack(function.inputs["code"], package)
    for name in RUNTIME + (layer_distributions(function, graph) if layers else []):
        link(name, modules)
    module = function.inputs["handler"].rpartition(".")[0].replace("/", ".")
    paths = [str(package), str(modules)]
    code = f"import sys, importlib; sys.path[:0] = {paths!r}; importlib.import_module({module!r})"
    variables = wire.plain(function.inputs.get("environment", {})).get("variables", {})
    region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        env={"PATH": os.environ["PATH"], **region, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def unpack(archive: wire.Archive, target: Path) -> None:
    for name, asset in (archive.assets or {}).items():
        assert isinstance(asset, wire.Asset)
        assert asset.path is not None
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((ROOT / "stacks" / asset.path).read_bytes())


def layer_distributions(function: Resource, graph: Graph) -> list[str]:
    """The distributions in the function's layers, each in the version that is installed here."""
    names = []
    for arn in function.inputs.get("layers", []):
        (layer,) = [
            item for item in graph.all("aws:lambda/layerVersion:LayerVersion") if item.outputs["arn"] == arn
        ]
        for name, version in distributions_in(ROOT / "stacks" / layer.inputs["code"].path):
            assert importlib.metadata.version(name) == version, (
                f"{name}: make lock, then lock the handlers too"
            )
            names.append(name)
    return names


def distributions_in(layer: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(layer) as source:
        for name in source.namelist():
            if found := re.fullmatch(r"python/([\w.]+)-([^/-]+)\.dist-info/METADATA", name):
                yield found[1], found[2]


def link(name: str, folder: Path) -> None:
    """Put one installed distribution, and nothing else, into the folder."""
    distribution = importlib.metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or [] if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        if not (folder / top).exists():
            (folder / top).symlink_to(Path(str(distribution.locate_file(top))))
