"""Reads one TypeScript source file: what it imports and which names it exports, without running it.

No parser, but a scanner that knows comments, strings, templates and regular expressions apart from code. What
it must not miss is an import; `components.typescript` compares its finding with what the bundler then read.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components._base import ArgumentError

SUFFIXES = (".tsx", ".ts", ".jsx", ".js", ".json")
"""What an import may leave out, in the bundler's order: https://esbuild.github.io/api/#resolve-extensions"""

_WRITTEN_AS = {".js": (".ts", ".tsx"), ".jsx": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript lets an import name the file that a compiler would write."""

_NO_CODE = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<template> `(?:\\.|[^`\\])*` )
    | (?P<before> [=(,:;!&|?{}\[]\s* ) (?P<regex> /(?![*/]) (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/ )
    """,
    re.VERBOSE | re.DOTALL,
)
_CLAUSE = r"(?:(?!\b(?:import|export)\b)[\w$\s{},*])*?"
_IMPORT = re.compile(
    rf"""
    (?<![\w$.])(?:
        (?:import|export)\b (?P<type>\s+type\b(?!\s*(?:,|from\b)))? {_CLAUSE} \bfrom\s* "(?P<from>\d+)"
      | import\s* "(?P<bare>\d+)"
      | (?:import|require)\s*\(\s* "(?P<call>\d+)" \s*\)
    )
    """,
    re.VERBOSE,
)
_EXPORT = re.compile(
    r"(?<![\w$.])export\s+(?:async\s+)?(?:function\b\s*\*?|const\b|let\b|var\b|class\b)\s*(?P<name>[\w$]+)"
    r"|(?<![\w$.])export\s+(?P<default>default)\b"
    r"|(?<![\w$.])export\s*\{(?P<list>[^}]*)\}"
)
_OPEN_EXPORT = re.compile(r"(?<![\w$.])export\s*(?:\*\s*from\b|(?:const|let|var)\s*[\[{])")


@dataclass(frozen=True)
class Import:
    """One module that a file names, types left aside: they are gone before anything runs."""

    line: int
    module: str


@dataclass(frozen=True)
class Source:
    """What one file says about itself."""

    digest: str
    """SHA-256 of its bytes, in hexadecimal."""

    imports: tuple[Import, ...]
    exports: frozenset[str] | None
    """The names that it exports; None if only running it would tell them all."""


def read(root: str, name: str) -> Source:
    """Read `name` below `root`, once for each time it is saved: a backend's functions share most of it.

    Raises:
        ArgumentError: the file lies outside the root, or isn't text.
    """
    state = Path(root, name).stat()
    return _scan(root, name, state.st_mtime_ns, state.st_size)


def resolve(root: str, importer: str, item: Import) -> str | None:
    """The file below `root` that a relative import names; None for a package.

    Raises:
        ArgumentError: there is no such file.
    """
    if not re.match(r"\.\.?(/|$)", item.module):
        return None
    base = os.path.normpath(f"{os.path.dirname(importer)}/{item.module}".lstrip("/"))  # noqa: PTH120 - a name, not a path
    for candidate in _candidates(base):
        if os.path.isfile(f"{root}/{candidate}"):  # noqa: PTH113 - a Path for each of many look-ups is slow
            return candidate
    raise ArgumentError(f"{importer}:{item.line} imports {item.module!r}, and there is no such file")


def _candidates(base: str) -> Iterator[str]:
    stem, suffix = os.path.splitext(base)  # noqa: PTH122 - a name, not a path
    yield base
    yield from (f"{base}{known}" for known in SUFFIXES)
    yield from (f"{stem}{known}" for known in _WRITTEN_AS.get(suffix, ()))
    yield from (f"{base}/index{known}" for known in SUFFIXES)


@functools.cache
def _scan(root: str, name: str, _modified: int, _size: int) -> Source:
    path = os.path.realpath(f"{root}/{name}")
    if os.path.commonpath([root, path]) != root:
        raise ArgumentError(f"{name} leads out of {root}, to {path}; copy it below the source directory")
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if name.endswith(".json"):
        return Source(digest, (), None)
    try:
        code, strings = _without_strings(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ArgumentError(f"{name}:{line}: it isn't UTF-8: {error.reason}") from None
    exports = None if _OPEN_EXPORT.search(code) else frozenset(_exports(code))
    return Source(digest, tuple(_imports(code, strings)), exports)


def _without_strings(text: str) -> tuple[str, list[str]]:
    """The code with each string replaced by its number, so that no string's content can look like code."""
    strings: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        lines = "\n" * match[0].count("\n")
        if match["string"] is None:
            return f"{match['before'] or ''}{lines if match['before'] is None else ''} "
        strings.append(match[0][1:-1])
        return f'"{len(strings) - 1}"{lines}'

    return _NO_CODE.sub(replaced, text), strings


def _imports(code: str, strings: list[str]) -> Iterator[Import]:
    for match in _IMPORT.finditer(code):
        if not match["type"]:
            number = match["from"] or match["bare"] or match["call"]
            yield Import(code.count("\n", 0, match.end()) + 1, strings[int(number)])


def _exports(code: str) -> Iterator[str]:
    for match in _EXPORT.finditer(code):
        if match["list"] is None:
            yield match["name"] or "default"
            continue
        for entry in match["list"].split(","):
            words = entry.split()
            if words and words[0] != "type":
                yield words[-1]
