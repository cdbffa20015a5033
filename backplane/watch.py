"""Follows saved files: code and files of sites are replaced where they are, anything else starts afresh.

After a save the program is evaluated again as a preview, which tells what the save means. Functions of which
the code alone differs get the new code, once their modules can be imported. Whatever does not work is shown,
and what served before goes on serving.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import watchfiles

from backplane.errors import ProgramFailed
from backplane.graph import archive_hash
from backplane.local import wire
from backplane.local.assets import read_asset
from backplane.local.engine import Engine, ProgramError, Resource
from backplane.preview import preview
from backplane.progress import Progress
from backplane.project import PROJECT_FILE
from backplane.trials import Candidate, Rejected, Trials
from backplane.up import Running

_FUNCTION = "aws:lambda/function:Function"
_ALIAS = "aws:lambda/alias:Alias"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_CONTENT_INPUTS = {
    _FUNCTION: frozenset({"code", "sourceCodeHash"}),
    _OBJECT: frozenset({"source", "sourceHash"}),
}
_NODE_FILES = ("package.json", "package-lock.json", "tsconfig.json")
_GATHER_MS = 100
"""Saves within this time count as one: editors and version control write in bursts."""
_AT_ONCE = 8


class _Armed:
    """A stop event that never stops, but knows when it was first asked: the folders are watched by then."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def is_set(self) -> bool:
        self._asked.set()
        return False

    def wait(self) -> None:
        self._asked.wait()


@dataclass(frozen=True)
class Function:
    """One function that runs, and the code that it runs."""

    label: str
    resource: Resource
    aliases: tuple[str, ...]
    settings: Mapping[str, Any]
    """Of the explicit provider that it was created with."""


class Watcher:
    """Follows the files of one backend that serves.

    Args:
        running: the backend.
        preview_arguments: the arguments of `backplane preview` for the same stack.
        progress: where lines are said.
        again: called when the backend has to start afresh.
    """

    def __init__(
        self,
        running: Running,
        preview_arguments: Sequence[str],
        progress: Progress,
        again: Callable[[], None],
    ) -> None:
        self._running, self._progress, self._again = running, progress, again
        self._root, self._folder = running.project.root, running.project.folder
        self._preview_arguments = tuple(preview_arguments)
        self._trials = Trials(self._folder, running.emulator.endpoint, running.project.region)
        self._functions = _functions(running.engine)
        self._hashes = {
            urn: archive_hash(function.resource.inputs["code"], self._folder)
            for urn, function in self._functions.items()
        }
        self._objects = _objects(running.engine)
        self._digests = {urn: self._digest(resource) for urn, resource in self._objects.items()}

    def start(self) -> None:
        """Follow in a thread, until the process ends; every save after this call counts."""
        armed = _Armed()
        threading.Thread(target=self._follow, args=(armed,), name="watch", daemon=True).start()
        armed.wait()

    def _follow(self, armed: _Armed) -> None:
        for changes in watchfiles.watch(
            *self._watched(), debounce=_GATHER_MS, stop_event=armed, raise_interrupt=False
        ):
            self.changed({Path(path) for _, path in changes})

    def changed(self, paths: Collection[Path]) -> None:
        """Take saved files over, or say why not."""
        start = time.perf_counter()
        saved = [path for path in paths if path.exists()]  # editors write beside the file and rename
        names = sorted(os.path.relpath(path, self._root) for path in saved or paths)
        files = ", ".join(names)
        try:
            done = self._take(names)
        except (Rejected, ProgramFailed, ProgramError) as error:
            self._progress.say(f"{error}\n{files}: not taken over; the last good version goes on serving")
            return
        if done:
            self._progress.say(f"{files}: {done} ({time.perf_counter() - start:.2f} s)")

    def _take(self, names: list[str]) -> str:
        for name in names:
            _check_syntax(self._root / name, name)
        if any(self._is_program(self._root / name) for name in names):
            return self._start_afresh()
        engine = self._preview()
        if not self._same_but_for_content(engine):
            return self._start_afresh()
        codes = {urn: engine.resources[urn].inputs["code"] for urn in self._functions}
        hashes = {urn: archive_hash(code, self._folder) for urn, code in codes.items()}
        changed = [urn for urn, digest in hashes.items() if digest != self._hashes[urn]]
        files = self._put_objects(engine)
        if not changed:
            return files
        self._trials.load(
            Candidate(wire.plain(self._functions[urn].resource.inputs), codes[urn]) for urn in changed
        )
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda urn: self._replace(self._functions[urn], codes[urn]), changed):
                pass
        self._hashes.update({urn: hashes[urn] for urn in changed})
        functions = _live([self._functions[urn].label for urn in changed], "functions")
        return f"{functions}, {files}" if files else functions

    def _put_objects(self, engine: Engine) -> str:
        """Put the files of sites that have changed where they are served."""
        digests = {urn: self._digest(engine.resources[urn]) for urn in self._objects}
        changed = [urn for urn, digest in digests.items() if digest != self._digests[urn]]
        for urn in changed:
            resource = self._objects[urn]
            settings = _settings(self._running.engine, resource)
            self._running.provider.create(_OBJECT, resource.name, wire.plain(resource.inputs), settings)
        self._digests.update({urn: digests[urn] for urn in changed})
        return _live([self._objects[urn].name for urn in changed], "files") if changed else ""

    def _digest(self, resource: Resource) -> str:
        source = resource.inputs["source"]
        return hashlib.sha256(read_asset(source, self._folder)).hexdigest()

    def _preview(self) -> Engine:
        """What the saved files mean, with the code of TypeScript built: it is to run at once."""
        from components.typescript import building_in_previews

        with building_in_previews():
            return preview(self._running.project)

    def _replace(self, function: Function, code: wire.Archive) -> None:
        name = function.resource.outputs["name"]
        for alias in function.aliases or (None,):
            self._running.provider.replace_code(name, code, alias=alias, settings=function.settings)

    def _start_afresh(self) -> str:
        """Ask for a fresh start, if the saved program works: it is tried in a process of its own."""
        command = [sys.executable, sys.argv[0], "preview", *self._preview_arguments]
        tried = subprocess.run(command, capture_output=True, text=True, cwd=self._root, check=False)
        if tried.returncode:
            raise Rejected(tried.stderr.rstrip())
        self._again()
        return "the backend starts afresh"

    def _same_but_for_content(self, engine: Engine) -> bool:
        before = self._running.engine.resources
        return before.keys() == engine.resources.keys() and all(
            self._same(_without_content(engine.resources[urn]), _without_content(resource))
            for urn, resource in before.items()
        )

    def _same(self, new: Any, old: Any) -> bool:
        """Whether a preview's value can be what runs: what the preview does not know can be anything."""
        match new, old:
            case wire.Unknown(), _:
                return True
            case wire.Secret(), _:
                return self._same(new.value, wire.plain(old))
            case dict(), dict():
                return new.keys() == old.keys() and all(self._same(new[key], old[key]) for key in new)
            case list(), list():
                return len(new) == len(old) and all(map(self._same, new, old))
            case _:
                return bool(new == old)

    def _is_program(self, path: Path) -> bool:
        """Whether a file is read when the program is: imported by it, or its configuration."""
        loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        return path.parent == self._root or self._folder in path.parents or str(path) in loaded

    def _watched(self) -> set[Path]:
        """The folders of the program, of what it imports and of what it packs; and its configuration."""
        loaded = [
            Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))
        ]
        packed = [path for function in self._functions.values() for path in self._files(function)]
        packed += [
            Path(os.path.normpath(self._folder / resource.inputs["source"].path))
            for resource in self._objects.values()
            if resource.inputs["source"].path is not None
        ]
        tops = {
            self._root / path.relative_to(self._root).parts[0]
            for path in (self._folder / "__main__.py", *loaded, *packed)
            if path.is_relative_to(self._root) and path.parent != self._root
        }
        files = [PROJECT_FILE, f"Pulumi.{self._running.project.environment}.yaml", *_NODE_FILES]
        return {top for top in tops if not top.name.startswith(".")} | {
            self._root / file for file in files if (self._root / file).is_file()
        }

    def _files(self, function: Function) -> list[Path]:
        """The files that were packed, and those that the bundles among them were built from."""
        from components.typescript import sources

        assets = function.resource.inputs["code"].assets or {}
        packed = [
            Path(os.path.normpath(self._folder / asset.path))
            for asset in assets.values()
            if asset.path is not None
        ]
        return packed + [self._root / name for path in packed for name in sources(path)]


