"""Functions in TypeScript, bundled as a deployment bundles them and called as Lambda calls them."""

import itertools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.typescript import Bundle, bundle

ROOT = Path(__file__).parents[2]
_PROGRAM = Path(__file__).with_name("node_functions.cjs")
_CONTEXT = {"functionName": "function", "awsRequestId": "invocation-1"}
_SECONDS = 30

needed = pytest.mark.skipif(
    shutil.which("node") is None or not (ROOT / "node_modules/.bin/esbuild").is_file(),
    reason="needs Node.js and node_modules: make setup",
)


@dataclass(frozen=True)
class Outcome:
    """What came of one call."""

    result: Any
    error: str
    """Name and text of what was thrown."""

    logs: list[str]
    """The lines that it wrote to stdout."""

    @property
    def line(self) -> dict[str, Any]:
        """The one line of its log."""
        [text] = self.logs
        found: dict[str, Any] = json.loads(text)
        return found


class NodeFunctions:
    """A process of Node.js with functions in it, each loaded with its first call."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._ids = itertools.count()
        self._writing = threading.Lock()
        self._waiting: dict[int, Future[Outcome]] = {}
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def call(self, name: str, event: Any) -> Outcome:
        """Calls a function, beside those that other threads call."""
        assert self._process.stdin is not None
        call = next(self._ids)
        request = {"id": call, "name": name, "event": event, "context": _CONTEXT}
        line = json.dumps(request, allow_nan=False)
        future = self._waiting[call] = Future[Outcome]()
        with self._writing:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        return future.result(_SECONDS)

    def close(self) -> int:
        """Lets it end; the answer is its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        status = self._process.wait(_SECONDS)
        self._reader.join()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            found = json.loads(line)
            outcome = Outcome(found.get("result"), found.get("error", ""), found["logs"])
            self._waiting.pop(found["id"]).set_result(outcome)


def bundled(module: str) -> Bundle:
    """The bundle of a handler's module, built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pulumi.get_root_directory", lambda: str(ROOT))
        found = bundle(f"{module}.handler", ROOT)
    if not found.is_built():
        found.build()
    return found


def file(found: Bundle) -> Path:
    """The bundle's one file."""
    return found.folder / f"{Path(found.entry).stem}.js"


@contextmanager
def running(package: str, names: Iterable[str], environment: Mapping[str, str]) -> Iterator[NodeFunctions]:
    """The functions `names` of a package, with nothing in their environment but what is given."""
    files = {name: str(file(bundled(f"{package}.{name}"))) for name in names}
    process = subprocess.Popen(
        ["node", str(_PROGRAM), json.dumps(files)],
        env={
            "PATH": os.environ["PATH"],
            "NODE_OPTIONS": "--enable-source-maps",
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            **environment,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            functions = NodeFunctions(process)
            yield functions
            assert functions.close() == 0
        finally:
            process.kill()
