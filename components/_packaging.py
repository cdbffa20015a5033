"""Reads one Python source file: what it imports and which names it binds, without running it."""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components._base import ArgumentError


@dataclass(frozen=True)
class Import:
    """One import statement, or one name of `import a, b`."""

    line: int
    level: int
    """How many dots: 0 for an absolute import."""

    module: str
    names: tuple[str, ...]
    """What is taken from the module; each may be a module itself."""

    optional: bool
    """Whether it stands in a `try`: the program goes on without it."""


@dataclass(frozen=True)
class Source:
    """What one file says about itself."""

    imports: tuple[Import, ...]
    functions: tuple[str, ...]
    coroutines: frozenset[str]
    bound: frozenset[str]
    """Every name that the module binds at its top level."""


def read(root: str, name: str) -> Source:
    """Read `name` below `root`, once for each time it is saved: a backend's functions share most of it.

    Raises:
        ArgumentError: the file lies outside the root, or isn't Python.
    """
    state = Path(root, name).stat()
    return _parse(root, name, state.st_mtime_ns, state.st_size)


@functools.cache
def _parse(root: str, name: str, _modified: int, _size: int) -> Source:
    path = os.path.realpath(f"{root}/{name}")
    if os.path.commonpath([root, path]) != root:
        raise ArgumentError(f"{name} leads out of {root}, to {path}; copy it below the source directory")
    try:
        tree = ast.parse(Path(path).read_bytes(), filename=path)
    except SyntaxError as error:
        raise ArgumentError(f"{name}:{error.lineno or 1}: {error.msg}") from None
    except ValueError as error:  # a NUL byte, before Python 3.12
        raise ArgumentError(f"{name}:1: {error}") from None
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return Source(
        imports=tuple(_imports(tree.body, optional=False)),
        functions=tuple(node.name for node in functions),
        coroutines=frozenset(node.name for node in functions if isinstance(node, ast.AsyncFunctionDef)),
        bound=frozenset(_bound(tree)),
    )


def _imports(body: Sequence[ast.stmt], *, optional: bool) -> Iterator[Import]:
    """The import statements of a block and of the blocks in it; expressions hold none and aren't visited."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            yield Import(node.lineno, node.level, node.module or "", names, optional)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, 0, alias.name, (), optional)
        else:
            tried = optional or isinstance(node, (ast.Try, ast.TryStar))
            yield from _imports(getattr(node, "body", ()), optional=tried)
            for block in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                yield from _imports(block.body, optional=optional)
            yield from _imports(getattr(node, "orelse", ()), optional=optional)
            yield from _imports(getattr(node, "finalbody", ()), optional=optional)


def _bound(tree: ast.Module) -> Iterator[str]:
    """A handler need not be a `def`: it may be a decorated or an imported function."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
