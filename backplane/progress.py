"""What a command says: progress on standard error while it works, its answer on standard output."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

    from backplane.local.engine import Event


class Progress:
    """The steps of one command and how long each took."""

    def __init__(self, start: float | None = None) -> None:
        self.seconds: dict[str, float] = {}
        """Each step's seconds, by its name."""
        self._start = time.perf_counter() if start is None else start
        self._created = 0
        self._status: Status | None = None

    def total(self) -> float:
        """Seconds since the command started."""
        return time.perf_counter() - self._start

    @contextlib.contextmanager
    def step(self, name: str, doing: str) -> Iterator[None]:
        """Time a step, under its name, and show what is being done."""
        start = time.perf_counter()
        with self._shown(doing):
            yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def event(self, event: Event) -> None:
        """Count a resource; called from the program's threads."""
        if event.kind != "created":
            return
        self._created += 1
        if self._status is not None:
            self._status.update(f"{self._created} resources created, last {event.name}")

    def say(self, text: str) -> None:
        """Print one line at once."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    @contextlib.contextmanager
    def _shown(self, doing: str) -> Iterator[None]:
        if plain():
            self.say(f"{doing} ...")
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(doing) as self._status:
            yield
        self._status = None


class Result:
    """Standard output, kept for the command's answer: what a program prints goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._answer = os.dup(1)
        os.dup2(2, 1)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)

    def write(self, text: str) -> None:
        """Write the answer and a line's end."""
        left = memoryview(f"{text}\n".encode())
        with contextlib.suppress(BrokenPipeError):  # a reader that has seen enough may go
            while left:
                left = left[os.write(self._answer, left) :]

    def give_back(self) -> None:
        """Make standard output what it was."""
        os.dup2(self._answer, 1)
        os.close(self._answer)


def plain() -> bool:
    """Whether standard error takes text alone: no terminal, or one that wants no escape codes."""
    return not sys.stderr.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
