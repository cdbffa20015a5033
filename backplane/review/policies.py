"""Policies as sets of permissions, so that two of them differ by permissions and not by text.

What AWS means by them:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from backplane.review.values import Special, parse

MAX_PERMISSIONS = 5_000
"""A policy with more combinations of principal, action and resource is not taken apart."""

ANYONE: Final = "*"
NOT: Final = "\0not "
"""What begins the name of all but some; nothing in a document can begin so."""

_NO_NARROWER = ("xray:Put", "cloudwatch:PutMetricData", "sts:GetCallerIdentity", "dynamodb:ListStreams")
"""Actions for which AWS has no narrower resource than all.
https://docs.aws.amazon.com/service-authorization/latest/reference/"""

_LATER = Special.UNKNOWN.value
_POSITIVE = re.compile(
    r"(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress|Numeric\w*Equals|Bool|Null)"
)
_ACCOUNT = re.compile(r"(arn:[\w-]+:iam::)?(\d{12})(:root)?")

Condition = frozenset[tuple[str, str, frozenset[str]]]
"""For each operator and key the values of which one must hold; all of them must hold."""


class PolicyError(ValueError):
    """A policy that can't be taken apart; the message says why."""


@dataclass(frozen=True)
class Permission:
    """One principal, action and resource; `not ...` stands for all others."""

    allows: bool
    principal: str
    """`*` is anyone; empty where the policy belongs to the one who has it."""

    action: str
    resource: str
    condition: Condition = frozenset()


@dataclass(frozen=True)
class Difference:
    """What one policy allows that another doesn't."""

    allowed: tuple[Permission, ...]
    """What is newly allowed, the widest first."""

    undenied: tuple[Permission, ...]
    """What was denied, and is so no longer."""

    def __bool__(self) -> bool:
        return bool(self.allowed or self.undenied)


def widened(old: Any, new: Any) -> Difference:
    """By what the new policy goes beyond the old one.

    Args:
        old: a policy as a text or an object; None is no policy.
        new: likewise.

    Raises:
        PolicyError: one of them is no policy.
    """
    before, after = permissions(old), permissions(new)
    allowed = _beyond([p for p in after if p.allows], [p for p in before if p.allows])
    return Difference(
        tuple(sorted(allowed, key=lambda permission: not everything(permission))),
        tuple(_beyond([p for p in before if not p.allows], [p for p in after if not p.allows])),
    )


def permissions(policy: Any) -> list[Permission]:
    """All that a policy says.

    Raises:
        PolicyError: it is no policy, or one that is too large to take apart.
    """
    if policy is None or policy == "":
        return []
    document = parse(policy) if isinstance(policy, str) else policy
    if not isinstance(document, Mapping):
        raise PolicyError("is no policy document")
    statements = [_lower(item) for item in _many(_lower(document).get("statement"))]
    found: list[Permission] = []
    for statement in statements:
        for permission in _permissions(statement):
            if len(found) >= MAX_PERMISSIONS:
                raise PolicyError(f"says more than {MAX_PERMISSIONS:,} things")
            found.append(permission)
    return found


def everything(permission: Permission) -> bool:
    """Whether it reaches anyone, a whole service or all resources: what a reviewer should see first."""
    open_to_all = permission.principal == ANYONE and not permission.condition
    # The policy of a key has to name its account, or nobody could ever change it.
    whole_service = permission.action.endswith("*") and not permission.principal.startswith("account ")
    all_resources = (
        permission.resource == "*"
        and not permission.principal
        and not permission.action.startswith(_NO_NARROWER)
    )
    return open_to_all or whole_service or all_resources or NOT in permission.action + permission.resource


def _permissions(statement: Mapping[str, Any]) -> Iterator[Permission]:
    allows = statement.get("effect") != "Deny"
    condition = _condition(statement.get("condition"))
    for principal, action, resource in product(
        _principals(statement), _listed(statement, "action"), _listed(statement, "resource")
    ):
        yield Permission(allows, principal, action, resource, condition)


def _listed(statement: Mapping[str, Any], key: str) -> list[str]:
    if f"not{key}" in statement:
        return [_not(_many(statement[f"not{key}"]))]
    # A trust policy has no resource: it is the role itself.
    return [_text(item) for item in _many(statement.get(key))] or [""]


