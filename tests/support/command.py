"""The `backplane` command as a person or a tool runs it: a process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from support.waiting import until

COMMAND = str(Path(sys.executable).with_name("backplane"))


def run(*arguments: str, folder: Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
    )


class Served:
    """`backplane up --json`, from its line of JSON until it is told to stop."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self.temporary = Path(tempfile.mkdtemp(prefix="command-"))
        self._errors = (self.temporary.with_suffix(".err")).open("w+")
        self.process = subprocess.Popen(
            [COMMAND, "up", "--port", "0", "--json", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            start_new_session=True,
        )
        self.line: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.next_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
        Path(self._errors.name).unlink()
        shutil.rmtree(self.temporary)

    def next_line(self) -> None:
        """Read the next line of JSON."""
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        assert text, self.said()
        self.line = json.loads(text)

    def said(self) -> str:
        """Standard error so far."""
        return Path(self._errors.name).read_text(encoding="utf-8")

    def until_said(self, text: str) -> None:
        until(lambda: text in self.said() or self.process.poll() is not None)
        assert text in self.said()

    def family(self) -> list[psutil.Process]:
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Signal it; the exit status, and what was left on standard output."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        return self.process.wait(20), rest
