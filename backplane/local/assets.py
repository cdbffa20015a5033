"""The bytes of assets and archives: the same zip for the same contents, on any machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from backplane.local.wire import Archive, Asset

_EPOCH = (1980, 1, 1, 0, 0, 0)


def read_asset(asset: Asset, folder: Path) -> bytes:
    """The bytes of one asset; its path is relative to `folder`."""
    if asset.text is not None:
        return asset.text.encode()
    if asset.path is None:
        raise ValueError("an asset by URI can't be read here: use a FileAsset or a StringAsset")
    return (folder / asset.path).read_bytes()


def zip_archive(archive: Archive, folder: Path) -> bytes:
    """A deterministic zip: sorted names, fixed times and modes, nothing compressed (zlib's output varies)."""
    if archive.path is not None and (path := folder / archive.path).is_file():
        return path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name, content in sorted(_files(archive, folder)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return buffer.getvalue()


def _files(archive: Archive, folder: Path) -> Iterator[tuple[str, bytes]]:
    if archive.path is not None:
        yield from _files_of(folder / archive.path)
    for name, item in (archive.assets or {}).items():
        if isinstance(item, Asset):
            yield name, read_asset(item, folder)
        else:
            for inner, content in _files(item, folder):
                yield str(PurePosixPath(name) / inner), content


def _files_of(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        with zipfile.ZipFile(path) as source:
            for entry in source.infolist():
                if not entry.is_dir():
                    yield entry.filename, source.read(entry)
        return
    for file in path.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file.relative_to(path).as_posix(), file.read_bytes()
