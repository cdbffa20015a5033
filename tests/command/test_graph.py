from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support import fixture_project
from support.command import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture_project.write(tmp_path_factory.mktemp("project"))


def test_the_picture_goes_to_standard_output_and_nothing_else(folder: Path) -> None:
    done = run("graph", "hello", "--env", "dev", folder=folder)
    assert done.returncode == 0, done.stderr
    assert ET.fromstring(done.stdout).findtext("{*}title") == "Architecture of hello"  # noqa: S314 - our own
    assert "programs may print" in done.stderr


def test_the_picture_goes_to_a_file_with_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "hello.svg"
    done = run("graph", "--out", str(out), folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert out.read_text(encoding="utf-8") == run("graph", folder=folder).stdout


def test_a_file_that_cannot_be_written_is_told_in_one_line(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "no-folder" / "hello.svg"
    done = run("graph", "--out", str(out), folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{out}: can't be written: No such file or directory\n")


def test_a_wrong_configuration_is_told_as_by_a_preview(folder: Path) -> None:
    done = run("graph", "nothing", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "backplane:backend must be one of hello, got 'nothing'" in done.stderr


def test_a_program_that_fails_draws_nothing(tmp_path: Path) -> None:
    done = run("graph", folder=fixture_project.write(tmp_path, "raise ValueError('broken on purpose')\n"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "broken on purpose" in done.stderr
