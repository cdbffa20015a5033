"""How one property changes, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backplane.review.model import Change
from backplane.review.values import Special, at, is_sensitive, same, shown
from backplane.review.words import Text, joined, listed, say

_MEMBERS = 6


def step(change: Change, path: str) -> Text:
    """`timeout from 10 to 30`; without the values where they are long, or better not repeated."""
    old, new = (at(inputs, path) for inputs in (change.before, change.after))
    if is_sensitive(path) or same(old, new):
        return say("{} changes", path)
    if isinstance(old, list) and isinstance(new, list):
        return _members(path, old, new)
    before, after = shown(old), shown(new)
    if before is None or after is None:
        return say("{} changes", path)
    return say("{} from {} to {}", path, before, after)


def _members(path: str, old: list[Any], new: list[Any]) -> Text:
    """What a list gains and loses, where its members have names."""
    before, after = ([_name(item) for item in items] for items in (old, new))
    if None in before or None in after:
        return say("{} changes", path)
    told = [
        say(f"{word} {{}}", listed(names, _MEMBERS))
        for word, names in (
            ("gains", [name for name in after if name not in before]),
            ("loses", [name for name in before if name not in after]),
        )
        if names
    ]
    return say("{} {}", path, joined(told) if told else say("changes"))


def _name(item: Any) -> str | None:
    if isinstance(item, Mapping):
        item = item.get("name") or item.get("id")
    return None if item is None or isinstance(item, Special | list) else shown(item)


def presence(change: Change) -> Text:
    """What is worth to know of a resource that comes or goes, beside its name."""
    inputs = change.after or change.before
    key = inputs.get("routeKey")
    if not isinstance(key, str):
        return ()
    kind = inputs.get("authorizationType", "NONE")
    return say("{}, authorization {}", key, kind) if isinstance(kind, str) else say("{}", key)
