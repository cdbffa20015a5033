"""What a function in TypeScript is packed from: one file with all that it imports, and its source map.

Creates no resource. esbuild joins the handler's module, the project's modules below it and the npm packages
that package-lock.json locks, the AWS SDK included: what Lambda carries changes without notice. The file's
bytes depend on those contents alone, neither on the machine nor on where the checkout is.

A bundle is built only on update, and once: it lies in `.backplane/bundles/`, under a digest of all that went
into it, and preview takes what is there. Keep that folder between runs (a CI cache) and preview never shows
unknown code. What nobody used for a day goes with the next build.

It won't check types (`tsc` does), bundle native addons, or see an import whose name is computed. The format
is CommonJS, which starts faster: `await` at a module's top level is refused. The target is Node.js 20: the
same file runs on Lambda's newer Node.js and on the one of a laptop.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import posixpath
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components._base import ArgumentError
from components._esbuild import NODE_MAJOR, BundleError, Esbuild
from components._typescript import read, resolve
from components.packaging import check_size, included, project_directory, relative_to_program, unknown_archive

FORMAT = 1
"""Part of every bundle's name: raise it when its layout changes, and each bundle is built anew."""

OPTIONS = (
    "--bundle",
    "--platform=node",
    f"--target=node{NODE_MAJOR}",
    "--format=cjs",
    # A package's ES modules, of which esbuild leaves out what nobody calls: a fifth less to load.
    "--main-fields=module,main",
    "--preserve-symlinks",
    "--minify-syntax",
    "--minify-whitespace",
    "--charset=utf8",
    "--legal-comments=none",
    "--sourcemap=linked",
    "--sources-content=false",
)
"""What decides the bytes beside the sources: https://esbuild.github.io/api/"""

_KEPT_SECONDS = 86_400
_CONFIGURATION = ("package.json", "package-lock.json", "tsconfig.json")
_INPUTS = "inputs.json"

# Not the event loop's own threads: they carry Pulumi's requests, which would wait for bundles.
_BUILDERS = ThreadPoolExecutor(os.cpu_count(), "bundle")
_build_in_previews: ContextVar[bool] = ContextVar("build_in_previews", default=False)


@dataclass(frozen=True)
class Bundle:
    """The file of one function, built or not."""

    handler: str
    """The function to call, as Lambda wants it named: `handlers/users/create.handler`."""

    project: Path
    """Where package.json and node_modules are: the project's root."""

    source_directory: Path
    """Where imports start; at run time it is /var/task."""

    entry: str
    """The handler's module, below the source directory: `handlers/users/create.ts`."""

    modules: tuple[str, ...]
    """The source's own files that the entry imports, itself included: POSIX paths, sorted."""

    data: tuple[str, ...]
    """The files of `include`, which lie beside the bundle as they are."""

    key: str
    """A digest of all that decides the bundle's bytes."""

    @property
    def files(self) -> tuple[str, ...]:
        """What the package is made from, below the source directory, sorted."""
        return tuple(sorted({*self.modules, *self.data}))

    @property
    def folder(self) -> Path:
        """Where the bundle lies, or will."""
        return self.project / ".backplane" / "bundles" / self.key

    def is_built(self) -> bool:
        """Whether the bundle lies there, whole."""
        return (self.folder / _INPUTS).is_file()

    def archive(self) -> pulumi.AssetArchive:
        """The bundle, its map and the data files, with paths relative to the program's directory."""
        stem = self.entry.removesuffix(".ts")
        built, here = relative_to_program(self.folder), relative_to_program(self.source_directory)
        names = (f"{stem}.js", f"{stem}.js.map")
        paths = {name: f"{built}/{posixpath.basename(name)}" for name in names}
        paths |= {name: posixpath.normpath(f"{here}/{name}") for name in self.data}
        return pulumi.AssetArchive({name: pulumi.FileAsset(path) for name, path in sorted(paths.items())})

    def code(self, function: pulumi.Resource) -> pulumi.Input[pulumi.Archive]:
        """What the function's resource gets: built on update if it has to be, unknown in a preview then."""
        dry_run = pulumi.runtime.is_dry_run()
        if self.is_built():
            if not dry_run:
                os.utime(self.folder)
            return self.archive()
        if dry_run and not _build_in_previews.get():
            return unknown_archive()
        return pulumi.Output.from_input(self._built(function))

    async def _built(self, function: pulumi.Resource) -> pulumi.Archive:
        """Build in a thread, so that the rest of the program goes on meanwhile."""
        started = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(_BUILDERS, self.build)
        pulumi.log.info(f"{self.entry} bundled in {time.monotonic() - started:.1f} s", function)
        return self.archive()

    def build(self) -> Path:
        """Bundle with esbuild, whole or not at all: two builders at once write the same bytes.

        Raises:
            BundleError: Node.js or the npm packages aren't there, or the sources don't hold together.
        """
        esbuild = Esbuild.find(self.project)
        cache = self.folder.parent
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as temporary:
            self._write(esbuild, Path(temporary, "out"))
            try:
                Path(temporary, "out").rename(self.folder)
            except OSError:
                if not self.is_built():  # otherwise somebody else was first, with the same bytes
                    raise
        _clear(cache)
        return self.folder

    def _write(self, esbuild: Esbuild, out: Path) -> None:
        file = out / f"{posixpath.basename(self.entry).removesuffix('.ts')}.js"
        self._check_inputs(
            esbuild.run(_below(self.project, self.source_directory / self.entry), file, OPTIONS)
        )
        self._place_sources(file.with_name(f"{file.name}.map"))
        own = [_below(self.project, self.source_directory / name) for name in self.modules]
        (out / _INPUTS).write_text(json.dumps(own), encoding="utf-8")

    def _check_inputs(self, inputs: Sequence[str]) -> None:
        """Refuse a bundle with a file that its key does not know: it would go stale unseen."""
        known = {_below(self.project, self.source_directory / name) for name in self.modules}
        own = {name for name in inputs if "node_modules/" not in name}
        if unknown := sorted(own - known):
            raise BundleError(
                f"{self.entry}: the bundle holds {', '.join(unknown)}, which no relative import names; "
                'import it by a path that starts with "./" or "../"'
            )

    def _place_sources(self, path: Path) -> None:
        """Make the map's sources relative to where the file lies on Lambda, not to where it was built."""
        source_map = json.loads(path.read_bytes())
        start = (self.source_directory / self.entry).parent
        source_map["sources"] = [
            Path(os.path.relpath(path.parent / source, start)).as_posix() for source in source_map["sources"]
        ]
        path.write_text(
            json.dumps(source_map, ensure_ascii=False, separators=(",", ":")), encoding="utf-8", newline="\n"
        )


