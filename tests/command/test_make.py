"""The Makefile and the setup script, as far as they can be tested without installing anything."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETUP = ROOT / "tools" / "setup.sh"


def setup(folder: Path, python: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the setup script in an empty project, where it gets as far as looking for a Python."""
    for name in ("requirements/dev.txt", "pyproject.toml", "tools/setup.sh"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return subprocess.run(
        ["sh", str(folder / "tools/setup.sh")],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": python, **variables},
        check=False,
    )


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_make_alone_lists_every_target_with_a_line() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = dict(re.findall(r"^  make ([a-z-]+) +(\S.*)$", listed, re.MULTILINE))
    assert set(phony[1].split()) <= set(targets)
    assert {"setup", "up", "test", "check", "bench", "golden", "pulumi", "clean"} <= set(targets)


def test_make_up_has_the_promised_parameters_with_their_defaults() -> None:
    defaults = dict(re.findall(r"^([A-Z]+) \?= (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert defaults == {"BACKEND": "site-communications", "ENV": "dev", "TENANT": "demo", "PORT": "4566"}


def test_no_python_new_enough_is_said_plainly(tmp_path: Path) -> None:
    old = script(tmp_path / "old", 'case "$1" in --version) echo Python 3.9.1 ;; *) exit 1 ;; esac')
    done = setup(tmp_path, old)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed; found: Python 3.9.1.\nInstall it (")


def test_no_python_at_all_is_said_plainly(tmp_path: Path) -> None:
    done = setup(tmp_path, "/nowhere/python3")
    assert done.returncode == 1
    assert "found: no /nowhere/python3 that runs.\n" in done.stderr


def test_a_python_without_venv_is_said_plainly(tmp_path: Path) -> None:
    bare = script(tmp_path / "bare", 'case "$2" in *version_info*) exit 0 ;; *) exit 1 ;; esac')
    done = setup(tmp_path, bare)
    assert done.returncode == 1
    assert "has no venv module" in done.stderr
    assert "apt install python3-venv" in done.stderr


def test_setup_leaves_nothing_among_the_temporary_files(tmp_path: Path) -> None:
    uv = '#!/bin/sh\ncase "$*" in *"-e .") touch "$TMPDIR/setuptools.lock" ;; esac\n'
    nothing = "#!/bin/sh\n"
    make_venv = "".join(
        f"printf {shlex.quote(text)} >.venv/bin/{name}; chmod +x .venv/bin/{name}; "
        for name, text in {"uv": uv, "python": nothing, "backplane": nothing}.items()
    )
    python = script(tmp_path / "python", f'case "$2" in venv) mkdir -p .venv/bin; {make_venv};; esac')
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = setup(tmp_path / "project", python, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "project/.venv/.complete").is_file()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "requirements/dev.txt"])
def test_locks_have_hashes_and_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9][\w.-]*==\S+", text, re.MULTILINE)
    assert len(pins) > 30
    assert text.count(" \\\n    --hash=sha256:") >= len(pins)
    assert "://" not in text


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert "\nmake test\n" in run.read_text()
