"""The installer of the real CLI: a release server on loopback, the real Go client on stand-in modules.

Not shown here: that Pulumi's own modules build. The stand-ins have their paths and nothing of their code.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
VERSION = "3.9.7"
REAL_PATH = os.environ.get("PATH", "")
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing answers, at once


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "install_pulumi", REPOSITORY / "tools" / "install_pulumi.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


installer: Any = load()


def cli(version: str) -> str:
    return f"#!/bin/sh\necho v{version}\n"


def put(folder: Path, version: str = VERSION, names: tuple[str, ...] = installer.PROGRAMS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(cli(version))
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that locks VERSION, on a machine without pulumi and without Go."""
    root = tmp_path / "checkout"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "runtime.txt").write_text(
        f"other==1.0.0\npulumi-aws==7.0.0\npulumi=={VERSION} \\\n"
    )
    (root / "tools").mkdir()
    text = (REPOSITORY / "tools" / "go.mod").read_text()
    text = text.replace(installer.locked_version(REPOSITORY), VERSION)
    (root / "tools" / "go.mod").write_text(
        "\n".join(x for x in text.splitlines() if not x.startswith("replace"))
    )
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return root


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A release server: its folder, which holds a good release, and its address."""
    folder = tmp_path / "releases"
    folder.mkdir()
    name = installer.release_name(VERSION)
    with tarfile.open(folder / name, "w:gz") as tar:
        for program in (*installer.PROGRAMS, "pulumi-language-nodejs"):
            data = cli(VERSION).encode()
            entry = tarfile.TarInfo(f"pulumi/{program}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / f"pulumi-{VERSION}-checksums.txt").write_text(f"{'0' * 64}  another.zip\n{digest}  {name}\n")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def tools(root: Path) -> list[str]:
    folder = root / ".backplane" / "tools"
    return sorted(x.name for x in folder.iterdir()) if folder.is_dir() else []


def test_go_module_requires_the_locked_version() -> None:
    installer.check_go_module(REPOSITORY, installer.locked_version(REPOSITORY))


def test_go_module_of_another_version_is_named_and_nothing_is_installed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go_mod = root / "tools" / "go.mod"
    go_mod.write_text(go_mod.read_text().replace(f"pkg/v3 v{VERSION}", "pkg/v3 v3.9.6"))
    assert installer.main([], root, NOWHERE) == 1
    error = capsys.readouterr().err
    assert "requires 3.9.6 of github.com/pulumi/pulumi/pkg/v3" in error
    assert f"locks pulumi {VERSION}" in error
    assert tools(root) == []


def test_cli_on_path_is_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = put(tmp_path / "there")
    monkeypatch.setenv("PATH", f"{there}:{os.environ['PATH']}")
    assert installer.main([], root, NOWHERE) == 0
    assert f"is in {there}: nothing to do" in capsys.readouterr().err
    assert tools(root) == []


@pytest.mark.parametrize(
    ("version", "names", "said"),
    [
        ("3.9.6", installer.PROGRAMS, "is 3.9.6, needed is 3.9.7"),
        (VERSION, ("pulumi",), "has no pulumi-language-python"),
    ],
)
def test_unusable_cli_on_path_is_named_and_not_used(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    releases: tuple[Path, str],
    version: str,
    names: tuple[str, ...],
    said: str,
) -> None:
    there = put(tmp_path / "there", version, names)
    monkeypatch.setenv("PATH", f"{there}:{os.environ['PATH']}")
    assert installer.main([], root, releases[1]) == 0
    assert said in capsys.readouterr().err
    assert tools(root) == [f"pulumi-{VERSION}"]


def test_download_takes_the_needed_programs_and_a_second_call_does_nothing(
    root: Path, releases: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert installer.main([], root, releases[1]) == 0
    folder = installer.tool_folder(root, VERSION)
    assert sorted(x.name for x in folder.iterdir()) == sorted(installer.PROGRAMS)
    assert tools(root) == [f"pulumi-{VERSION}"]
    capsys.readouterr()
    assert installer.main([], root, NOWHERE) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_incomplete_tool_folder_is_replaced(root: Path, releases: tuple[Path, str]) -> None:
    folder = put(installer.tool_folder(root, VERSION), names=("pulumi",))
    assert installer.main([], root, releases[1]) == 0
    assert sorted(x.name for x in folder.iterdir()) == sorted(installer.PROGRAMS)


def change_archive(folder: Path) -> None:
    with (folder / installer.release_name(VERSION)).open("ab") as file:
        file.write(b"x")


def remove_checksums(folder: Path) -> None:
    (folder / f"pulumi-{VERSION}-checksums.txt").unlink()


def forget_archive_in_checksums(folder: Path) -> None:
    (folder / f"pulumi-{VERSION}-checksums.txt").write_text(f"{'0' * 64}  another.zip\n")


def release_other_programs(folder: Path) -> None:
    name = installer.release_name(VERSION)
    with tarfile.open(folder / name, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("pulumi/README"))
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / f"pulumi-{VERSION}-checksums.txt").write_text(f"{digest}  {name}\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (change_archive, "its release states"),
        (remove_checksums, "404"),
        (forget_archive_in_checksums, "can't be verified"),
        (release_other_programs, "'pulumi/pulumi' not found"),
    ],
)
def test_release_that_cannot_be_trusted_leaves_nothing_behind(
    root: Path, releases: tuple[Path, str], capsys: pytest.CaptureFixture[str], spoil: Any, said: str
) -> None:
    spoil(releases[0])
    assert installer.main([], root, releases[1]) == 1
    assert said in capsys.readouterr().err
    assert tools(root) == []


def test_machine_without_download_and_go_says_what_to_install(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installer.main([], root, NOWHERE) == 1
    error = capsys.readouterr().err
    assert "download: http://127.0.0.1:9/" in error
    assert "build with Go: Go is not installed" in error
    assert f"Install Pulumi {VERSION} yourself and put it on PATH" in error
    assert tools(root) == []


def test_check_prints_the_folder_alone_and_installs_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installer.main(["--check"], root, NOWHERE) == 1
    assert capsys.readouterr().out == ""
    folder = put(installer.tool_folder(root, VERSION))
    assert installer.main(["--check"], root, NOWHERE) == 0
    assert capsys.readouterr().out == f"{folder}\n"


def test_unknown_machine_has_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer.platform, "machine", lambda: "riscv64")
    with pytest.raises(installer.InstallError, match="riscv64"):
        installer.release_name(VERSION)


STAND_IN_SOURCES = {
    installer.SDK_MODULE: {
        "go/common/version/version.go": "package version\n\nvar Version string\n",
        f"python/cmd/{installer.LAUNCHER}": "#!/usr/bin/env python\n",
    },
    installer.ENGINE_MODULE: {
        "cmd/pulumi/main.go": f'package main\n\nimport v "{installer.SDK_MODULE}/go/common/version"\n\n'
        "func main() { println_(v.Version) }\n",
        "cmd/pulumi/print.go": 'package main\n\nimport "os"\n\n'
        'func println_(s string) { os.Stdout.WriteString(s + "\\n") }\n',
    },
    installer.HOST_MODULE: {"main.go": "package main\n\nfunc main() {}\n"},
}


def publish(proxy: Path, module: str, sources: dict[str, str]) -> None:
    """Lay a module out as Go's module proxy protocol wants it: https://go.dev/ref/mod#goproxy-protocol."""
    go_mod = f"module {module}\n\ngo 1.21\n"
    if module == installer.ENGINE_MODULE:
        go_mod += f"\nrequire {installer.SDK_MODULE} v{VERSION}\n"
    folder = proxy / module / "@v"
    folder.mkdir(parents=True)
    (folder / f"v{VERSION}.info").write_text(f'{{"Version": "v{VERSION}"}}')
    (folder / f"v{VERSION}.mod").write_text(go_mod)
    with zipfile.ZipFile(folder / f"v{VERSION}.zip", "w") as archive:
        for name, text in {"go.mod": go_mod, **sources}.items():
            archive.writestr(f"{module}@v{VERSION}/{name}", text)


