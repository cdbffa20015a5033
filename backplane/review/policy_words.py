"""The difference of two policies in words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from backplane.review.policies import ANYONE, NOT, Condition, Difference, Permission
from backplane.review.words import Code, Text, listed, say

_IS = {
    "ArnEquals": "is",
    "ArnLike": "is like",
    "Bool": "is",
    "StringEquals": "is",
    "StringLike": "is like",
}
_Group = tuple[bool, str, frozenset[str], Condition]


def sentences(difference: Difference, before: Iterable[Permission]) -> list[Text]:
    """What is allowed now that was not, one sentence for each group of permissions.

    Args:
        difference: what to say.
        before: all that was allowed, to tell a new action from a wider one.
    """
    known = list(before)
    allowed = [_allowed(group, actions, known) for group, actions in _grouped(difference.allowed)]
    undenied = [_undenied(group, actions) for group, actions in _grouped(difference.undenied)]
    return [*allowed, *undenied]


def granted(permissions: Iterable[Permission]) -> list[Text]:
    """What is allowed, said of somebody new."""
    allowed = [permission for permission in permissions if permission.allows]
    return [_allowed(group, actions, []) for group, actions in _grouped(allowed)]


def _grouped(permissions: Iterable[Permission]) -> Iterator[tuple[_Group, list[str]]]:
    """Permissions that differ in their action alone are one sentence."""
    resources: defaultdict[tuple[bool, str, str, Condition], set[str]] = defaultdict(set)
    for item in permissions:
        resources[(item.allows, item.principal, item.action, item.condition)].add(item.resource)
    actions: defaultdict[_Group, list[str]] = defaultdict(list)
    for (allows, principal, action, condition), names in resources.items():
        actions[(allows, principal, frozenset(names), condition)].append(action)
    for group, together in actions.items():
        yield group, sorted(together)


def _allowed(group: _Group, actions: list[str], before: list[Permission]) -> Text:
    _, principal, resources, condition = group
    here = say("{}{}", _doing(actions), _on(resources, principal))
    former = [
        item for item in before if item.allows and item.action in actions and item.principal == principal
    ]
    loosened = [item for item in former if item.resource in resources and item.condition - condition]
    if loosened:
        text = say("may {} without the condition that {}", here, _asks(loosened[0].condition - condition))
    else:
        elsewhere = sorted({item.resource for item in former if item.resource} - resources)
        text = say("may {}{}", here, say(" (before: on {})", listed(elsewhere, 4)) if elsewhere else ())
    only = say(", if {}", _asks(condition)) if condition and not loosened else ()
    return (*_who(principal), *text, *only)


def _undenied(group: _Group, actions: list[str]) -> Text:
    _, principal, resources, condition = group
    when = say(", if {}", _asks(condition)) if condition else ()
    return say(
        "{}is not denied any more to {}{}{}",
        _who(principal),
        _doing(actions),
        _on(resources, principal),
        when,
    )


def _who(principal: str) -> Text:
    if not principal:
        return ()
    return say("anyone ") if principal == ANYONE else say("{} ", principal)


def _doing(actions: list[str]) -> Text:
    if "*" in actions:
        return say("take any action")
    others = [_but(action) for action in actions if action.startswith(NOT)]
    return say("take {}", listed(others)) if others else listed(actions)


def _on(resources: Iterable[str], principal: str) -> Text:
    names = sorted(name for name in resources if name)
    if not names or (names == ["*"] and principal):
        # Where a policy names who, it belongs to a resource, and that is all that it can mean.
        return ()
    if names == ["*"]:
        return say(" on {}, which is everything", "*")
    return say(" on {}", listed((_but(name) for name in names), 6))


def _but(name: str) -> str:
    if not name.startswith(NOT):
        return name
    return f"all but {', '.join(json.loads(name.removeprefix(NOT)))}"


def _asks(condition: Condition) -> Text:
    parts: list[str | Code] = []
    for operator, key, values in sorted(condition, key=lambda item: (item[0], item[1])):
        is_ = _IS.get(operator)
        test = say(is_) if is_ else say("{}", operator)
        asked = say("{} {} {}", key, test, listed(sorted(values), 4))
        parts += [" and ", *asked] if parts else asked
    return tuple(parts)
