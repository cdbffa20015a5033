"""What goes into a function's package: the handler's module, what it imports, and named data files.

Creates no resource and writes no file. The package is a list of source files, read where they lie, so preview
and update see the same thing and a saved file changes only the functions that import it. Names are POSIX
paths below the source directory, in sorted order; content alone counts, never a time, a mode or where the
checkout is. Only source is packed: bytecode depends on the interpreter that wrote it.

It won't see a dynamic import (`importlib.import_module(name)`, a plug-in list): nothing can, before it runs.
Name such modules with `include`.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pulumi

from components._base import ArgumentError

MAX_UNZIPPED_MB = 250
"""Lambda's limit for a function with its layers, unpacked.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@dataclass(frozen=True)
class Package:
    """The files of one function."""

    source_directory: Path
    """The directory that the names start from; at run time it is /var/task."""

    files: tuple[str, ...]
    """POSIX paths below the source directory, sorted."""

    third_party: frozenset[str]
    """Top-level names that the files import from elsewhere: a layer or the runtime's boto3 must hold them."""

    def archive(self) -> pulumi.AssetArchive:
        """The files as Pulumi assets, whose paths are relative to the program's working directory.

        Pulumi records these paths: absolute ones would show a change on every other machine.
        """
        return pulumi.AssetArchive(
            {name: pulumi.FileAsset(relative_to_program(self.source_directory / name)) for name in self.files}
        )

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


def project_directory(directory: str | None, argument: str) -> Path:
    """The project's root, or `directory` below it; refuses one that isn't there, naming the argument."""
    root = pulumi.get_root_directory()
    if not root and not (directory and Path(directory).is_absolute()):
        raise ArgumentError(
            f"{argument}: Pulumi doesn't say where the project's root is; give an absolute path"
        )
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
        ArgumentError: the module or function isn't there, an import of the source's own package leads
        nowhere,
            a file has a syntax error or lies outside, a pattern matches nothing, or the package is too large.
    """
    root = Path(source_directory).resolve()
    module, _, function = handler.rpartition(".")
    entry = _find(root, module)
    if entry is None:
        raise ArgumentError(
            f"handler {handler!r}: there is no {module.replace('.', '/')}.py in {root}; "
            "write it as module.function, with dots, from the source directory"
        )
    _check_function(_scan(root, entry), entry, function)
    modules, third_party = _closure(root, module)
    files = tuple(sorted({*modules, *_included(root, include)}))
    size = sum((root / name).stat().st_size for name in files)
    if size > MAX_UNZIPPED_MB * 2**20:
        raise ArgumentError(
            f"handler {handler!r}: its package must be at most {MAX_UNZIPPED_MB} MB, "
            f"got {size / 2**20:.0f} MB; narrow `include`"
        )
    return Package(root, files, frozenset(third_party))


@dataclass(frozen=True)
class _Import:
    line: int
    level: int
    module: str
    names: tuple[str, ...]
    optional: bool


@dataclass(frozen=True)
class _Source:
    imports: tuple[_Import, ...]
    functions: tuple[str, ...]
    coroutines: frozenset[str]
    bound: frozenset[str]


def _find(root: Path, module: str) -> str | None:
    """The file of a module, as a name below the root; a package counts by its __init__.py."""
    stem = module.replace(".", "/")
    return next((name for name in (f"{stem}/__init__.py", f"{stem}.py") if (root / name).is_file()), None)


def _ancestors(module: str) -> Iterator[str]:
    """`a.b.c` gives `a`, `a.b` and `a.b.c`: importing a module runs every package above it."""
    parts = module.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _closure(root: Path, entry: str) -> tuple[set[str], set[str]]:
    """The files that importing `entry` reads, and the top-level names that it wants from elsewhere."""
    files: set[str] = set()
    elsewhere: set[str] = set()
    own = entry.partition(".")[0]
    waiting = [entry]
    while waiting:
        for module in _ancestors(waiting.pop()):
            file = _find(root, module)
            if file is None or file in files:
                continue
            files.add(file)
            for item in _scan(root, file).imports:
                inside, outside = _resolve(root, own, _absolute(module, file, item), item, file)
                waiting += inside
                elsewhere |= outside
    return files, elsewhere


def _resolve(root: Path, own: str, base: str, item: _Import, file: str) -> tuple[list[str], set[str]]:
    """The modules of the source, and the top-level names from elsewhere, that one import statement needs.

    A directory without __init__.py is the source's own only where the handler lies in it: an installed
    package of the same name wins over a mere directory.
    """
    submodules = [f"{base}.{name}" if base else name for name in item.names]
    inside = [module for module in (base, *submodules) if module and _find(root, module)]
    top = base.partition(".")[0]
    if inside or top in sys.stdlib_module_names:
        return inside, set()
    if not item.level and top != own and _find(root, top) is None:
        return [], {top}
    directory = base.replace(".", "/")
    if item.optional or (root / directory).is_dir():
        return [], set()
    raise ArgumentError(f"{file}:{item.line} imports {base}, and there is no {directory}.py in {root}")


def _absolute(importer: str, file: str, item: _Import) -> str:
    """The full name of what an import names: `from ..store import x` in `a.b.c` names `a.store`."""
    if not item.level:
        return item.module
    package_ = importer if file.endswith("/__init__.py") else importer.rpartition(".")[0]
    parts = package_.split(".")
    above = parts[: len(parts) - (item.level - 1)]
    return ".".join([*above, *filter(None, [item.module])])


def _scan(root: Path, name: str) -> _Source:
    path = root / name
    if not path.resolve().is_relative_to(root):
        raise ArgumentError(
            f"{name} leads out of {root}, to {path.resolve()}; copy it below the source directory"
        )
    state = path.stat()
    return _parse(path, name, state.st_mtime_ns, state.st_size)


@functools.cache
def _parse(path: Path, name: str, _modified: int, _size: int) -> _Source:
    """Read one file, once for each time it is saved: thirteen functions share most of their imports."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise ArgumentError(f"{name}:{error.lineno}: {error.msg}") from None
    except ValueError as error:
        raise ArgumentError(f"{name}:1: {error}") from None
    guarded = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.Try)
        for statement in outer.body
        for inner in ast.walk(statement)
    }
    imports = (
        found
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for found in _imports(node, optional=id(node) in guarded)
    )
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return _Source(
        imports=tuple(imports),
        functions=tuple(node.name for node in functions),
        coroutines=frozenset(node.name for node in functions if isinstance(node, ast.AsyncFunctionDef)),
        bound=frozenset(_bound(tree)),
    )


def _imports(node: ast.Import | ast.ImportFrom, *, optional: bool) -> Iterator[_Import]:
    if isinstance(node, ast.ImportFrom):
        names = tuple(alias.name for alias in node.names if alias.name != "*")
        yield _Import(node.lineno, node.level, node.module or "", names, optional)
    else:
        for alias in node.names:
            yield _Import(node.lineno, 0, alias.name, (), optional)


def _bound(tree: ast.Module) -> Iterator[str]:
    """Every name that the module itself binds: a handler may be a decorated or an imported function."""
    nested = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        if isinstance(node, nested):
            yield getattr(node, "name", "")
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _check_function(source: _Source, file: str, function: str) -> None:
    there = ", ".join(source.functions) or "none"
    if function not in source.bound:
        raise ArgumentError(f"handler: {file} defines no {function!r}; its functions are: {there}")
    if function in source.coroutines:
        raise ArgumentError(
            f"handler: {file} defines {function!r} with `async`, which Lambda's Python doesn't await"
        )


def _included(root: Path, patterns: Sequence[str]) -> Iterator[str]:
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