@pytest.fixture
def go_proxy(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The real Go client against a module proxy of files, with a module cache of its own."""
    go = shutil.which("go", path=REAL_PATH)
    if go is None:
        pytest.skip("Go is not installed")
    go_mod = root / "tools" / "go.mod"
    go_mod.write_text(re.sub(r"(?m)^go .*$", "go 1.24", go_mod.read_text()))
    proxy = tmp_path / "proxy"
    for module, sources in STAND_IN_SOURCES.items():
        publish(proxy, module, sources)
    settings = {
        "PATH": str(Path(go).parent),
        "GOPROXY": proxy.as_uri(),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-modcacherw",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    yield proxy
    subprocess.run([go, "clean", "-modcache"], check=True)


def test_build_stamps_the_version_and_lays_the_launcher_beside_the_host(root: Path, go_proxy: Path) -> None:
    assert go_proxy.is_dir()
    before = (root / "tools" / "go.mod").read_text()
    assert installer.main([], root, NOWHERE) == 0
    folder = installer.tool_folder(root, VERSION)
    assert sorted(x.name for x in folder.iterdir()) == sorted(installer.PROGRAMS)
    assert installer.reported_version(folder / "pulumi") == VERSION
    assert os.access(folder / installer.LAUNCHER, os.X_OK)
    assert (root / "tools" / "go.mod").read_text() == before
    assert not (root / "tools" / "go.sum").exists()
    assert tools(root) == [f"pulumi-{VERSION}"]


def test_module_that_is_not_served_fails_the_build_with_go_s_own_words(
    root: Path, go_proxy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(go_proxy / installer.ENGINE_MODULE)
    assert installer.main([], root, NOWHERE) == 1
    error = capfd.readouterr().err
    assert f"{installer.ENGINE_MODULE}@v{VERSION}" in error
    assert "build with Go: go build ended with status 1" in error
    assert tools(root) == []


def test_module_that_differs_from_go_sum_is_refused(
    root: Path, go_proxy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert go_proxy.is_dir()
    lines = [f"{x} v{VERSION} h1:{'A' * 43}=\n" for x in STAND_IN_SOURCES]
    (root / "tools" / "go.sum").write_text("".join(lines))
    assert installer.main([], root, NOWHERE) == 1
    assert "checksum mismatch" in capfd.readouterr().err
    assert tools(root) == []


def test_runs_without_the_project_s_packages() -> None:
    script = str(REPOSITORY / "tools" / "install_pulumi.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, "--help"], capture_output=True, text=True, check=True
    )
    assert "--check" in done.stdout
