"""How one property changes, in a few words."""

from __future__ import annotations

from backplane.review.model import Change
from backplane.review.values import at, is_sensitive, same, shown
from backplane.review.words import Text, say


def step(change: Change, path: str) -> Text:
    """`timeout from 10 to 30`; without the values where they are long, or better not repeated."""
    old, new = (shown(at(inputs, path)) for inputs in (change.before, change.after))
    if old is None or new is None or is_sensitive(path) or same(old, new):
        return say("{} changes", path)
    return say("{} from {} to {}", path, old, new)
