"""Values as the Pulumi SDK sends them: unknowns, secrets, assets, archives; in and out of protobuf Structs.

The signatures: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret, is none
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only `up` will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that no log and no report may show."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True)
class Asset:
    """One file: by its path, relative to the program's folder, or by its text."""

    path: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Archive:
    """Files that travel together: a path to a folder or zip, or named assets and archives."""

    path: str | None = None
    assets: Mapping[str, Asset | Archive] | None = None


@dataclass(frozen=True)
class Reference:
    """Another resource, as the value of an argument or output."""

    urn: str
    id: Any = None


def load(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The Python values of a Struct."""
    return {key: _load(value) for key, value in struct.fields.items()}


def dump(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The Struct of Python values; entries that are None are left out."""
    struct = struct_pb2.Struct()
    struct.update({key: _dump(value) for key, value in values.items() if value is not None})
    return struct


def plain(value: Any) -> Any:
    """The value without its secret wrappers; a reference becomes its id."""
    match value:
        case Secret():
            return plain(value.value)
        case Reference():
            return value.id
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def contains(value: Any, test: Callable[[Any], bool]) -> bool:
    """Whether the value, or any value inside it, passes the test."""
    if test(value):
        return True
    match value:
        case Secret():
            return contains(value.value, test)
        case dict():
            return any(contains(item, test) for item in value.values())
        case list():
            return any(contains(item, test) for item in value)
        case _:
            return False


def is_unknown(value: Any) -> bool:
    """Whether the value is, or holds, something that only `up` will know."""
    return contains(value, lambda item: item is UNKNOWN)


def is_secret(value: Any) -> bool:
    """Whether the value is, or holds, a secret."""
    return contains(value, lambda item: isinstance(item, Secret))


def _load(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_load(item) for item in value.list_value.values]
        case "struct_value":
            return _load_object(load(value.struct_value))
        case _:
            return None


def _load_object(fields: dict[str, Any]) -> Any:
    match fields.get(_SIGNATURE):
        case None:
            return fields
        case signature if signature == _SECRET:
            return Secret(fields.get("value"))
        case signature if signature == _ASSET:
            return Asset(path=fields.get("path"), text=fields.get("text"))
        case signature if signature == _ARCHIVE:
            return Archive(path=fields.get("path"), assets=fields.get("assets"))
        case signature if signature == _REFERENCE:
            return Reference(urn=fields["urn"], id=fields.get("id"))
        case signature if signature == _OUTPUT:
            value = fields.get("value", UNKNOWN)
            return Secret(value) if fields.get("secret") else value
        case signature:
            raise ValueError(f"a value of the unknown kind {signature}: this engine is older than the SDK")


def _dump(value: Any) -> Any:
    match value:
        case Unknown():
            return _UNKNOWN
        case Mapping():
            return {key: _dump(item) for key, item in value.items()}
        case list() | tuple():
            return [_dump(item) for item in value]
        case Secret() | Asset() | Archive() | Reference():
            return _dump_object(value)
        case _:
            return value


def _dump_object(value: Secret | Asset | Archive | Reference) -> dict[str, Any]:
    match value:
        case Secret():
            return {_SIGNATURE: _SECRET, "value": _dump(value.value)}
        case Asset():
            return _signed(_ASSET, path=value.path, text=value.text)
        case Archive():
            return _signed(_ARCHIVE, path=value.path, assets=_dump(value.assets))
        case Reference():
            return _signed(_REFERENCE, urn=value.urn, id=_dump(value.id))


def _signed(signature: str, **fields: Any) -> dict[str, Any]:
    return {_SIGNATURE: signature, **{key: value for key, value in fields.items() if value is not None}}
