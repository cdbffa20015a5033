"""From a row and a resource's inputs to the calls that create it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backplane.local import wire
from backplane.local.engine import ProgramError
from backplane.local.provider import coerce, models, validation
from backplane.local.provider.names import physical_name
from backplane.local.provider.table import Expression, Inputs, Row, Step, evaluate

_EVERYWHERE = ("region", "tagsAll")
"""Inputs that are the provider's own business, not the operation's."""


@dataclass(frozen=True)
class Call:
    """One call: `given` waits for the answers of those before it."""

    operation: str
    parameters: dict[str, Any]
    given: Mapping[str, Expression]
    item: Any = None
    when: Expression | None = None

    def complete(self, environment: Mapping[str, Any]) -> dict[str, Any] | None:
        """All parameters; None when the call is not to be made."""
        scope = {**environment, "item": self.item}
        if self.when is not None and not evaluate(self.when, scope):
            return None
        given = {member: evaluate(expression, scope) for member, expression in self.given.items()}
        return {**{member: value for member, value in given.items() if value is not None}, **self.parameters}


@dataclass(frozen=True)
class Plan:
    """What a resource's creation calls."""

    inputs: dict[str, Any]
    """Plain, with the physical name."""
    first: Call
    steps: tuple[Call, ...]
    misplaced: tuple[str, ...]
    """Inputs that the row doesn't know."""

    def faults(self, row: Row) -> str:
        """What botocore would refuse."""
        reports = []
        for call in (self.first, *self.steps):
            shape: Any = models.input_shape(row.service, call.operation)
            waiting = {member: wire.UNKNOWN for member in call.given if member in shape.members}
            reports.append(validation.faults(shape, {**waiting, **call.parameters}))
        return "; ".join(report.replace("\n", ", ") for report in reports if report)


def make(row: Row, name: str, inputs: Mapping[str, Any], blob: coerce.Blob) -> Plan:
    """The calls of one resource; inputs may hold unknowns and secrets.

    Raises:
        ProgramError: no physical name can be made.
    """
    values: dict[str, Any] = wire.plain(dict(inputs))
    if row.name is not None:
        values[row.name.input] = physical_name(row.name, name, values)
    rest = {
        key: value
        for key, value in wire.plain(values).items()
        if key not in _EVERYWHERE and value is not None
    }
    if row.name is not None and row.name.prefix_input is not None:
        rest.pop(row.name.prefix_input, None)
    for path in (*row.dropped, *row.computed):
        _drop(rest, path.split("."))
    misplaced: list[str] = []
    steps = [call for step in row.steps for call in _step_calls(row, step, rest, misplaced, blob)]
    first = _call(row, row.create, rest, (row.rename, row.reshape, row.given), misplaced, blob)
    return Plan(values, first, tuple(steps), tuple(misplaced))


def _step_calls(
    row: Row, step: Step, rest: Inputs, misplaced: list[str], blob: coerce.Blob
) -> Iterator[Call]:
    taken = {key: rest.pop(key) for key in step.inputs if key in rest}
    if not taken:
        return
    for signal in step.signals:
        taken.pop(signal, None)
    how = (step.rename, step.reshape, step.given)
    if step.each is None:
        call = _call(row, step.operation, taken, how, misplaced, blob)
        yield Call(call.operation, call.parameters, call.given, when=step.when)
        return
    items = taken.pop(step.each, [])
    for item in items if isinstance(items, list) else []:
        values = item if isinstance(item, dict) else {}
        call = _call(row, step.operation, values, how, misplaced, blob)
        yield Call(call.operation, call.parameters, call.given, item, step.when)


def _call(
    row: Row,
    operation: str,
    values: Inputs,
    how: tuple[Mapping[str, str], Callable[[Inputs], None] | None, Mapping[str, Expression]],
    misplaced: list[str],
    blob: coerce.Blob,
) -> Call:
    rename, reshape, given = how
    if reshape is not None:
        reshape(values)
    request = coerce.Request(rename, blob)
    parameters = request.structure(models.input_shape(row.service, operation), values)
    misplaced += request.misplaced
    return Call(operation, parameters, given)


def _drop(value: Any, path: list[str]) -> None:
    first, *rest = path
    if isinstance(value, list):
        for item in value:
            _drop(item, path)
    elif isinstance(value, dict) and rest:
        _drop(value.get(first), rest)
    elif isinstance(value, dict):
        value.pop(first, None)


def at(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from at(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from at(value.get(path[0]), path[1:])


def previewed(row: Row, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that a preview knows: the inputs, without what only AWS fills inside them."""
    outputs = _copy(dict(inputs))
    for path in row.computed:
        *parents, last = path.split(".")
        for holder in at(outputs, parents):
            if isinstance(holder, dict):
                holder[last] = wire.UNKNOWN
    known: dict[str, Any] = outputs
    return known


def _copy(value: Any) -> Any:
    match value:
        case dict():
            return {key: _copy(item) for key, item in value.items()}
        case list():
            return [_copy(item) for item in value]
        case _:
            return value


def refuse(row: Row, where: str, plan: Plan) -> None:
    """Fail for what the row doesn't know or botocore wouldn't send.

    Raises:
        ProgramError: with every input that is wrong, and what to add where.
    """
    if plan.misplaced:
        unknown = ", ".join(repr(path) for path in plan.misplaced)
        raise ProgramError(
            f"no member of {row.service}:{row.create} is known for the input {unknown}; "
            f"add it to `rename`, `steps` or `dropped` (with the reason) of {where}"
        )
    if faults := plan.faults(row):
        raise ProgramError(f"AWS would refuse this: {faults}")
