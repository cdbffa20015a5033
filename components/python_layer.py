"""The third-party packages of functions, as one Lambda layer, locked to the byte.

Creates a layer version (aws.lambda.LayerVersion) from a requirements file whose every line carries a hash.
The wheels are those of the function's own platform, whatever machine builds them. Costs nothing beyond
Lambda's storage (75 GB an account, free). Every change is a new version: its functions move to it, then the
old one goes.

A build happens only on update, and once: the zip's name is a digest of all that went into it, and preview
takes what is there. Keep `.backplane/layers` between runs (a CI cache) and preview never shows an unknown
layer.

It won't compile anything (wheels only), resolve versions (they are locked), upload through S3 (50 MB is the
most it sends) or carry console scripts.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic
import uv

from components._base import ArgumentError, Component, ComponentArgs
from components.packaging import MAX_UNZIPPED_MB, project_directory, relative_to_program, unknown_archive

Architecture = Literal["arm64", "x86_64"]
Runtime = Literal["python3.11", "python3.12", "python3.13", "python3.14"]

MAX_UPLOAD_MB = 50
"""Lambda's limit for a zip that is sent with the request.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_LAYER_NAME_LENGTH = 64

FORMAT = 1
"""Part of every zip's name: raise it when the zip's layout changes, and each layer is built anew."""

PLATFORMS: Mapping[str, str] = {
    "python3.11": "manylinux2014",
    "python3.12": "manylinux_2_34",
    "python3.13": "manylinux_2_34",
    "python3.14": "manylinux_2_34",
}
"""The newest wheels that a runtime's C library loads: Amazon Linux 2 has glibc 2.26, Amazon Linux 2023 has
2.34. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

_MACHINES: Mapping[str, str] = {"arm64": "aarch64", "x86_64": "x86_64"}
_INSTALLER_FILES = frozenset(
    {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"}
)
_EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE = 0o100644


class LayerError(RuntimeError):
    """A layer that can't be built; says which and why."""


