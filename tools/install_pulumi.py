"""Put the real Pulumi CLI and its Python language host into the project's tool folder.

Called by `make pulumi`; standard library alone, so that it runs before anything is installed. The version is
that of `pulumi` in requirements/runtime.txt. A CLI of that version on PATH, or one that is in the tool folder
already, is kept. Otherwise the official release is downloaded and checked against its published checksums,
and where that is not possible the same version is built from its Go modules (tools/go.mod), in minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASES = "https://get.pulumi.com/releases/sdk"
CONNECT_SECONDS = 10.0
HEARTBEAT_SECONDS = 15.0

CLI = "pulumi"
LANGUAGE_HOST = "pulumi-language-python"
# The host starts programs through this script, which it looks for beside itself.
LAUNCHER = "pulumi-language-python-exec"
PROGRAMS = (CLI, LANGUAGE_HOST, LAUNCHER)

SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
ENGINE_MODULE = "github.com/pulumi/pulumi/pkg/v3"
HOST_MODULE = "github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3"
MAIN_PACKAGES = (f"{ENGINE_MODULE}/cmd/pulumi", HOST_MODULE)
VERSION_VARIABLE = f"{SDK_MODULE}/go/common/version.Version"


class InstallError(Exception):
    """One way to get the CLI did not work; the text says why."""


class Progress:
    """Lines for a person who waits, each with the seconds since the start; standard output is for results."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line."""
        sys.stderr.write(f"[{time.monotonic() - self._start:4.0f} s] {text}\n")
        sys.stderr.flush()