def _principals(statement: Mapping[str, Any]) -> list[str]:
    if "notprincipal" in statement:
        return [_not(_named(statement["notprincipal"]))]
    return _named(statement["principal"]) if "principal" in statement else [""]


def _named(principal: Any) -> list[str]:
    if not isinstance(principal, Mapping):
        return [_text(item) for item in _many(principal)]
    names = [_account(_text(item)) for items in principal.values() for item in _many(items)]
    return [ANYONE if name == "*" else name for name in names]


def _account(name: str) -> str:
    """An account by itself and by its root are the same."""
    match = _ACCOUNT.fullmatch(name)
    return f"account {match[2]}" if match else name


def _not(items: Iterable[Any]) -> str:
    return f"{NOT}{json.dumps(sorted(_text(item) for item in items))}"


def _condition(condition: Any) -> Condition:
    if not isinstance(condition, Mapping):
        return frozenset()
    return frozenset(
        (str(operator), str(key), frozenset(_text(value) for value in _many(values)))
        for operator, keys in condition.items()
        if isinstance(keys, Mapping)
        for key, values in keys.items()
    )


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.value if isinstance(value, Special) else str(value).replace("\0", "")


def _lower(item: Any) -> dict[str, Any]:
    """Keys in one spelling: policies as objects write them as Pulumi does, `actions` for `Action`."""
    if not isinstance(item, Mapping):
        raise PolicyError("has a statement that is no object")
    named = {
        "actions": "action",
        "resources": "resource",
        "principals": "principal",
        "statements": "statement",
    }
    lowered = {key.lower(): value for key, value in item.items()}
    return {named.get(key, key): value for key, value in lowered.items()}


def _beyond(wanted: Iterable[Permission], given: list[Permission]) -> Iterator[Permission]:
    for permission in dict.fromkeys(wanted):
        if not any(_covers(other, permission) for other in given):
            yield permission


def _covers(given: Permission, wanted: Permission) -> bool:
    """Whether whatever the wanted permission allows, the given one allows as well."""
    return (
        _matches(given.action.lower(), wanted.action.lower())
        and _matches(given.resource, wanted.resource)
        and _is_among(given.principal, wanted.principal)
        and _is_stricter(wanted.condition, given.condition)
    )


def _is_among(given: str, wanted: str) -> bool:
    if given in (ANYONE, wanted):
        return True
    account = given.removeprefix("account ")
    return given.startswith("account ") and f":iam::{account}:" in wanted


def _matches(given: str, wanted: str) -> bool:
    if given in (wanted, "*"):
        return True
    if given.startswith(NOT) or wanted.startswith(NOT):
        return _excludes_no_more(given, wanted)
    return _fits(given, wanted)


def _excludes_no_more(given: str, wanted: str) -> bool:
    """Whether all but some covers what is wanted: all but more, or one that is none of them."""
    if not given.startswith(NOT):
        return False
    excluded = json.loads(given.removeprefix(NOT))
    if wanted.startswith(NOT):
        return set(excluded) <= set(json.loads(wanted.removeprefix(NOT)))
    return "*" not in wanted and not any(_fits(item, wanted) for item in excluded)


def _fits(pattern: str, text: str) -> bool:
    """Whether a pattern of IAM matches; its `?` stands for no `*` of the text."""
    at = place = 0
    star, resume = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, resume, place = place, at, place + 1
        elif place < len(pattern) and (
            pattern[place] == text[at] or (pattern[place] == "?" and text[at] != "*")
        ):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


def _is_stricter(wanted: Condition, given: Condition) -> bool:
    """Whether all that the given condition asks for, the wanted one asks for as well."""
    return all(any(_narrower(have, need) for have in wanted) for need in given)


def _narrower(have: tuple[str, str, frozenset[str]], need: tuple[str, str, frozenset[str]]) -> bool:
    if have[:2] != need[:2]:
        return False
    if _LATER in have[2]:
        # Its value comes with the deployment; that it is asked for is what can be seen.
        return True
    if _POSITIVE.fullmatch(have[0]):
        return have[2] <= need[2]
    return have[2] == need[2]
