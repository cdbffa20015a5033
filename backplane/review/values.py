"""Property values of both kinds of preview in one form: plain JSON, with marks for what can't be seen.

The marks of the Pulumi engine are those of its SDK, sdk/go/common/resource/sig.
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_KINDS = {
    "c44067f5952c0a294b673a41bacd8c17": "asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "reference",
}
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public mark
_UNKNOWN = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_SENSITIVE = re.compile(
    r"password|passphrase|secret|token$|api_?key|private_?key|credential|connection_?string", re.IGNORECASE
)
_DEPTH = 3


class Special(enum.Enum):
    """What stands for a value that can't be seen."""

    UNKNOWN = "known only after deployment"
    SECRET = "secret"  # noqa: S105 - a word


UNKNOWN: Final = Special.UNKNOWN
SECRET: Final = Special.SECRET


def clean(value: Any) -> Any:  # noqa: PLR0911 - one for each form
    """A value of either kind of preview with its marks replaced; the provider's own notes are dropped."""
    match value:
        case {"unknown": True} if len(value) == 1:
            return UNKNOWN
        case {"secret": True} if len(value) == 1:
            return SECRET
        case dict() if _SIGNATURE in value:
            return _signed(value)
        case dict():
            return {
                readable(str(key)): clean(item)
                for key, item in value.items()
                if not str(key).startswith("__")
            }
        case list():
            return [clean(item) for item in value]
        case str() if value in _UNKNOWN:
            return UNKNOWN
        case str():
            return SECRET if value == "[secret]" else readable(value)
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def readable(text: str) -> str:
    """A text that can be written: halves of characters, which JSON can hold, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _signed(value: Mapping[str, Any]) -> Any:
    signature = value[_SIGNATURE]
    if signature == _SECRET_SIGNATURE:
        return SECRET
    kind = _KINDS.get(signature) if isinstance(signature, str) else None
    if kind is None:
        return UNKNOWN
    return {kind: value.get("urn") if kind == "reference" else value.get("hash", UNKNOWN)}


def at(inputs: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as `pointInTimeRecovery.enabled`; None where there is none.

    `rules[].names` is all members of the lists of names. A mark on the way is the answer: what is inside it
    can't be seen either.
    """
    value: Any = inputs
    for part in path.split("."):
        if isinstance(value, Special):
            return value
        name = part.removesuffix("[]")
        value = _all_of(value, name) if isinstance(value, list) else _one_of(value, name)
        if name != part and not isinstance(value, list | Special):
            return None
    return value


def _one_of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _all_of(items: list[Any], name: str) -> list[Any]:
    """The members of the lists that all items have under one name; what can't be seen stays a mark."""
    found = [item if isinstance(item, Special) else _one_of(item, name) for item in items]
    return [member for value in found for member in (value if isinstance(value, list) else [value])]


def is_known(value: Any) -> bool:
    """Whether a value can be seen whole."""
    match value:
        case Special():
            return False
        case Mapping():
            return all(is_known(item) for item in value.values())
        case list():
            return all(is_known(item) for item in value)
        case _:
            return True


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The paths at which two sets of inputs differ, sorted; what is unknown on both sides does not."""
    return sorted(_differing(old, new, ""))


def _differing(old: Any, new: Any, path: str) -> Iterator[str]:
    if same(old, new):
        return
    if (
        isinstance(old, Mapping)
        and isinstance(new, Mapping)
        and path.count(".") < _DEPTH
        and not _is_file(old)
    ):
        for key in old.keys() | new.keys():
            yield from _differing(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    else:
        yield path


def _is_file(value: Mapping[str, Any]) -> bool:
    """Whether it stands for a file: that its hash is another says no more than that it is another."""
    return len(value) == 1 and not value.keys().isdisjoint({"asset", "archive"})


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same; JSON in texts is compared as JSON, so that its spaces don't matter."""
    if old == new and type(old) is type(new):
        return True
    if isinstance(old, str) and isinstance(new, str):
        parsed = (parse(old), parse(new))
        return parsed[0] is not None and parsed[0] == parsed[1]
    return bool(old == new) and not isinstance(old, bool) and not isinstance(new, bool)


def parse(text: str) -> Any:
    """The object or array that a text holds as JSON; None if it holds none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return clean(json.loads(text))
    except (ValueError, RecursionError):
        return None


def is_sensitive(path: str) -> bool:
    """Whether a name suggests that its value should not be repeated in a comment."""
    return _SENSITIVE.search(path.rpartition(".")[2]) is not None


def shown(value: Any) -> str | None:
    """A short form of a value for a sentence; None if it is too large for one."""
    match value:
        case None:
            return "unset"
        case Special():
            return value.value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:,}"
        case str():
            return value if len(value) <= 60 and parse(value) is None else None  # noqa: PLR2004 - a cell's width
        case _:
            return None
