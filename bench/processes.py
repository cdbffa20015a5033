"""Runs processes in turn and takes the medians of what they cost."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_LINUX_UNIT, _MAC_UNIT = 1024, 1
_SETTINGS = ("PYTHON", "AWS_", "PULUMI_")


class BenchError(Exception):
    """Something could not be measured; the message says why."""


@dataclass(frozen=True)
class _Run:
    """What one run took, as in `Costs`."""

    wall: float
    cpu: float
    rss: float
    answer: dict[str, Any]


@dataclass(frozen=True)
class Costs:
    """What several runs of one command took: the medians."""

    wall: float
    """Seconds from start to end."""
    cpu: float
    """Seconds of processor time, user and system."""
    rss: float
    """MiB at the peak."""
    answers: tuple[dict[str, Any], ...]
    """The line of JSON that each run printed last."""

    def median(self, key: str) -> float:
        """The median of one of the numbers in the answers."""
        return statistics.median(float(answer[key]) for answer in self.answers)


def environment(**variables: str) -> dict[str, str]:
    """This environment without what would change the figures: settings of Python, AWS and Pulumi.

    Nothing in it forbids bytecode, which an installation that is used has.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    return {**kept, "LANG": "C.UTF-8", "PYTHONNOUSERSITE": "1", **variables}


def in_turn(
    commands: Mapping[str, Sequence[str]],
    repeat: int,
    *,
    variables: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> dict[str, Costs]:
    """Run each command `repeat` times, in turn, after one round that warms caches and counts for nothing.

    Args:
        commands: command lines by name; each prints a line of JSON last.
        repeat: how many rounds count.
        variables: what their environment holds beside the least.
        folder: where they run.
    """
    runs: dict[str, list[_Run]] = {name: [] for name in commands}
    for round_ in range(repeat + 1):
        for name, command in commands.items():
            one = _run(name, command, environment(**(variables or {})), folder)
            if round_:
                runs[name].append(one)
    return {name: _medians(found) for name, found in runs.items()}


def _run(name: str, command: Sequence[str], variables: Mapping[str, str], folder: Path) -> _Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(f"{name} ended with status {process.returncode}: {' '.join(command[:6])} ...")
    unit = _LINUX_UNIT if sys.platform == "linux" else _MAC_UNIT
    rss = usage.ru_maxrss * unit / 2**20
    answer = json.loads(lines[-1]) if lines else {}
    return _Run(wall, usage.ru_utime + usage.ru_stime, rss, answer)


def _medians(runs: Sequence[_Run]) -> Costs:
    return Costs(
        wall=statistics.median(run.wall for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        rss=statistics.median(run.rss for run in runs),
        answers=tuple(run.answer for run in runs),
    )
