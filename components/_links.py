"""Links: what one component may do to another, and the environment that tells it where.

A link is exact IAM actions on exact ARNs and the environment variables that the handler reads, and nothing
more. Its verbs are AWS's own action names; one that a component doesn't know is refused with those it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pulumi

from components._base import ArgumentError


@dataclass(frozen=True)
class Condition:
    """A demand on the request, beside its action and its resource."""

    operator: str
    """IAM's operator: `StringLike`.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

    key: str
    """What it looks at: `s3:prefix`."""

    values: tuple[str, ...]
    """What it accepts, any of them."""


@dataclass(frozen=True)
class Statement:
    """Actions that are allowed on resources, and on nothing else."""

    actions: tuple[str, ...]
    """IAM actions with their service: `dynamodb:GetItem`. Never a `*`."""

    resources: tuple[pulumi.Input[str], ...]
    """ARNs. A `*` only where AWS has no narrower form."""

    conditions: tuple[Condition, ...] = ()
    """What a request must meet as well, all of them, where an ARN can't say it."""

    names: tuple[str, ...] = ()
    """What a preview calls the resources, in their order, as it knows no ARN yet: what kind of thing, the
    component's name, and what of it is meant: `table/users/index/email-index`."""


@dataclass(frozen=True)
class Link:
    """Permission and environment for one function."""

    statements: tuple[Statement, ...] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


def environment_name(component: str, suffix: str) -> str:
    """The environment variable of a link: `environment_name("users", "TABLE")` is `USERS_TABLE`."""
    return f"{component.replace('-', '_').upper()}_{suffix}"


def check_verbs(component: str, verbs: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The verbs, in order and once each; refuses an empty list and a verb that the component doesn't know."""
    wanted, allowed = tuple(dict.fromkeys(verbs)), sorted(known)
    unknown = [verb for verb in wanted if verb not in allowed]
    if unknown or not wanted:
        got = ", ".join(map(repr, unknown)) or "none"
        raise ArgumentError(f"{component}.link verbs must be among {', '.join(allowed)}; got {got}")
    return wanted


def merge_environment(component: str, links: Iterable[Link]) -> dict[str, pulumi.Input[str]]:
    """The variables of several links; two links that set one variable differently are refused."""
    merged: dict[str, pulumi.Input[str]] = {}
    for link in links:
        for name, value in link.environment.items():
            if name in merged and merged[name] is not value:
                raise ArgumentError(f"{component}: two links set {name}; rename one of the components")
            merged[name] = value
    return merged
