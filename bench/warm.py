"""What a warm handler adds to a request, its log line included, beside Powertools with validation."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import uv

from bench.processes import ROOT, BenchError, environment
from bench.rows import Row

BUDGET, STRETCH = 0.25, 0.1
_LOCK = ROOT / "requirements" / "bench.txt"
_PLACE = ROOT / ".backplane" / "bench"
_CALLS = 1000
_AGAINST = "validation"


def rows(repeat: int) -> Iterator[Row]:
    """One row for each of our handlers, and the others as information."""
    command = [str(_interpreter()), "-m", "bench._warm", str(3 * repeat), str(_CALLS)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"warm requests: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    peer = found[_AGAINST]
    for name, what in (
        ("ours, create", "create-user with its log line"),
        ("ours, get", "get-user with its log line"),
    ):
        yield Row(
            "warm request",
            f"{what}, against Powertools resolver and validation of POST /users",
            found[name] / peer,
            "x",
            BUDGET,
            STRETCH,
            note=f"{found[name]:.0f} us against {peer:.0f} us of processor time, without the store",
        )
    others = ", ".join(f"{name} {value:.0f}" for name, value in found.items() if not name.startswith("ours"))
    yield Row(
        "warm request",
        "create-user against a bare JSON handler",
        found["ours, create"] / found["bare"],
        "x",
        note=f"us: {others}",
    )


def _interpreter() -> Path:
    """An environment with what the others need, made when its lock changes."""
    digest = hashlib.sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = _PLACE / digest
    interpreter = place / "bin" / "python"
    stamp = place / ".complete"
    if not stamp.exists():
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(place))
        _uv("pip", "sync", "--quiet", "--require-hashes", "--python", str(interpreter), str(_LOCK))
        stamp.touch()
    return interpreter


def _uv(*arguments: str) -> None:
    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"uv {arguments[0]}: {done.stderr.strip()}")
