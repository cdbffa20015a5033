"""Runs esbuild, of the version that the project's package-lock.json locks, and says what went wrong.

The program is found in the project's node_modules and nowhere else, and only if that holds what is locked.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE_MAJOR = 20
"""The oldest Node.js that runs the bundles and that the AWS SDK supports."""

_ESBUILD = "node_modules/.bin/esbuild"
_LOCK = "package-lock.json"
_INSTALLED = "node_modules/.package-lock.json"
_LOG_OPTIONS = ("--log-level=error", "--log-limit=0", "--color=false")
_ERROR = re.compile(r"\[ERROR\] (.+)\n(?:\n\s+(\S.*?):(\d+):\d+:)?")
_INSTALL_NODE = "install it (nodejs.org, apt install nodejs npm, brew install node), then run: npm ci"


class BundleError(RuntimeError):
    """A bundle that can't be built; says what to do."""


@dataclass(frozen=True)
class Esbuild:
    """esbuild as one project has installed it."""

    project: Path

    @classmethod
    def find(cls, project: Path) -> Esbuild:
        """Look for it, for the Node.js that it starts on, and for all that is locked beside it.

        Raises:
            BundleError: one of them isn't there, or isn't what is locked.
        """
        _check_node()
        if not (project / _LOCK).is_file():
            raise BundleError(
                f"functions in TypeScript need a {_LOCK} beside Pulumi.yaml, which locks esbuild and what "
                "they import; write one with: npm install --save-dev --save-exact esbuild"
            )
        if not (project / _ESBUILD).is_file():
            raise BundleError(
                f"functions in TypeScript need what {_LOCK} locks, and node_modules has no esbuild; "
                "run: npm ci"
            )
        _check_installed(project)
        return cls(project)

    def run(self, entry: str, file: Path, options: Sequence[str]) -> list[str]:
        """Bundle `entry` into `file`; the answer is all that it read, relative to the project.

        Raises:
            BundleError: the sources don't hold together; a line for each error.
        """
        meta = file.with_name("meta.json")
        # Named or empty: esbuild would look for a configuration in the folders above.
        configured = (self.project / "tsconfig.json").is_file()
        tsconfig = "--tsconfig=tsconfig.json" if configured else "--tsconfig-raw={}"
        command = [str(self.project / _ESBUILD), entry, *options, *_LOG_OPTIONS, tsconfig]
        done = subprocess.run(
            [*command, f"--outfile={file}", f"--metafile={meta}"],
            cwd=self.project,
            # NODE_PATH and its like would find packages that nobody locked.
            env={"PATH": os.environ.get("PATH", os.defpath)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise BundleError(_explain(entry, done.stderr))
        inputs: dict[str, Any] = json.loads(meta.read_bytes())["inputs"]
        meta.unlink()
        return list(inputs)


def _check_node() -> None:
    node = shutil.which("node")
    found = _version(node) if node is not None else "none"
    major = re.match(r"v(\d+)\.", found)
    if major is None or int(major[1]) < NODE_MAJOR:
        raise BundleError(
            f"functions in TypeScript need Node.js {NODE_MAJOR} or newer, found {found}; {_INSTALL_NODE}"
        )


@functools.cache
def _version(node: str) -> str:
    """What a Node.js says it is: `v22.1.0`."""
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()


def _check_installed(project: Path) -> None:
    """Refuse other packages than the locked ones: their bytes would get the locked ones' key."""
    wanted = _packages(project / _LOCK)
    installed = _packages(project / _INSTALLED)
    for name, package in wanted.items():
        found = installed.get(name, {})
        # Programs for other platforms are locked as well, and not installed.
        missing = not found and not package.get("optional")
        if name and (missing or (found and found.get("integrity") != package.get("integrity"))):
            raise BundleError(
                f"{_LOCK} locks {name.removeprefix('node_modules/')} {package.get('version')}, and "
                f"node_modules holds {found.get('version', 'none')}; run: npm ci"
            )


def _packages(path: Path) -> dict[str, Any]:
    try:
        packages: dict[str, Any] = json.loads(path.read_bytes())["packages"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError):
        raise BundleError(
            f"{path.name} is not a lock of npm 7 or newer; write it anew: npm install"
        ) from None
    return packages


def _explain(entry: str, said: str) -> str:
    """A line for each error, as `file:line: what`."""
    errors = [
        f"{file or entry}{f':{line}' if line else ''}: {text}"
        for text, file, line in (match.groups() for match in _ERROR.finditer(said))
    ]
    return "\n".join(dict.fromkeys(errors)) or f"{entry}: esbuild can't bundle it: {said.strip()}"
