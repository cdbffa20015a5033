"""What goes into a function's package: the handler's module, what it imports, and named data files.

Creates no resource and writes no file. The package is a list of source files, read where they lie, so preview
and update see the same thing and a saved file changes only the functions that import it. Names are POSIX
paths below the source directory, in sorted order; content alone counts, never a time, a mode or where the
checkout is. Only source is packed: bytecode depends on the interpreter that wrote it.

It won't see a dynamic import (`importlib.import_module(name)`, a plug-in list): nothing can, before it runs.
Name such modules with `include`.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pulumi

from components._base import ArgumentError
from components._packaging import Import, Source, read

T = TypeVar("T")

MAX_UNZIPPED_MB = 250
"""Lambda's limit for a function with its layers, unpacked.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@dataclass(frozen=True)
class Package:
    """The files of one function."""

    handler: str
    """The function to call, as Lambda wants it named."""

    source_directory: Path
    """The directory that the names start from; at run time it is /var/task."""

    files: tuple[str, ...]
    """POSIX paths below the source directory, sorted."""

    third_party: frozenset[str]
    """Top-level names that the files import from elsewhere: a layer or the runtime's boto3 must hold them."""

    def code(self, function: pulumi.Resource) -> pulumi.Archive:  # noqa: ARG002 - as a bundle, which is built
        """What the function's resource gets, in a preview too: nothing has to be built."""
        return self.archive()

    def archive(self) -> pulumi.AssetArchive:
        """The files as Pulumi assets, whose paths are relative to the program's working directory.

        Pulumi records these paths: absolute ones would show a change on every other machine.
        """
        here = relative_to_program(self.source_directory)
        paths = {name: posixpath.normpath(f"{here}/{name}") for name in self.files}
        return pulumi.AssetArchive({name: pulumi.FileAsset(path) for name, path in paths.items()})

    def digest(self) -> str:
        """SHA-256 over the names and contents, in hexadecimal."""
        whole = hashlib.sha256()
        for name in self.files:
            content = hashlib.sha256((self.source_directory / name).read_bytes()).hexdigest()
            whole.update(f"{content}  {name}\n".encode())
        return whole.hexdigest()


def relative_to_program(path: Path) -> str:
    """A path as Pulumi should record it: from the program's working directory, with forward slashes."""
    return Path(os.path.relpath(path, Path.cwd())).as_posix()


def unknown_archive() -> pulumi.Output[pulumi.Archive]:
    """What only an update will know, because a preview builds nothing."""
    return pulumi.Output(set(), _resolved(pulumi.FileArchive("")), _resolved(value=False))


async def _resolved(value: T) -> T:
    return value


def project_directory(directory: str | None, argument: str) -> Path:
    """The project's root, or `directory` below it; refuses one that isn't there, naming the argument."""
    root = pulumi.get_root_directory()
    if not root and not (directory and Path(directory).is_absolute()):
        raise ArgumentError(
            f"{argument}: Pulumi doesn't say where the project's root is; give an absolute path"
        )
    if root and not Path(root).is_absolute():
        # No engine runs the program, as in a test with Pulumi's mocks: what the SDK then says is a mere word.
        root = str(Path.cwd())
    path = Path(root or "", directory or "").resolve()
    if not path.is_dir():
        raise ArgumentError(f"{argument} must be a directory, got {str(path)!r}")
    return path


def package(handler: str, source_directory: str | os.PathLike[str], include: Sequence[str] = ()) -> Package:
    """The package of `handler` ("handlers.users.create.handler"): its import closure and `include`.

    Args:
        handler: the module below `source_directory`, a dot, and a function that the module defines.
        source_directory: where imports start. Nothing outside is ever packed.
        include: glob patterns below `source_directory` for data files: `handlers/mail/*.html`.

    Raises:
        ArgumentError: a module or the function isn't there, a file has a syntax error or lies outside, a
            pattern matches nothing, or the package is too large.
    """
    root = os.path.realpath(source_directory)
    module, _, function = handler.rpartition(".")
    tree = _Tree(root, module)
    entry = tree.find(module)
    if entry is None:
        raise ArgumentError(
            f"handler {handler!r}: there is no {module.replace('.', '/')}.py in {root}; "
            "write it as module.function, with dots, from the source directory"
        )
    _check_function(read(root, entry), entry, function)
    modules, third_party = tree.closure()
    files = tuple(sorted({*modules, *included(Path(root), include)}))
    check_size(handler, Path(root), files)
    return Package(handler, Path(root), files, frozenset(third_party))