def _functions(engine: Engine) -> dict[str, Function]:
    aliases: dict[str, list[str]] = {}
    for resource in engine.resources.values():
        if resource.type == _ALIAS:
            inputs = wire.plain(resource.inputs)
            aliases.setdefault(inputs["functionName"], []).append(inputs["name"])
    return {
        urn: Function(
            label=resource.name,
            resource=resource,
            aliases=tuple(aliases.get(wire.plain(resource.outputs["name"]), ())),
            settings=_settings(engine, resource),
        )
        for urn, resource in engine.resources.items()
        if resource.type == _FUNCTION and isinstance(resource.inputs.get("code"), wire.Archive)
    }


def _settings(engine: Engine, resource: Resource) -> Mapping[str, Any]:
    """The inputs of the explicit provider of a resource: it is named by `<urn>::<id>`."""
    provider = engine.resources.get(resource.provider.rpartition("::")[0])
    return wire.plain(provider.inputs) if provider else {}


def _objects(engine: Engine) -> dict[str, Resource]:
    """The objects that are files."""
    return {
        urn: resource
        for urn, resource in engine.resources.items()
        if resource.type == _OBJECT and isinstance(resource.inputs.get("source"), wire.Asset)
    }


def _without_content(resource: Resource) -> dict[str, Any]:
    content = _CONTENT_INPUTS.get(resource.type, frozenset())
    return {key: value for key, value in resource.inputs.items() if key not in content}


def _live(labels: Sequence[str], kind: str) -> str:
    return f"{', '.join(sorted(labels))} live" if len(labels) <= 3 else f"{len(labels)} {kind} live"  # noqa: PLR2004


def _check_syntax(path: Path, name: str) -> None:
    if path.suffix == ".py" and path.is_file():
        try:
            compile(path.read_bytes(), name, "exec")
        except (SyntaxError, ValueError) as error:
            raise Rejected("".join(traceback.format_exception_only(error)).rstrip()) from None
