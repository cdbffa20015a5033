"""From Pulumi's values to AWS's and back, along the shapes of botocore's service models.

Pulumi's names are AWS's in camelCase, lists in the plural. So a value is placed by its name, and made what
the shape says: a number becomes an integer, a map of tags a list of keys and values.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.model import Shape

from backplane.local import wire

Blob = Callable[[wire.Asset | wire.Archive], bytes]
_PAIRS = (("Key", "Value"), ("Name", "Value"), ("key", "value"), ("TagKey", "TagValue"))


class Request:
    """One conversion of inputs into the parameters of an operation.

    Args:
        rename: input path to member, see `table.Row.rename`.
        blob: the bytes of an asset or archive.
    """

    def __init__(self, rename: Mapping[str, str], blob: Blob) -> None:
        self.misplaced: list[str] = []
        """Paths of inputs that no member takes."""
        self._rename, self._blob = rename, blob

    def structure(self, shape: Any, values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        """The members that the values are."""
        placed: dict[str, Any] = {}
        for key, value in values.items():
            where = f"{path}.{key}" if path else key
            if value is None:
                continue
            target = self._rename.get(where, key)
            if not self._place(shape, placed, target.split("."), value, where):
                self.misplaced.append(where)
        if _counts(shape) and "Quantity" in shape.required_members:
            items = placed.get("Items", [])
            placed.setdefault("Quantity", len(items) if isinstance(items, list) else wire.UNKNOWN)
        return placed

    def _place(self, shape: Any, into: dict[str, Any], target: list[str], value: Any, path: str) -> bool:
        first, *rest = target
        if shape.type_name == "map":
            into[first] = self._convert(shape.value, value, path)
            return True
        member = find(tuple(shape.members), first)
        if member is None:
            return False
        inner = shape.members[member]
        if rest:
            below = into.setdefault(member, {})
            return below is wire.UNKNOWN or self._place(inner, below, rest, value, path)
        converted = self._convert(inner, value, path)
        if isinstance(converted, dict) and isinstance(into.get(member), dict):
            converted = {**into[member], **converted}
        into[member] = converted
        return True

    def _convert(self, shape: Any, value: Any, path: str) -> Any:
        kind = shape.type_name
        if value is wire.UNKNOWN:
            return value
        if kind == "list":
            return self._list(shape, value, path)
        if isinstance(value, list) and kind == "structure" and _counts(shape):
            return self._counted(shape, value, path)
        if isinstance(value, Mapping) and kind in ("structure", "map"):
            return self._mapping(shape, value, path)
        if isinstance(value, (wire.Asset, wire.Archive)):
            return self._blob(value)
        return scalar(kind, value)

    def _mapping(self, shape: Any, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        if shape.type_name == "structure":
            return self.structure(shape, value, path)
        return {key: self._convert(shape.value, item, f"{path}.*") for key, item in value.items()}

    def _counted(self, shape: Any, value: list[Any], path: str) -> dict[str, Any]:
        """A list as CloudFront writes one: how many, which, and whether there are any."""
        enabled = {"Enabled": bool(value)} if "Enabled" in shape.members else {}
        items = self._list(shape.members["Items"], value, path)
        return {**enabled, "Quantity": len(value), **({"Items": items} if items else {})}

    def _list(self, shape: Any, value: Any, path: str) -> list[Any]:
        item = shape.member
        if isinstance(value, Mapping) and item.type_name == "structure" and (pair := _pair(item)):
            key, content = pair
            return [
                {key: name, content: self._convert(item.members[content], part, path)}
                for name, part in value.items()
                if part is not None
            ]
        values = value if isinstance(value, list) else [value]
        return [self._convert(item, part, path) for part in values]


def scalar(kind: str, value: Any) -> Any:
    """A value as the shape's type; left as it is where it can't be, for botocore to refuse by name."""
    return _CONVERSIONS[kind](value) if kind in _CONVERSIONS else value


def _boolean(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _integer(value: Any) -> Any:
    return int(float(value)) if _is_number(value) and float(value).is_integer() else value


def _float(value: Any) -> Any:
    return float(value) if _is_number(value) else value


def _string(value: Any) -> Any:
    if isinstance(value, (Mapping, list)):  # a policy document, written as an object
        return wire.UNKNOWN if wire.is_unknown(value) else json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "blob": _bytes,
    "boolean": _boolean,
    "double": _float,
    "float": _float,
    "integer": _integer,
    "long": _integer,
    "string": _string,
}


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _counts(shape: Any) -> bool:
    """Whether a structure is a list with its length, as in CloudFront's API."""
    return {"Items", "Quantity"} <= set(getattr(shape, "members", ()))


def _pair(item: Any) -> tuple[str, str] | None:
    """The two members of a list's items that a map's keys and values are."""
    return next((pair for pair in _PAIRS if set(pair) <= set(item.members)), None)


@functools.cache
def find(candidates: tuple[str, ...], name: str) -> str | None:
    """The candidate that a name means: the same but for capitals, else but for the plural too."""
    for form in (str.lower, singular):
        found = [candidate for candidate in candidates if form(candidate) == form(name)]
        if len(found) == 1:
            return found[0]
    return None


def singular(name: str) -> str:
    """A name in lower case, without the ending of a plural."""
    name = name.lower()
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def camel(name: str) -> str:
    """A member's name as Pulumi writes it: `KMSMasterKeyId` is `kmsMasterKeyId`."""
    head = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+", name)
    return name if head is None else head[0].lower() + name[head.end() :]


def from_answer(shape: Shape | None, value: Any, rename: Mapping[str, str], path: str = "") -> Any:
    """A value of an answer, as Pulumi names and writes it; `rename` is that of the row, read backwards."""
    if isinstance(value, Mapping) and shape is not None and shape.type_name == "structure":
        backwards = _backwards(rename, path)
        return {
            (key := backwards.get(member, camel(member))): from_answer(
                shape.members.get(member), part, rename, f"{path}.{key}" if path else key
            )
            for member, part in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if _is_tags(shape):
            return {part["Key"]: part["Value"] for part in value}
        item = getattr(shape, "member", None)
        return [from_answer(item, part, rename, path) for part in value]
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


def _backwards(rename: Mapping[str, str], path: str) -> dict[str, str]:
    """Member to input, for the structure at a path."""
    parent = f"{path}." if path else ""
    return {
        member: key[len(parent) :]
        for key, member in rename.items()
        if key.startswith(parent) and "." not in key[len(parent) :] and "." not in member
    }


def _is_tags(shape: Shape | None) -> bool:
    return (
        shape is not None
        and shape.type_name == "list"
        and set(getattr(shape.member, "members", ())) == {"Key", "Value"}
    )