def check_size(handler: str, root: Path, files: Sequence[str]) -> None:
    """Refuse files below `root` that are together more than Lambda takes."""
    size = sum(Path(root, name).stat().st_size for name in files) / 2**20
    if size > MAX_UNZIPPED_MB:
        raise ArgumentError(
            f"handler {handler!r}: its package must be at most {MAX_UNZIPPED_MB} MB, got {size:.0f} MB; "
            "narrow `include`"
        )


class _Tree:
    """The source directory, while one package is put together."""

    def __init__(self, root: str, entry: str) -> None:
        self._root = root
        self._entry = entry
        self._found: dict[str, str | None] = {}

    def find(self, module: str) -> str | None:
        """The file of a module, as a name below the root; a package counts by its __init__.py."""
        if module not in self._found:
            stem = f"{self._root}/{module.replace('.', '/')}"
            # os.path: a Path object for each of a thousand look-ups doubles the time of packing.
            paths = (path for path in (f"{stem}/__init__.py", f"{stem}.py") if os.path.isfile(path))  # noqa: PTH113
            self._found[module] = next((path[len(self._root) + 1 :] for path in paths), None)
        return self._found[module]

    def closure(self) -> tuple[set[str], set[str]]:
        """The files that importing the entry reads, and the top-level names that it wants from elsewhere."""
        files: set[str] = set()
        elsewhere: set[str] = set()
        waiting = [self._entry]
        while waiting:
            for module in _ancestors(waiting.pop()):
                file = self.find(module)
                if file is None or file in files:
                    continue
                files.add(file)
                for item in read(self._root, file).imports:
                    base = _absolute(module, file, item)
                    inside = self._inside(base, item)
                    waiting += inside
                    if not inside and self._is_elsewhere(base, file, item):
                        elsewhere.add(base.partition(".")[0])
        return files, elsewhere

    def _inside(self, base: str, item: Import) -> list[str]:
        """The source's own modules that an import names: a module, or modules taken from a package."""
        submodules = (f"{base}.{name}" if base else name for name in item.names)
        return [module for module in (base, *submodules) if module and self.find(module)]

    def _is_elsewhere(self, base: str, file: str, item: Import) -> bool:
        """Whether a layer must hold it; refuses an import of the source's own that leads nowhere.

        A directory without __init__.py is the source's own only where the handler lies in it: an installed
        package of the same name wins over a mere directory.
        """
        top = base.partition(".")[0]
        if not item.level and top in sys.stdlib_module_names:
            return False
        if not item.level and top != self._entry.partition(".")[0] and self.find(top) is None:
            return True
        path = base.replace(".", "/")
        if item.optional or Path(self._root, path).is_dir():
            return False
        raise ArgumentError(f"{file}:{item.line} imports {base}, and there is no {path}.py in {self._root}")


def _ancestors(module: str) -> Iterator[str]:
    """`a.b.c` gives `a`, `a.b` and `a.b.c`: importing a module runs every package above it."""
    parts = module.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _absolute(importer: str, file: str, item: Import) -> str:
    """The full name of what an import names: `from ..store import x` in `a.b.c` names `a.store`."""
    if not item.level:
        return item.module
    parts = importer.split(".")
    dropped = item.level - 1 if file.endswith("/__init__.py") else item.level
    if dropped >= len(parts):
        raise ArgumentError(f"{file}:{item.line} imports from {item.level} packages above, and has fewer")
    return ".".join([*parts[: len(parts) - dropped], *filter(None, [item.module])])


def _check_function(source: Source, file: str, function: str) -> None:
    there = ", ".join(source.functions) or "none"
    if function not in source.bound:
        raise ArgumentError(f"handler: {file} defines no {function!r}; its functions are: {there}")
    if function in source.coroutines:
        raise ArgumentError(
            f"handler: {file} defines {function!r} with `async`, which Lambda's Python doesn't await"
        )


def included(root: Path, patterns: Sequence[str]) -> Iterator[str]:
    """The files that the patterns match; bytecode is never one of them."""
    for pattern in patterns:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts or not pattern:
            raise ArgumentError(f"include must be patterns below the source directory, got {pattern!r}")
        matches = [path for path in root.glob(pattern) if path.is_file() and "__pycache__" not in path.parts]
        if not matches:
            raise ArgumentError(f"include: {pattern!r} matches no file in {root}")
        for path in matches:
            name = path.relative_to(root).as_posix()
            if not path.resolve().is_relative_to(root):
                raise ArgumentError(f"include: {name} leads out of {root}, to {path.resolve()}")
            yield name
