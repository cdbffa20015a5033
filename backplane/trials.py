"""Loads changed handlers as Lambda would, in a process of their own, before they replace what serves."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backplane.local import wire
from backplane.local.assets import zip_archive

_IMPORT = Path(__file__).with_name("_try_imports.py")
_LOAD = """
for (const file of process.argv.slice(1)) {
  try { require(file); } catch (error) { console.error(error?.stack ?? error); process.exit(1); }
}
process.exit(0);
"""
"""Node.js itself would show the whole line of a bundle for an error."""


class Rejected(Exception):  # noqa: N818 - not an error of ours: the answer to a save
    """What was saved does not work."""


@dataclass(frozen=True)
class Candidate:
    """A function that runs, and the code that shall replace what it runs."""

    inputs: Mapping[str, Any]
    """Of the function's resource, as it was created."""

    code: wire.Archive


@dataclass(frozen=True)
class Trials:
    """Where and as whom candidates are loaded.

    Args:
        folder: what the paths of archives are relative to.
        endpoint: the emulator's address.
        region: of the functions.
    """

    folder: Path
    endpoint: str
    region: str

    def load(self, candidates: Iterable[Candidate]) -> None:
        """Load each; Node.js functions and Python ones, each kind in one process.

        Raises:
            Rejected: one does not load; with what it said.
        """
        candidates = list(candidates)
        self._import([one for one in candidates if _runtime(one).startswith("python")])
        self._require([one for one in candidates if _runtime(one).startswith("nodejs")])

    def _import(self, candidates: Sequence[Candidate]) -> None:
        modules: dict[Path, set[str]] = {}
        for one in candidates:
            name, asset = next(iter((one.code.assets or {}).items()))
            source = Path(os.path.normpath(self.folder / (asset.path or "")))
            root = source.parents[len(Path(name).parts) - 1]
            modules.setdefault(root, set()).add(one.inputs["handler"].rpartition(".")[0])
        for root, names in modules.items():
            command = [sys.executable, "-I", "-B", str(_IMPORT), *sorted(names)]
            self._run(command, root, _variables(candidates))

    def _require(self, candidates: Sequence[Candidate]) -> None:
        """Lay the files out as on Lambda: their source maps then lead to the right names."""
        if not candidates:
            return
        with tempfile.TemporaryDirectory(prefix="backplane-trial-") as temporary:
            files: list[str] = []
            for number, one in enumerate(candidates):
                with zipfile.ZipFile(io.BytesIO(zip_archive(one.code, self.folder))) as packed:
                    packed.extractall(f"{temporary}/{number}")
                files.append(f"{temporary}/{number}/{one.inputs['handler'].rpartition('.')[0]}")
            self._run(["node", "-e", _LOAD, *files], Path(temporary), _variables(candidates))

    def _run(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        aws = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        tried = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), **aws, **variables},
            check=False,
        )
        if tried.returncode:
            raise Rejected(
                re.sub(
                    rf"{re.escape(tempfile.gettempdir())}/backplane-trial-\w+/\d+/", "", tried.stderr.rstrip()
                )
            )


def _runtime(candidate: Candidate) -> str:
    return str(candidate.inputs.get("runtime", ""))


def _variables(candidates: Iterable[Candidate]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for one in candidates:
        variables |= (one.inputs.get("environment") or {}).get("variables") or {}
    return variables
