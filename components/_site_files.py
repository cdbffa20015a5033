"""The files of a site: what they are, what browsers are told of them, and how long they may be kept."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import pydantic

from components._base import ArgumentError, Shape

MAX_FILES = 1_000
"""Each file is a resource in Pulumi's state, which is read and written as a whole."""

MAX_KEY_BYTES = 1_024
YEAR_SECONDS = 365 * 24 * 60 * 60
ALWAYS_ASK = "no-cache"
FOREVER = f"public, max-age={YEAR_SECONDS}, immutable"

_DIGEST = re.compile(r"[.-](?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}\.")
"""`app.3f9a2b1c.js`: a content hash in hexadecimal, with letters and digits, so that neither a word nor a
date looks like one."""

_UNKNOWN = "application/octet-stream"
# Not the machine's own table: the same folder has to be the same site wherever it is deployed from.
_TYPES = {
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


class CachingRule(Shape):
    """How long files are kept. The first rule that fits counts.

    Without one, names that hold a content hash in hexadecimal are kept for a year, `app.3f9a2b1c.js`, and all
    else is asked for each time, which costs little where nothing has changed.
    """

    pattern: str
    """Which files, by their paths in the folder: `assets/*`, `*.png`; a `*` takes slashes too."""

    browser_seconds: Annotated[int, pydantic.Field(ge=0, le=YEAR_SECONDS)] = 0
    """How long browsers keep them, 0-31,536,000 seconds: nobody can make them forget."""

    edge_seconds: Annotated[int, pydantic.Field(ge=0, le=YEAR_SECONDS)] = 0
    """How long CloudFront keeps them, 0-31,536,000 seconds. A deployment that changes the site makes it
    forget, by a function that is made for it; so this can be long."""

    immutable: bool = False
    """Whether a changed file gets another name, as bundlers do: kept for a year, everywhere."""

    @pydantic.field_validator("pattern")
    @classmethod
    def _pattern_is_a_path(cls, pattern: str) -> str:
        if not pattern or pattern.startswith("/"):
            raise ValueError(f"must be a path in the folder, without '/' first, got {pattern!r}")
        return pattern

    @pydantic.model_validator(mode="after")
    def _times_fit(self) -> CachingRule:
        if self.immutable and (self.browser_seconds or self.edge_seconds):
            raise ValueError("browser_seconds and edge_seconds must be unset with immutable: it is a year")
        return self

    @property
    def header(self) -> str:
        """`Cache-Control` of the files."""
        if self.immutable:
            return FOREVER
        if self.browser_seconds or self.edge_seconds:
            return f"public, max-age={self.browser_seconds}, s-maxage={self.edge_seconds}"
        return ALWAYS_ASK


@dataclass(frozen=True)
class SiteFile:
    """One file of a folder."""

    key: str
    """Its path in the folder, and its key in the bucket."""

    path: Path
    """Where it is."""

    def digest(self) -> str:
        """SHA-256 of its content, in hexadecimal."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def read_folder(folder: Path) -> tuple[SiteFile, ...]:
    """The files below a folder, by key; hidden ones stay out, `.well-known` is in.

    Raises:
        ArgumentError: a link that leads out of the folder, or a name that S3 doesn't take.
    """
    return tuple(sorted(_files(folder), key=lambda file: file.key))


def _files(folder: Path) -> Iterator[SiteFile]:
    root = folder.resolve()
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if not path.is_file() or any(_hidden(part) for part in relative.parts):
            continue
        if not path.resolve().is_relative_to(root):
            raise ArgumentError(f"StaticSiteArgs.folder: {relative} leads out of the folder; copy the file")
        yield SiteFile(check_key(relative.as_posix()), path)


def check_key(key: str) -> str:
    """A path that S3 and URLs take.

    Raises:
        ArgumentError: they don't.
    """
    parts = key.split("/")
    if len(key.encode("utf-8", "replace")) > MAX_KEY_BYTES or {"", ".", ".."}.intersection(parts):
        raise ArgumentError(
            f"StaticSiteArgs: a file's path must be 1-{MAX_KEY_BYTES:,} bytes, without '/' first, '.' and "
            f"'..', got {key!r}"
        )
    if not key.isprintable():
        raise ArgumentError(f"StaticSiteArgs: a file's path must be printable Unicode, got {key!r}")
    return key


def content_type(key: str, others: Mapping[str, str]) -> str:
    """The media type by the name's ending."""
    ending = PurePosixPath(key).suffix.lower()
    return others.get(ending) or _TYPES.get(ending, _UNKNOWN)


def cache_control(key: str, rules: Sequence[CachingRule]) -> str:
    """`Cache-Control` of a file."""
    for rule in rules:
        if fnmatch.fnmatchcase(key, rule.pattern):
            return rule.header
    return FOREVER if _DIGEST.search(PurePosixPath(key).name) else ALWAYS_ASK


def _hidden(part: str) -> bool:
    return part.startswith(".") and part != ".well-known"
