"""The backend's functions as Lambda has them: package, layer and runtime, each in a folder of its own."""

from __future__ import annotations

import compileall
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from backplane import project as projects
from backplane.local import wire
from backplane.local.engine import Engine, Resource
from backplane.local.program import run_folder
from bench.plain import NamingProvider
from bench.processes import ROOT, BenchError

_FUNCTION = "aws:lambda/function:Function"
_LAYER = "aws:lambda/layerVersion:LayerVersion"
_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


@dataclass(frozen=True)
class Package:
    """One function of the backend on disk."""

    name: str
    handler: str
    variables: tuple[str, ...]
    """Names of its environment variables."""
    code: Path
    layers: tuple[Path, ...]

    def with_bytecode(self) -> Package:
        """The same, with bytecode beside the source."""
        folders = [path.with_name(f"{path.name}-compiled") for path in (self.code, *self.layers)]
        for path, copy in zip((self.code, *self.layers), folders, strict=True):
            if not copy.exists():
                shutil.copytree(path, copy)
                compile_folder(copy)
        return Package(self.name, self.handler, self.variables, folders[0], tuple(folders[1:]))


def build(folder: Path) -> list[Package]:
    """Every Python function of the backend, below `folder`."""
    project = projects.load(projects.find_root(), "dev", {})
    sys.path.insert(0, str(project.root))
    deployment, provider = project.deployment(), NamingProvider()
    engine = Engine(deployment.project, deployment.stack, provider, preview=False)
    run_folder(deployment, engine, preview=True)  # the SDK believes in a preview: no layer is built
    resources = list(engine.resources.values())
    numbers = {
        f"<<{number}.arn>>": name for number, (type_, name) in enumerate(provider.owners) if type_ == _LAYER
    }
    layers = {resource.name: _layer(resource, folder) for resource in resources if resource.type == _LAYER}
    functions = (resource for resource in resources if resource.type == _FUNCTION)
    return [
        _package(
            resource,
            folder,
            deployment.folder,
            [layers[numbers[arn]] for arn in resource.inputs.get("layers", [])],
        )
        for resource in functions
        if str(resource.inputs["runtime"]).startswith("python")
    ]


def runtime(folder: Path) -> Path:
    """The boto3 that Lambda's runtime has, with its bytecode, and nothing else of this environment."""
    target = folder / "runtime"
    target.mkdir()
    for name in _RUNTIME:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise BenchError(f"{name} is not installed")
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, target)
    compile_folder(target)
    return target


def size_mb(folders: Sequence[Path]) -> float:
    """The megabytes of all files."""
    return (
        sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()) / 1e6
    )


def compile_folder(folder: Path) -> None:
    """Put bytecode beside the source, as an installer does."""
    if not compileall.compile_dir(folder, quiet=2, stripdir=folder):
        raise BenchError(f"{folder} can't be compiled")


def _package(resource: Resource, folder: Path, program: Path, layers: Sequence[Path]) -> Package:
    code = folder / "functions" / resource.name
    archive = resource.inputs["code"]
    for name, asset in archive.assets.items():
        target = code / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(asset, wire.Asset) or asset.path is None:
            raise BenchError(f"{resource.name}: {name} is not a file")
        shutil.copy(program / asset.path, target)
    variables = resource.inputs.get("environment", {}).get("variables", {})
    return Package(resource.name, resource.inputs["handler"], tuple(variables), code, tuple(layers))


def _layer(resource: Resource, folder: Path) -> Path:
    """The layer's locked requirements, for this machine."""
    requirements = ROOT / str(resource.inputs["description"]).partition(",")[0]
    target = folder / "layers" / resource.name
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--python", sys.executable, "--target", str(target), "--requirements", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"layer {resource.name}: {done.stderr.strip()}")
    for name in ("bin", ".lock"):
        path = target / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return target
