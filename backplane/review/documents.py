"""Reads previews: `backplane preview --json`, and `pulumi preview --json`.

The latter is the PreviewDigest of the Pulumi CLI:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/display/json.go
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backplane.errors import ConfigurationError
from backplane.review.model import State
from backplane.review.values import clean, readable

MAX_BYTES = 50 * 1024 * 1024
"""A preview of a thousand resources has a few megabytes. What is larger is refused before it is parsed."""

_DIGEST_KEYS = frozenset(
    {"config", "steps", "diagnostics", "duration", "changeSummary", "maybeCorrupt", "permalink"}
)
_MARKS_OF_A_DIGEST = frozenset({"steps", "changeSummary"})


class PreviewError(ConfigurationError):
    """A file that is no preview; the message is one line and names the file."""


@dataclass(frozen=True)
class Graph:
    """What a program declares: `backplane preview --json`."""

    source: str
    resources: tuple[State, ...]


@dataclass(frozen=True)
class Step:
    """What the engine would do to one resource."""

    op: str
    urn: str
    old: State | None
    new: State | None
    reasons: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    pending_delete: bool = False


@dataclass(frozen=True)
class Digest:
    """What the engine would do: `pulumi preview --json`."""

    source: str
    steps: tuple[Step, ...]
    config: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def load(path: Path) -> Graph | Digest:
    """The preview in a file.

    Raises:
        PreviewError: it can't be read, is too large, cut off, no JSON, or no preview of a known form.
    """
    document = _parsed(path)
    try:
        return _shaped(document, path)
    except RecursionError:
        raise PreviewError(f"{path}: is nested too deeply for a preview") from None


def _parsed(path: Path) -> Any:
    data = _bytes(path)
    if not data.strip():
        raise PreviewError(
            f"{path}: is empty; write it with `backplane preview --json` or `pulumi preview --json`"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PreviewError(f"{path}: must be UTF-8, but byte {error.start:,} is not") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PreviewError(_why_not_json(path, text, error)) from None
    except RecursionError:
        raise PreviewError(f"{path}: is nested too deeply for a preview") from None
    except ValueError as error:
        raise PreviewError(f"{path}: can't be read as JSON: {error}") from None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # The size of a pipe isn't known before it is read.
            data = b"" if _size(path) > MAX_BYTES else file.read(MAX_BYTES + 1)
            too_large = len(data) > MAX_BYTES or _size(path) > MAX_BYTES
    except OSError as error:
        raise PreviewError(f"{path}: can't be read: {error.strerror}") from None
    if too_large:
        size = max(_size(path), len(data)) / 1024**2
        raise PreviewError(f"{path}: has {size:,.0f} MB; a preview has at most {MAX_BYTES // 1024**2} MB")
    return data


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _why_not_json(path: Path, text: str, error: json.JSONDecodeError) -> str:
    if text.lstrip()[:1] not in ("{", "["):
        return f"{path}: is not JSON; write it with --json"
    if error.msg == "Extra data":
        return (
            f"{path}: holds more than one JSON document; a streamed preview can't be read: unset "
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
        )
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
        return f"{path}: is cut off at line {error.lineno}, column {error.colno}; write it again"
    return f"{path}: is not JSON at line {error.lineno}, column {error.colno}: {error.msg}"


def _shaped(document: Any, path: Path) -> Graph | Digest:
    if not isinstance(document, dict):
        raise PreviewError(f"{path}: must hold one JSON object, got {_kind(document)}")
    if isinstance(document.get("resources"), list) and "outputs" in document:
        resources = [_graph_state(item, index, path) for index, item in enumerate(document["resources"])]
        _refuse_twins(resources, path)
        return Graph(str(path), tuple(resources))
    if _MARKS_OF_A_DIGEST & document.keys() and document.keys() <= _DIGEST_KEYS:
        return _digest(document, path)
    keys = ", ".join(sorted(map(str, document))[:6]) or "none"
    raise PreviewError(
        f"{path}: is no preview that this version knows: it must have resources and outputs "
        f"(`backplane preview --json`) or steps and changeSummary (`pulumi preview --json`), "
        f"got the keys: {keys}"
    )


def _refuse_twins(resources: list[State], path: Path) -> None:
    seen: set[str] = set()
    for resource in resources:
        if resource.urn in seen:
            raise PreviewError(f"{path}: has two resources with the URN {resource.urn}")
        seen.add(resource.urn)


def _digest(document: Mapping[str, Any], path: Path) -> Digest:
    steps = [] if document.get("steps") is None else document["steps"]
    if not isinstance(steps, list):
        raise PreviewError(f"{path}: steps must be a list, got {_kind(steps)}")
    return Digest(
        str(path),
        tuple(_step(item, f"steps[{index}]", path) for index, item in enumerate(steps)),
        {str(key): str(value) for key, value in _mapping(document, "config", "", path).items()},
        tuple(_errors(document.get("diagnostics") or [], path)),
    )


def _errors(diagnostics: Any, path: Path) -> list[str]:
    if not isinstance(diagnostics, list):
        raise PreviewError(f"{path}: diagnostics must be a list, got {_kind(diagnostics)}")
    messages = [
        readable(str(item.get("message", ""))).strip().removeprefix("error: ")
        for item in diagnostics
        if isinstance(item, dict) and item.get("severity") == "error"
    ]
    # The engine ends with a line that says no more than that there were errors.
    return [message for message in messages if message.lower() != "preview failed"] or messages


def _step(item: Any, where: str, path: Path) -> Step:
    if not isinstance(item, dict):
        raise PreviewError(f"{path}: {where} must be an object, got {_kind(item)}")
    old, new = (_digest_state(item, key, where, path) for key in ("oldState", "newState"))
    raw = item.get("oldState")
    return Step(
        op=_text(item, "op", where, path),
        urn=_urn(item, where, path),
        old=old,
        new=new,
        reasons=tuple(
            dict.fromkeys(
                [*_mapping(item, "detailedDiff", where, path), *_texts(item, "diffReasons", where, path)]
            )
        ),
        replacing=tuple(_texts(item, "replaceReasons", where, path)),
        pending_delete=isinstance(raw, dict) and bool(raw.get("delete")),
    )


def _digest_state(step: Mapping[str, Any], key: str, where: str, path: Path) -> State | None:
    state, where = step.get(key), f"{where}.{key}"
    if state is None:
        return None
    if not isinstance(state, dict):
        raise PreviewError(f"{path}: {where} must be an object, got {_kind(state)}")
    return _state(state, where, path, retain=bool(state.get("retainOnDelete")))


def _graph_state(item: Any, index: int, path: Path) -> State:
    where = f"resources[{index}]"
    if not isinstance(item, dict):
        raise PreviewError(f"{path}: {where} must be an object, got {_kind(item)}")
    return _state(item, where, path, retain=bool(item.get("retainOnDelete")))


def _state(item: Mapping[str, Any], where: str, path: Path, *, retain: bool) -> State:
    return State(
        urn=_urn(item, where, path),
        inputs=clean(_mapping(item, "inputs", where, path)),
        protect=bool(item.get("protect")),
        retain=retain,
        parent=str(item.get("parent") or ""),
        dependencies=tuple(_texts(item, "dependencies", where, path)),
        aliases=tuple(_texts(item, "aliases", where, path)),
    )


def _urn(item: Mapping[str, Any], where: str, path: Path) -> str:
    urn = _text(item, "urn", where, path)
    if not urn.startswith("urn:pulumi:") or urn.count("::") < 3:  # noqa: PLR2004 - stack, project, type, name
        raise PreviewError(
            f"{path}: {where}.urn must be urn:pulumi:STACK::PROJECT::TYPE::NAME, got {urn[:80]!r}"
        )
    return urn


def _text(item: Mapping[str, Any], key: str, where: str, path: Path) -> str:
    value = item.get(key)
    if not isinstance(value, str):
        raise PreviewError(f"{path}: {where}.{key} must be a text, got {_kind(value)}")
    return readable(value)


def _texts(item: Mapping[str, Any], key: str, where: str, path: Path) -> list[str]:
    value = item.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise PreviewError(f"{path}: {where}.{key} must be a list of texts, got {_kind(value)}")
    return [readable(text) for text in value]


def _mapping(item: Mapping[str, Any], key: str, where: str, path: Path) -> Mapping[str, Any]:
    value = item.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PreviewError(
            f"{path}: {f'{where}.' if where else ''}{key} must be an object, got {_kind(value)}"
        )
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", type(None): "nothing", bool: "true or false"}
    return names.get(type(value), "a number")