class PythonLayerArgs(ComponentArgs):
    """Arguments of `PythonLayer`."""

    children: ClassVar[Mapping[str, type[pulumi.CustomResource]]] = {"layer": aws.lambda_.LayerVersion}

    requirements: str
    """The locked requirements, a path below the project's root: `handlers/requirements.txt`. Every
    requirement carries `--hash=`, as `uv pip compile --generate-hashes` writes it. A change publishes a new
    version."""

    architecture: Architecture = "arm64"
    """The processor that the wheels are for; its functions must have the same. A change publishes a new
    version. https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html"""

    runtime: Runtime = "python3.13"
    """The Python that the wheels are for; its functions must have the same. A change publishes a new version.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

    description: Annotated[str, pydantic.Field(max_length=256)] | None = None
    """What the console shows, at most 256 characters. A change publishes a new version."""

    keep_old_versions: bool = False
    """Whether replaced versions stay in the account. Functions that already use a version run on without it,
    so keep them only for functions that other stacks attach. Kept versions count towards the 75 GB of the
    account."""


class PythonLayer(Component):
    """A layer version with the locked requirements under `python/`."""

    layer: aws.lambda_.LayerVersion
    """The main child."""

    layer_arn: pulumi.Output[str]
    """The ARN with its version, which functions attach."""

    def __init__(self, name: str, args: PythonLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.args = args
        root = project_directory(None, "PythonLayerArgs.requirements")
        self._lock = Lock.read(root / args.requirements, args.architecture, args.runtime)
        super().__init__(name, opts)
        self.layer = aws.lambda_.LayerVersion(
            name,
            **args.overriding(
                "layer",
                layer_name=_layer_name(name),
                code=self._code(root / ".backplane" / "layers"),
                compatible_architectures=[args.architecture],
                compatible_runtimes=[args.runtime],
                description=args.description or f"{args.requirements}, {self._lock.key[:12]}",
                skip_destroy=args.keep_old_versions,
            ),
            opts=self._child(),
        )
        self.layer_arn = self.layer.arn
        self.register_outputs({"layerArn": self.layer_arn})

    def _code(self, cache: Path) -> pulumi.Input[pulumi.Archive]:
        path = self._lock.path(cache)
        if path.is_file():
            return _archive(path)
        if pulumi.runtime.is_dry_run():
            return unknown_archive()
        return pulumi.Output.from_input(self._build(cache))

    async def _build(self, cache: Path) -> pulumi.Archive:
        """Build in a thread, so that the rest of the program goes on meanwhile."""
        started = time.monotonic()
        path = await asyncio.to_thread(self._lock.build, cache, self.name)
        seconds = time.monotonic() - started
        pulumi.log.info(f"layer {self.name} built from {self.args.requirements} in {seconds:.1f} s", self)
        return _archive(path)


@dataclass(frozen=True)
class Lock:
    """Locked requirements for one platform: all that decides the bytes of a layer."""

    requirements: bytes
    architecture: Architecture
    runtime: Runtime

    @classmethod
    def read(cls, path: Path, architecture: Architecture, runtime: Runtime) -> Lock:
        """Read a requirements file, and refuse one that isn't locked with hashes."""
        try:
            # With universal newlines: the line ends of a checkout decide nothing.
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"PythonLayerArgs.requirements: can't read {path}: {error}") from None
        _check_locked(path.name, text)
        return cls(text.encode(), architecture, runtime)

    @property
    def key(self) -> str:
        """A digest of the requirements, the platform and the format of the zip."""
        head = f"{FORMAT}\n{self.architecture}\n{self.runtime}\n".encode()
        return hashlib.sha256(head + self.requirements).hexdigest()

    def path(self, cache: Path) -> Path:
        """Where the zip lies in a cache."""
        return cache / f"{self.key}.zip"

    def build(self, cache: Path, name: str) -> Path:
        """Install with uv and zip the result, whole or not at all: two builders at once write the same bytes.

        Raises:
            LayerError: uv fails, or the layer is larger than Lambda takes.
        """
        target = self.path(cache)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as folder:
            installed, zipped = Path(folder, "python"), Path(folder, "layer.zip")
            self._install(Path(folder), installed, name)
            _write_zip(installed, zipped)
            _check_sizes(name, installed, zipped)
            zipped.replace(target)
        return target

    def _install(self, folder: Path, installed: Path, name: str) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_bytes(self.requirements)
        command = [
            uv.find_uv_bin(),
            *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
            *("--python", sys.executable, "--python-version", self.runtime.removeprefix("python")),
            *("--python-platform", f"{_MACHINES[self.architecture]}-{PLATFORMS[self.runtime]}"),
            *("--target", str(installed), "--requirements", str(requirements)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LayerError(
                f"PythonLayer {name!r}: uv can't install its requirements for {self.runtime} on "
                f"{self.architecture}:\n{done.stderr.strip()}"
            )


def _check_locked(name: str, text: str) -> None:
    """Refuse requirements without hashes, and lines that take something in from outside the file."""
    lines = [line.strip() for line in text.replace("\\\n", " ").split("\n")]
    wanted = [line for line in lines if line and not line.startswith("#")]
    fix = f"write it with: uv pip compile --generate-hashes --no-emit-index-url requirements.in -o {name}"
    if not wanted:
        raise ArgumentError(f"PythonLayerArgs.requirements: {name} names no package; leave the layer out")
    for line in wanted:
        if line.startswith("-") or "--hash=" not in line:
            raise ArgumentError(
                f"PythonLayerArgs.requirements: every line of {name} must be a requirement with --hash=, "
                f"got {line[:80]!r}; {fix}"
            )


def _files(installed: Path) -> Iterator[tuple[str, Path]]:
    """What belongs into the layer, by name: no scripts, no bytecode, nothing that says who installed it."""
    for path in sorted(installed.rglob("*"), key=lambda path: path.relative_to(installed).as_posix()):
        name = path.relative_to(installed)
        in_metadata = name.parent.suffix == ".dist-info"
        if (
            path.is_file()
            and name.parts[0] not in {"bin", ".lock"}
            and "__pycache__" not in name.parts
            and not (in_metadata and name.name in _INSTALLER_FILES)
        ):
            yield f"python/{name.as_posix()}", path


def _write_zip(installed: Path, zipped: Path) -> None:
    """The same bytes for the same files: sorted, one time, one mode, and stored, since compressors differ."""
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_STORED) as archive:
        for name, path in _files(installed):
            entry = zipfile.ZipInfo(name, _EARLIEST_ZIP_TIME)
            entry.create_system = 3  # Unix, whatever builds it
            entry.external_attr = _REGULAR_FILE << 16
            archive.writestr(entry, path.read_bytes())


def _check_sizes(name: str, installed: Path, zipped: Path) -> None:
    unpacked = sum(path.stat().st_size for _, path in _files(installed)) / 2**20
    packed = zipped.stat().st_size / 2**20
    for what, size, limit in (("unpacked", unpacked, MAX_UNZIPPED_MB), ("as a zip", packed, MAX_UPLOAD_MB)):
        if size > limit:
            raise LayerError(
                f"PythonLayer {name!r} must be at most {limit} MB {what}, got {size:.1f} MB; "
                "leave out what the runtime has (boto3), or split the requirements over two layers"
            )


def _archive(path: Path) -> pulumi.Archive:
    return pulumi.FileArchive(relative_to_program(path))


def _layer_name(name: str) -> str:
    """Names are shared by the account: two stacks must not number each other's versions."""
    whole = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}"
    return re.sub(r"[^A-Za-z0-9_-]", "-", whole)[-MAX_LAYER_NAME_LENGTH:]
