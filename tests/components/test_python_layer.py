"""A layer holds its locked wheels, the same bytes wherever it is built, and preview builds nothing."""

from __future__ import annotations

import hashlib
import stat
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components import python_layer
from components._base import ArgumentError
from components.python_layer import LayerError, Lock, PythonLayer, PythonLayerArgs
from support.recorder import UNKNOWN, Graph, record

LAYER = "aws:lambda/layerVersion:LayerVersion"


def wheel(folder: Path, files: Mapping[str, str], tag: str = "py3-none-any") -> str:
    """A wheel `demo` 1.0 in a folder; the line that locks it."""
    info = "demo-1.0.dist-info"
    content = {
        **files,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/entry_points.txt": "[console_scripts]\ndemo = demo:main\n",
    }
    record_ = "".join(f"{name},,\n" for name in [*content, f"{info}/RECORD"])
    path = folder / f"demo-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**content, f"{info}/RECORD": record_}.items():
            archive.writestr(name, text)
    return f"demo==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uv finds wheels, and nowhere else: no network."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return folder


@pytest.fixture
def project(tmp_path: Path, wheels: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    line = wheel(wheels, {"demo/__init__.py": "def main(): pass\n", "demo/data.json": "{}"})
    (root / "requirements.txt").write_text(f"# what the handlers need\n{line}")
    return root


def declare(project: Path, *, preview: bool, **values: Any) -> Graph:
    args: dict[str, Any] = {"requirements": "requirements.txt", **values}
    return record(lambda: PythonLayer("deps", PythonLayerArgs(**args)), preview=preview, root=project)


def zips(project: Path) -> list[Path]:
    return sorted(project.glob(".backplane/layers/*"))


def read(project: Path, name: str = "requirements.txt") -> Lock:
    return Lock.read(project / name, "arm64", "python3.13")


def test_preview_builds_nothing_and_says_that_it_does_not_know(project: Path) -> None:
    graph = declare(project, preview=True)
    assert graph.one(LAYER).inputs["code"] == UNKNOWN
    assert sorted(path.name for path in project.iterdir()) == ["requirements.txt"]


def test_up_builds_once_and_says_so(project: Path) -> None:
    first, second = declare(project, preview=False), declare(project, preview=False)
    assert [level for level, _ in first.messages] == ["info"]
    assert "layer deps built from requirements.txt in " in first.messages[0][1]
    assert second.messages == []
    assert len(zips(project)) == 1
    assert first.one(LAYER).inputs == second.one(LAYER).inputs


def test_preview_takes_what_has_been_built(project: Path) -> None:
    declare(project, preview=False)
    code = declare(project, preview=True).one(LAYER).inputs["code"]
    assert code.path == f".backplane/layers/{read(project).key}.zip"


@pytest.mark.parametrize("preview", [True, False])
def test_layer_is_a_child_with_its_platform(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview, architecture="x86_64", runtime="python3.12")
    layer = graph.one(LAYER, "deps")
    assert layer.parent == graph.component("deps").urn
    assert layer.inputs["layerName"] == "backplane-test-deps"
    assert layer.inputs["compatibleArchitectures"] == ["x86_64"]
    assert layer.inputs["compatibleRuntimes"] == ["python3.12"]
    assert layer.inputs["skipDestroy"] is False
    assert layer.inputs["description"].startswith("requirements.txt, ")


@pytest.mark.parametrize("preview", [True, False])
def test_registers_its_arn(project: Path, preview: bool) -> None:
    outputs = declare(project, preview=preview).component("deps").outputs
    expected = UNKNOWN if preview else "arn:aws:lambda:eu-west-1:123456789012:deps"
    assert outputs == {"layerArn": expected}


def test_overrides_reach_the_layer(project: Path) -> None:
    graph = declare(
        project, preview=True, overrides={"layer": {"license_info": "MIT"}}, keep_old_versions=True
    )
    assert graph.one(LAYER).inputs["licenseInfo"] == "MIT"
    assert graph.one(LAYER).inputs["skipDestroy"] is True


def test_holds_the_wheel_and_nothing_that_says_who_installed_it(project: Path) -> None:
    with zipfile.ZipFile(read(project).build(project / "cache", "deps")) as archive:
        assert archive.namelist() == [
            "python/demo-1.0.dist-info/METADATA",
            "python/demo-1.0.dist-info/WHEEL",
            "python/demo-1.0.dist-info/entry_points.txt",
            "python/demo/__init__.py",
            "python/demo/data.json",
        ]
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert stat.S_IMODE(entry.external_attr >> 16) == 0o644
            assert entry.compress_type == zipfile.ZIP_STORED


def test_two_builds_in_two_places_are_the_same_bytes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = read(project).build(tmp_path / "one", "deps")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "another uv"))
    monkeypatch.setenv("UV_COMPILE_BYTECODE", "1")
    two = read(project).build(tmp_path / "two" / "deeper", "other")
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()


