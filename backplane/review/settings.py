"""What the change of a single setting means; which settings matter stands in `setting_tables`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from backplane.review.model import Change, Finding, Section
from backplane.review.setting import FOREVER, Setting
from backplane.review.setting_tables import ACCESS, AVAILABILITY, DATA
from backplane.review.values import Special, at, shown
from backplane.review.words import Text, listed, say

_TABLES: Final = {Section.DATA: DATA, Section.ACCESS: ACCESS, Section.AVAILABILITY: AVAILABILITY}
_PLACE = re.compile(r"\{([01])\}")
_SINGULAR = {
    "characters": "character",
    "copies": "copy",
    "days": "day",
    "hours": "hour",
    "requests": "request",
    "seconds": "second",
    "units": "unit",
}
_WEIGHT = 3


def findings(change: Change) -> Iterator[Finding]:
    """What the settings of one resource mean for its section of a review."""
    if change.new is None or change.op == "same":
        return
    for section, table in _TABLES.items():
        # What replaces a resource starts empty: how the data was protected is not the point any more.
        if section is Section.DATA and change.op == "replace":
            continue
        for setting in table.get(change.type, ()):
            if change.op == "create" and not setting.created:
                continue
            text = _text(setting, at(change.before, setting.path), at(change.after, setting.path))
            if text is not None:
                guarded = setting.guarded and section is not Section.AVAILABILITY
                yield Finding(section, change, text, _WEIGHT, guarded, (setting.path,))


def _text(setting: Setting, old: Any, new: Any) -> Text | None:  # noqa: PLR0911 - one for each kind
    """What it means; None if it means nothing, or can't be seen."""
    if isinstance(old, Special) or isinstance(new, Special):
        return None
    match setting.kind:
        case "off" | "on":
            before, after = (bool(value) for value in _filled(setting, old, new))
            return say(setting.words) if before != after and after == (setting.kind == "on") else None
        case "lower" | "raised":
            return _number(setting, old, new)
        case "rank":
            return _rank(setting, old, new)
        case "gone":
            return say(setting.words) if old and not new else None
        case "set":
            return _said(setting, old, new) if new and new != old else None
        case "gained":
            return _members(setting, more=new, less=old)
        case "lost":
            return _members(setting, more=old, less=new)


def _filled(setting: Setting, *values: Any) -> tuple[Any, ...]:
    return tuple(setting.unset if value is None else value for value in values)


def _number(setting: Setting, old: Any, new: Any) -> Text | None:
    before, after = (_as_number(value) for value in _filled(setting, old, new))
    if before is None or after is None:
        return None
    if setting.unset == FOREVER and setting.unit == "days":
        # A retention of 0 days means that nothing is ever deleted.
        before, after = before or FOREVER, after or FOREVER
    moved = after < before if setting.kind == "lower" else after > before
    return _said(setting, before, after) if moved else None


def _as_number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _rank(setting: Setting, old: Any, new: Any) -> Text | None:
    before, after = (str(value) for value in _filled(setting, old, new))
    ranks = setting.ranks
    fell = before in ranks and after in ranks and ranks.index(after) < ranks.index(before)
    return _said(setting, before, after) if fell else None


def _members(setting: Setting, *, more: Any, less: Any) -> Text | None:
    if not isinstance(more, list) or not isinstance(less, list | None):
        return None
    had = {_member(item) for item in less or []}
    if None in had or "*" in had:
        # One of them can't be seen and may be the very one, or they were all there before.
        return None
    named = dict.fromkeys(_member(item) for item in more)
    added = [name for name in named if name is not None and name not in had]
    return say(setting.words, listed(added)) if added else None


def _member(item: Any) -> str | None:
    """How a member is told: an index by its name, a replica by its Region; None if it can't be seen."""
    if isinstance(item, Mapping):
        item = item.get("name") or item.get("regionName")
    return None if item is None or isinstance(item, Special) else str(item)


def _said(setting: Setting, before: Any, after: Any) -> Text:
    values = (before, after)
    chosen = [_with_unit(setting, values[int(place)]) for place in _PLACE.findall(setting.words)]
    return say(_PLACE.sub("{}", setting.words), *chosen)


def _with_unit(setting: Setting, value: Any) -> str:
    if value == FOREVER:
        return "for ever" if setting.unit == "days" else "as many as there are"
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    unit = _SINGULAR.get(setting.unit, setting.unit) if number == 1 else setting.unit
    return f"{shown(number) or str(number)} {unit}".strip()