def bundle(handler: str, source_directory: Path, include: Sequence[str] = ()) -> Bundle:
    """The bundle of `handler` ("handlers.users.create.handler"), not built yet.

    Args:
        handler: the module below `source_directory`, a dot, and a function that the module exports.
        source_directory: where imports start, in the project. Nothing of the project outside is ever bundled.
        include: glob patterns below `source_directory` for data files.

    Raises:
        ArgumentError: a module or the function isn't there, or a file lies outside.
    """
    project = project_directory(None, "FunctionArgs.source_directory")
    if not source_directory.is_relative_to(project):
        raise ArgumentError(
            f"FunctionArgs.source_directory must be in the project for TypeScript, below {project}, "
            f"where node_modules is; got {str(source_directory)!r}"
        )
    root = str(source_directory)
    module, _, function = handler.rpartition(".")
    entry = f"{module.replace('.', '/')}.ts"
    if not (source_directory / entry).is_file():
        raise ArgumentError(
            f"handler {handler!r}: there is no {entry} in {root}; "
            "write it as module.function, with dots, from the source directory"
        )
    exports = read(root, entry).exports
    if exports is not None and function not in exports:
        there = ", ".join(sorted(exports)) or "none"
        raise ArgumentError(f"handler: {entry} exports no {function!r}; its exports are: {there}")
    modules = tuple(sorted(_closure(root, entry)))
    data = tuple(sorted(set(included(source_directory, include))))
    check_size(handler, source_directory, data)
    key = _key(project, source_directory, entry, modules)
    named = f"{entry.removesuffix('.ts')}.{function}"
    return Bundle(named, project, source_directory, entry, modules, data, key)


@contextlib.contextmanager
def building_in_previews() -> Iterator[None]:
    """Let previews build what is missing, for a tool that follows saved files by them."""
    token = _build_in_previews.set(True)
    try:
        yield
    finally:
        _build_in_previews.reset(token)


def sources(asset: Path) -> list[str]:
    """What a file of a bundle was made from: paths below the project's root; none for any other file."""
    inputs = asset.with_name(_INPUTS)
    if asset.parent.parent.name != "bundles" or not inputs.is_file():
        return []
    found: list[str] = json.loads(inputs.read_bytes())
    return found


def _closure(root: str, entry: str) -> set[str]:
    """The source's own files that importing the entry reads."""
    files: set[str] = set()
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        if file not in files:
            files.add(file)
            found = (resolve(root, file, item) for item in read(root, file).imports)
            waiting += [name for name in found if name is not None]
    return files


def _key(project: Path, source_directory: Path, entry: str, modules: Sequence[str]) -> str:
    """A digest of all that decides the bundle's bytes. The line ends of JSON files are no part of it."""
    lines = [str(FORMAT), *OPTIONS, _below(project, source_directory / entry)]
    for name in _CONFIGURATION:
        path = project / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}")
    root = str(source_directory)
    lines += [f"{read(root, name).digest}  {_below(project, source_directory / name)}" for name in modules]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _below(project: Path, path: Path) -> str:
    return path.relative_to(project).as_posix()


def _clear(cache: Path) -> None:
    """Remove what nobody used for a day: following saved files leaves a bundle for each save."""
    limit = time.time() - _KEPT_SECONDS
    for folder in cache.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody else clears as well
            if folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)