def locked_version(root: Path) -> str:
    """The version of the SDK that requirements/runtime.txt locks, such as "3.272.0"."""
    text = (root / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    found = re.search(r"^pulumi==(\d+\.\d+\.\d+)", text, re.MULTILINE)
    if found is None:
        raise InstallError("requirements/runtime.txt locks no version of pulumi")
    return found[1]


def check_go_module(root: Path, version: str) -> None:
    """Refuse a tools/go.mod that would build another version than the locked one."""
    text = (root / "tools" / "go.mod").read_text(encoding="utf-8")
    for module in (ENGINE_MODULE, HOST_MODULE, SDK_MODULE):
        found = re.search(rf"^\s*(?:require\s+)?{re.escape(module)}\s+v(\S+)", text, re.MULTILINE)
        stated = found[1] if found else "no version"
        if stated != version:
            raise InstallError(
                f"tools/go.mod requires {stated} of {module}, but requirements/runtime.txt locks "
                f"pulumi {version}: change tools/go.mod to v{version}"
            )


def tool_folder(root: Path, version: str) -> Path:
    """Where this project keeps its own CLI; git ignores it."""
    return root / ".backplane" / "tools" / f"pulumi-{version}"


def reported_version(program: Path) -> str | None:
    """What a CLI says it is, without the leading "v"; None if it doesn't run."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [str(program), "version"], capture_output=True, text=True, timeout=60, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().removeprefix("v")


def on_path(version: str, progress: Progress) -> Path | None:
    """The folder of a usable CLI on PATH. One of another version is named and left alone."""
    found = shutil.which(CLI)
    if found is None:
        return None
    stated = reported_version(Path(found))
    if stated != version:
        progress.say(f"pulumi on PATH ({found}) is {stated or 'not usable'}, needed is {version}")
        return None
    folder = Path(found).resolve().parent
    if shutil.which(LANGUAGE_HOST) is None and not (folder / LANGUAGE_HOST).is_file():
        progress.say(f"pulumi on PATH ({found}) has no {LANGUAGE_HOST}")
        return None
    return Path(found).parent


def in_folder(folder: Path, version: str) -> bool:
    """Whether the folder holds all programs, and the CLI runs and is of this version."""
    return all((folder / name).is_file() for name in PROGRAMS) and reported_version(folder / CLI) == version


def release_name(version: str) -> str:
    """The file name of the official release for this machine."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    system, machine = platform.system(), platform.machine().lower()
    if system not in systems or machine not in machines:
        raise InstallError(f"there is no download for {system} on {machine} that this script knows")
    return f"pulumi-v{version}-{systems[system]}-{machines[machine]}.tar.gz"


def fetch(url: str, target: Path) -> None:
    """Download one file; the time-out is for each wait on the network, not for the whole."""
    try:
        with (
            urllib.request.build_opener().open(url, timeout=CONNECT_SECONDS) as reply,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(reply, file)
    except (OSError, http.client.HTTPException) as problem:
        raise InstallError(f"{url}: {problem}") from problem


def published_checksum(checksums: str, name: str) -> str:
    """The SHA-256 that a release's checksum file states for one of its files."""
    for line in checksums.splitlines():
        fields = line.split()
        if fields[1:] == [name]:
            return fields[0].lower()
    raise InstallError(f"the release's checksum file does not name {name}, so the download can't be verified")


def download(version: str, work: Path, releases: str, progress: Progress) -> None:
    """Fetch the official release into the work folder, verified, and keep the programs that are needed."""
    name = release_name(version)
    checksums, archive = work / "checksums.txt", work / name
    # The small file first: without it nothing that came after could be trusted.
    fetch(f"{releases}/pulumi-{version}-checksums.txt", checksums)
    expected = published_checksum(checksums.read_text(encoding="utf-8"), name)
    progress.say(f"downloading {name}")
    fetch(f"{releases}/{name}", archive)
    with archive.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != expected:
        raise InstallError(f"{name} has SHA-256 {actual}, its release states {expected}: not used")
    unpack(archive, work / "bin")


def unpack(archive: Path, target: Path) -> None:
    """Take the needed programs out of a release; its other language hosts stay behind."""
    target.mkdir()
    try:
        with tarfile.open(archive) as tar:
            for name in PROGRAMS:
                source = tar.extractfile(f"pulumi/{name}")
                if source is None:
                    raise InstallError(f"pulumi/{name} in {archive.name} is not a file")
                with source, (target / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
                (target / name).chmod(0o755)
    except (KeyError, tarfile.TarError) as problem:
        raise InstallError(f"{archive.name}: {problem}") from problem


def build(root: Path, version: str, work: Path, progress: Progress) -> None:
    """Build the programs with Go into the work folder.

    Go works on a copy of go.mod and go.sum, so that what it adds to them never changes a committed file. A
    module that go.sum does not name is checked against Go's public checksum database, as Go does by itself.
    """
    go = shutil.which("go")
    if go is None:
        raise InstallError("Go is not installed")
    for name in ("go.mod", "go.sum"):
        if (root / "tools" / name).is_file():
            shutil.copyfile(root / "tools" / name, work / name)
    (work / "bin").mkdir()
    modules = ["-C", str(root / "tools"), f"-modfile={work / 'go.mod'}", "-mod=mod"]
    stamp = f"-s -w -X {VERSION_VARIABLE}=v{version}"
    options = [
        "-o",
        f"{work / 'bin'}{os.sep}",
        "-trimpath",
        "-tags",
        "osusergo,grpcnotrace",
        "-ldflags",
        stamp,
    ]
    progress.say(f"building pulumi {version} from its Go modules; the first time takes minutes")
    run_go([go, "build", *modules, *options, *MAIN_PACKAGES], progress)
    copy_launcher(go, modules, work / "bin")


def copy_launcher(go: str, modules: Sequence[str], target: Path) -> None:
    """Lay the launcher beside the host: it is Python and comes with the SDK's module, nothing builds it."""
    located = subprocess.run(
        [go, "list", *modules, "-m", "-f", "{{.Dir}}", SDK_MODULE],
        capture_output=True,
        text=True,
        check=False,
        env=go_environment(),
    )
    launcher = Path(located.stdout.strip()) / "python" / "cmd" / LAUNCHER
    if located.returncode != 0 or not launcher.is_file():
        raise InstallError(f"{SDK_MODULE} has no python/cmd/{LAUNCHER} {located.stderr.strip()}".rstrip())
    shutil.copyfile(launcher, target / LAUNCHER)
    (target / LAUNCHER).chmod(0o755)


def go_environment() -> dict[str, str]:
    """The caller's environment, without a workspace file above the repository that would change the build."""
    return {**os.environ, "GOWORK": "off"}


def run_go(command: Sequence[str], progress: Progress) -> None:
    """Run Go with its messages in view; it is silent while it compiles, so say that it is still at work."""
    with subprocess.Popen(command, env=go_environment()) as process:
        while True:
            try:
                status = process.wait(timeout=HEARTBEAT_SECONDS)
            except subprocess.TimeoutExpired:
                progress.say("still building")
            else:
                break
    if status != 0:
        raise InstallError(f"go build ended with status {status}; its messages are above")


def put_in_place(work: Path, folder: Path, version: str) -> None:
    """Move finished programs to the tool folder, in one step: a folder that is there is whole."""
    stated = reported_version(work / "bin" / CLI)
    if stated != version:
        problem = "does not run" if stated is None else f"says that it is {stated}"
        raise InstallError(f"the new CLI {problem}, needed is {version}")
    shutil.rmtree(folder, ignore_errors=True)
    (work / "bin").rename(folder)


def install(root: Path, version: str, releases: str, progress: Progress) -> None:
    """Try the download, then the build; raise with both reasons when neither works."""
    folder = tool_folder(root, version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    reasons: list[str] = []
    ways: tuple[tuple[str, Callable[[Path], None]], ...] = (
        ("download", lambda work: download(version, work, releases, progress)),
        ("build with Go", lambda work: build(root, version, work, progress)),
    )
    for name, way in ways:
        with tempfile.TemporaryDirectory(prefix=".pulumi-", dir=folder.parent) as temporary:
            try:
                way(Path(temporary))
                put_in_place(Path(temporary), folder, version)
            except InstallError as problem:
                progress.say(f"{name}: {problem}")
                reasons.append(f"  {name}: {problem}")
                continue
        progress.say(f"pulumi {version} is in {folder} ({name})")
        return
    raise InstallError(
        f"pulumi {version} could not be installed:\n"
        + "\n".join(reasons)
        + f"\nInstall Pulumi {version} yourself and put it on PATH "
        "(https://www.pulumi.com/docs/iac/download-install/), or install Go of at least the version in "
        "tools/go.mod and run this where the Go module proxy serves Pulumi's modules."
    )


def main(arguments: Sequence[str] | None = None, root: Path = ROOT, releases: str = RELEASES) -> int:
    """Exit status 0: a CLI of the locked version is there. 1: it is not, and the last lines say why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="install nothing, only print the CLI's folder")
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        version = locked_version(root)
        check_go_module(root, version)
        folder = on_path(version, progress)
        if folder is None and in_folder(tool_folder(root, version), version):
            folder = tool_folder(root, version)
        if folder is None and not options.check:
            install(root, version, releases, progress)
            return 0
    except InstallError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if folder is None:
        sys.stderr.write(f"pulumi {version} is not installed: run make pulumi\n")
        return 1
    if options.check:
        sys.stdout.write(f"{folder}\n")
    else:
        progress.say(f"pulumi {version} is in {folder}: nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main())
