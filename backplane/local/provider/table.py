"""What a row of the provider table says: how one pulumi-aws type becomes calls of the AWS API.

A row names the operation, and only what its names don't say already: an input goes to the member of the
operation's input that is called the same. Whatever no member, `rename`, `reshape`, `steps` or `dropped`
places is refused with its name, so that nothing is skipped silently.

Expressions are JMESPath (https://jmespath.org) or a `Template`, over `in` (the inputs, with the physical
name), `out` (the answer, below `result`), `id`, `region`, `account`, `endpoint` (`http://127.0.0.1:4566`),
`host` (`127.0.0.1:4566`), `front` (`127.0.0.1:4567`, see `Row.front`) and the names of `lookups`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import jmespath  # type: ignore[import-untyped]  # it has no stubs

Inputs = MutableMapping[str, Any]


@dataclass(frozen=True)
class Template:
    """Text with `{region}`, `{account}`, `{id}`, `{in[name]}` or `{out[Arn]}` in it."""

    text: str

    def evaluate(self, environment: Mapping[str, Any]) -> str | None:
        """The text; None where a part of it is missing."""
        try:
            return self.text.format_map(environment)
        except (KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Match:
    """A part of what a JMESPath expression finds."""

    path: str
    pattern: str
    """A regular expression with one group: the part."""
    text: Template = Template("{match}")

    def evaluate(self, environment: Mapping[str, Any]) -> str | None:
        """The text with the part as `{match}`; None where the path or the pattern finds nothing."""
        found = re.search(self.pattern, str(jmespath.search(self.path, environment) or ""))
        return self.text.evaluate({**environment, "match": found[1]}) if found else None


Expression = str | Template | Match


def evaluate(expression: Expression, environment: Mapping[str, Any]) -> Any:
    """The value of an expression; None where it finds nothing."""
    if isinstance(expression, (Template, Match)):
        return expression.evaluate(environment)
    return jmespath.search(expression, environment)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How a physical name is made where the program gives none: logical name, dash, seven hex digits."""

    input: str = "name"
    limit: int = 255
    """The longest name that AWS takes, in characters."""
    before: str = ""
    fifo: str = ""
    """The input that makes this a FIFO resource, whose name ends in `.fifo`."""
    lower: bool = False
    prefix_input: str | None = None
    """The input that gives the beginning of the name instead, where the type has one."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A further call, after the first, made when one of its inputs is given."""

    operation: str
    inputs: tuple[str, ...]
    """The top-level inputs that it takes away from the first call."""
    signals: tuple[str, ...] = ()
    """Those of `inputs` that only decide, with `when`, whether the call is made."""
    given: Mapping[str, Expression] = field(default_factory=dict)
    """Members of the operation's input, and what they are."""
    rename: Mapping[str, str] = field(default_factory=dict)
    reshape: Callable[[Inputs], None] | None = None
    each: str | None = None
    """The list among the inputs of which each item is a call of its own; `item` in expressions."""
    when: Expression | None = None
    """An expression that must hold too."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """The call that finds a resource again."""

    operation: str
    given: Mapping[str, Expression]
    result: str = "@"
    """Where in the answer the resource is, so that expressions read it as they read the creation's."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One pulumi-aws type."""

    type: str
    service: str
    """As botocore calls it."""
    create: str
    """The operation, as AWS calls it."""
    id: Expression
    name: Naming | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    """Input path to member, relative to the structure that it is in; a dotted one is made on the way."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Input paths that go nowhere, and why."""
    computed: tuple[str, ...] = ()
    """Paths inside inputs that only AWS fills, and that a preview doesn't know; a program's go nowhere."""
    reshape: Callable[[Inputs], None] | None = None
    """Rebuilds, in place, what names alone can't say; the rest is placed as usual. In a preview, anything
    may be unknown."""
    given: Mapping[str, Expression] = field(default_factory=dict)
    """Members that no input gives."""
    steps: tuple[Step, ...] = ()
    result: str = "@"
    """Where in the answer the resource is."""
    front: Expression | None = None
    """The name by which the emulator answers for the resource, where it resolves nowhere: it gets an address
    of this machine."""
    lookups: Mapping[str, Read] = field(default_factory=dict)
    """Further answers that outputs need, by the name that expressions know them by."""
    outputs: Mapping[str, Expression] = field(default_factory=dict)
    """Outputs that the answer doesn't have under their own name; None falls through to the answer."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What AWS would say of promised outputs where neither inputs nor the answer do."""
    read: Read | None = None
    not_emulated: str | None = None
    """What the emulator doesn't do for the whole type, in a few words."""
    inputs_not_emulated: Mapping[str, str] = field(default_factory=dict)
    """What it doesn't do for one input, by path, `path=value` or `path~part of the value`, in a few words."""
    called: bool = True
    """False for what the emulator refuses: the inputs are checked, and ids and ARNs made up."""
