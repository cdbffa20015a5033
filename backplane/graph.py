"""The graph of a program as JSON: the same text for the same program, on any machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backplane.local import wire
from backplane.local.assets import read_asset, zip_archive
from backplane.local.engine import Resource


def resources_json(resources: Iterable[Resource], folder: Path) -> list[dict[str, Any]]:
    """The resources in the order of their URNs: Pulumi registers them in any.

    Args:
        resources: what a run declared.
        folder: what the paths of assets are relative to.
    """
    return [
        {
            "urn": resource.urn,
            "type": resource.type,
            "name": resource.name,
            "parent": resource.parent or None,
            "inputs": value_json(resource.inputs, folder),
            "dependencies": list(resource.dependencies),
            "protect": resource.protect,
        }
        for resource in sorted(resources, key=lambda resource: resource.urn)
    ]


def value_json(value: Any, folder: Path) -> Any:
    """A value for people and tools: what is unknown or secret says so, files are told by their hash."""
    match value:
        case dict():
            return {key: value_json(item, folder) for key, item in sorted(value.items())}
        case list():
            return [value_json(item, folder) for item in value]
        case wire.Asset():
            return {"asset": hashlib.sha256(read_asset(value, folder)).hexdigest()}
        case wire.Archive():
            return {"archive": archive_hash(value, folder)}
        case _:
            return _plain_json(value)


def _plain_json(value: Any) -> Any:
    match value:
        case wire.Unknown():
            return {"unknown": True}
        case wire.Secret():
            return {"secret": True}
        case wire.Reference():
            return {"reference": value.urn}
        case _:
            return value


def archive_hash(archive: wire.Archive, folder: Path) -> str:
    """SHA-256 of the archive's names and contents, in hexadecimal."""
    return hashlib.sha256(zip_archive(archive, folder)).hexdigest()


def short_type(type_: str) -> str:
    """`aws:lambda/function:Function` is `lambda.Function`, `backplane:index:DataTable` is `DataTable`."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.partition("/")[0]
    return name if package != "aws" or module == "index" else f"{module}.{name}"