def test_builders_at_once_leave_one_whole_zip(project: Path) -> None:
    cache, lock = project / "cache", read(project)
    threads = [threading.Thread(target=lock.build, args=(cache, "deps")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(cache.iterdir()) == [lock.path(cache)]
    with zipfile.ZipFile(lock.path(cache)) as archive:
        assert archive.testzip() is None


def test_installs_wheels_of_the_functions_platform(project: Path, wheels: Path) -> None:
    (wheels / "demo-1.0-py3-none-any.whl").unlink()
    arm = wheel(wheels, {"demo/native.so": "arm"}, "cp313-cp313-manylinux_2_34_aarch64")
    intel = wheel(wheels, {"demo/native.so": "intel"}, "cp313-cp313-manylinux_2_34_x86_64")
    both = f"{arm.strip()} {intel.split()[1]}\n"
    (project / "requirements.txt").write_text(both)
    for architecture, content in (("arm64", b"arm"), ("x86_64", b"intel")):
        lock = Lock.read(project / "requirements.txt", architecture, "python3.13")  # type: ignore[arg-type]  # a Literal
        with zipfile.ZipFile(lock.build(project / "cache", "deps")) as archive:
            assert archive.read("python/demo/native.so") == content


def test_key_changes_with_all_that_decides_the_bytes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "requirements.txt"
    keys = {
        read(project).key,
        Lock.read(path, "x86_64", "python3.13").key,
        Lock.read(path, "arm64", "python3.12").key,
    }
    monkeypatch.setattr(python_layer, "FORMAT", 2)
    keys.add(read(project).key)
    path.write_text(path.read_text() + "# changed\n")
    keys.add(read(project).key)
    assert len(keys) == 5


def test_key_does_not_depend_on_line_ends_or_place(project: Path, tmp_path: Path) -> None:
    text = (project / "requirements.txt").read_bytes()
    (tmp_path / "copied.txt").write_bytes(text.replace(b"\n", b"\r\n"))
    assert Lock.read(tmp_path / "copied.txt", "arm64", "python3.13").key == read(project).key


@pytest.mark.parametrize(
    "line",
    ["demo==1.0", "demo", "-r other.txt", "--index-url https://example.test", "-e ./demo --hash=sha256:0"],
)
def test_refuses_requirements_that_are_not_locked(project: Path, line: str) -> None:
    with (project / "requirements.txt").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(ArgumentError) as caught:
        read(project)
    assert repr(line) in str(caught.value)
    assert "uv pip compile --generate-hashes" in str(caught.value)


def test_reads_hashes_on_lines_of_their_own(project: Path) -> None:
    path = project / "requirements.txt"
    before = path.read_text()
    path.write_text(before.replace(" --hash", " \\\n    --hash").rstrip() + "  # via the handlers\n")
    assert b"\\\n    --hash" in read(project).requirements


def test_refuses_requirements_without_a_package(project: Path) -> None:
    (project / "requirements.txt").write_text("# nothing yet\n")
    with pytest.raises(ArgumentError, match="names no package; leave the layer out"):
        read(project)


def test_refuses_a_missing_file_before_any_resource(project: Path) -> None:
    with pytest.raises(ArgumentError, match=r"PythonLayerArgs.requirements: can't read .*nowhere.txt"):
        declare(project, preview=True, requirements="nowhere.txt")


def test_a_failing_install_names_the_layer_and_says_why(project: Path) -> None:
    text = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text(text.split("sha256:")[0] + "sha256:" + "0" * 64 + "\n")
    with pytest.raises(LayerError) as caught:
        declare(project, preview=False)
    message = str(caught.value)
    assert message.startswith(
        "PythonLayer 'deps': uv can't install its requirements for python3.13 on arm64:\n"
    )
    assert "ash" in message
    assert "0" * 64 in message
    assert zips(project) == []


@pytest.mark.parametrize(("limit", "what"), [("MAX_UNZIPPED_MB", "unpacked"), ("MAX_UPLOAD_MB", "as a zip")])
def test_refuses_a_layer_above_lambdas_limit(
    project: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch, limit: str, what: str
) -> None:
    (project / "requirements.txt").write_text(wheel(wheels, {"demo/big.bin": "x" * 2_500_000}))
    monkeypatch.setattr(python_layer, limit, 2)
    with pytest.raises(LayerError, match=f"PythonLayer 'deps' must be at most 2 MB {what}, got 2.4 MB"):
        read(project).build(project / "cache", "deps")
    assert list((project / "cache").iterdir()) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"architecture": "arm"}, "PythonLayerArgs.architecture must be one of 'arm64', 'x86_64', got 'arm'"),
        ({"runtime": "python3.10"}, "PythonLayerArgs.runtime must be one of 'python3.11'"),
        ({"requirement": "x"}, "PythonLayerArgs.requirement is not an argument"),
        ({"description": "x" * 257}, "PythonLayerArgs.description"),
    ],
)
def test_refuses_wrong_arguments(values: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        PythonLayerArgs(**{"requirements": "requirements.txt", **values})
    assert str(caught.value).startswith(message)
