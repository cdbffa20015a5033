"""What a review is made of: resources before and after, what happens to them, and what that means."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backplane.review.words import Text

Op = Literal["create", "update", "replace", "delete", "same"]

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class State:
    """A resource as it is, or as it would be."""

    urn: str
    inputs: Mapping[str, Any]
    protect: bool = False
    retain: bool = False
    """Whether it stays in AWS when it leaves the stack."""

    parent: str = ""
    dependencies: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """Its type, as in `aws:dynamodb/table:Table`."""
        return type_of(self.urn)

    @property
    def name(self) -> str:
        """Its name in the program."""
        return name_of(self.urn)


@dataclass(frozen=True)
class Change:
    """What happens to one resource."""

    op: Op
    old: State | None
    new: State | None
    reasons: tuple[str, ...] = ()
    """The properties that differ, as the engine says or as a comparison shows."""

    replacing: tuple[str, ...] = ()
    """Those of them that can't be changed in place."""

    leftover: bool = False
    """Whether an earlier update replaced it and has yet to delete it."""

    @property
    def state(self) -> State:
        """The resource as it would be, or as it was before it goes."""
        state = self.new or self.old
        if state is None:
            raise ValueError("a change has a state before or after")
        return state

    @property
    def urn(self) -> str:
        """Of the resource as it would be."""
        return self.state.urn

    @property
    def type(self) -> str:
        """Of the resource."""
        return self.state.type

    @property
    def name(self) -> str:
        """Of the resource."""
        return self.state.name

    @property
    def before(self) -> Mapping[str, Any]:
        """Its inputs before; none if there was none."""
        return self.old.inputs if self.old else {}

    @property
    def after(self) -> Mapping[str, Any]:
        """Its inputs after; none if there will be none."""
        return self.new.inputs if self.new else {}


@dataclass(frozen=True)
class Comparison:
    """All that two previews, or the engine's one, say."""

    project: str
    stack: str
    changes: tuple[Change, ...]
    """Sorted by URN. Unchanged ones are there where the preview had them."""

    exact: bool
    """Whether the engine compared with what is deployed; otherwise two programs were compared."""

    config: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    """Why the preview is incomplete."""

    def by_urn(self) -> dict[str, Change]:
        """The changes by the URN of the resource."""
        return {change.urn: change for change in self.changes}


class Section(enum.IntEnum):
    """Where a finding stands; what hurts most comes first."""

    DATA = 0
    ACCESS = 1
    AVAILABILITY = 2
    MONEY = 3
    REST = 4


@dataclass(frozen=True)
class Finding:
    """One row of a review."""

    section: Section
    change: Change
    text: Text
    weight: int = 1
    """Its place within the section: smaller is worse."""

    guarded: bool = False
    """Whether it needs an acknowledgement."""

    covers: tuple[str, ...] = ()
    """The paths that it speaks of: they need not be listed again."""


def type_of(urn: str) -> str:
    """The type at the end of a URN's chain of types."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the form of a URN


def name_of(urn: str) -> str:
    """The name at the end of a URN."""
    return urn.split("::", 3)[-1]


def short(type_: str) -> str:
    """`aws:lambda/function:Function` is `lambda.Function`."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.partition("/")[0]
    return name if package != "aws" or module in ("", "index") else f"{module}.{name}"
