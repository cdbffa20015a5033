"""Writes the program that somebody would have written by hand for the same graph, without components.

Its source is made from the recorded graph: each resource by its pulumi_aws class, inputs in the SDK's own
argument classes, outputs of other resources where the recorded inputs hold them, and one bare
ComponentResource for each component, so that parents and the number of resources are the same.
"""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
from pulumi import _types

from backplane.local import wire
from backplane.local.engine import STACK_TYPE, Created, Resource
from backplane.local.invokes import invoke
from backplane.local.sdk import output_types, resource_class

_TOKEN = re.compile(r"<<(\d+)\.(\w+)>>")
_HEAD = '''"""The backend's graph, written by hand."""

import pulumi
import pulumi_aws as aws


def main() -> None:
    """Declare it."""
'''


@dataclass(frozen=True)
class Derived:
    """A value that was computed from outputs in a way that its text doesn't show, such as a hash of them."""

    value: Any


def mark_derived(recorded: Any, previewed: Any) -> Any:
    """The recorded inputs, with what a preview can't know marked where no token says why."""
    if previewed is wire.UNKNOWN and recorded is not wire.UNKNOWN and not any(_tokens(recorded)):
        return Derived(recorded)
    if isinstance(recorded, dict) and isinstance(previewed, dict):
        return {key: mark_derived(value, previewed.get(key)) for key, value in recorded.items()}
    if isinstance(recorded, list) and isinstance(previewed, list):
        return [mark_derived(*pair) for pair in zip(recorded, previewed, strict=True)]
    return recorded


def marked(named: Iterable[Resource], previewed: Mapping[str, Resource]) -> list[Resource]:
    """The resources with their inputs marked as `mark_derived` does."""
    return [
        replace(resource, inputs=mark_derived(resource.inputs, previewed[resource.urn].inputs))
        for resource in named
    ]


class NamingProvider:
    """Answers every output with a token that says whose it is, to be found again in the inputs of others."""

    def __init__(self) -> None:
        self.owners: list[tuple[str, str]] = []
        """Type and name of each resource, by the number in its tokens."""

    def check(self, type_: str, name: str, inputs: Mapping[str, Any]) -> None:
        """Anything goes."""

    def preview(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs; everything else is unknown."""
        del type_
        return dict(inputs)

    def create(
        self, type_: str, name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Created:
        """Outputs: what was put in, else a token for a text and something of the type for others."""
        del settings
        number = len(self.owners)
        self.owners.append((type_, name))
        outputs = {
            output: inputs.get(output, _sample(f"<<{number}.{output}>>", kind))
            for output, kind in output_types(type_).items()
        }
        return Created(
            f"<<{number}.id>>", {key: value for key, value in outputs.items() if value is not None}
        )

    def read(self, type_: str, id_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The same as for a new one."""
        return self.create(type_, id_, {}, settings).outputs

    def invoke(self, token: str, arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """Region and account."""
        del settings
        return invoke(token, arguments, region="eu-west-1", account="123456789012")


def _sample(text: str, kind: type) -> Any:
    return {str: text, int: 1, float: 1.0, bool: False}.get(kind)


def source(
    resources: Sequence[Resource], owners: Sequence[tuple[str, str]], outputs: Mapping[str, Any]
) -> str:
    """The program's source.

    Args:
        resources: the recorded graph, the stack included.
        owners: whose the tokens in it are.
        outputs: the stack's outputs.
    """
    ordered = list(_ordered([resource for resource in resources if resource.type != STACK_TYPE], owners))
    names = {resource.urn: f"r{number}" for number, resource in enumerate(ordered)}
    custom = {(resource.type, resource.name): resource for resource in ordered if resource.custom}
    writer = _Writer(names, [custom[owner] for owner in owners])
    lines = [writer.resource(resource) for resource in ordered]
    lines += [writer.registration(resource) for resource in ordered if not resource.custom]
    lines += [f"pulumi.export({name!r}, {writer.value(value, None)})" for name, value in outputs.items()]
    return _HEAD + "".join(f"    {line}\n" for line in lines)


def _ordered(resources: Sequence[Resource], owners: Sequence[tuple[str, str]]) -> Iterator[Resource]:
    """Each resource after its parent and after those whose outputs it takes."""
    by_urn = {resource.urn: resource for resource in resources}
    by_owner = {(resource.type, resource.name): resource.urn for resource in resources}
    done: set[str] = set()

    def visit(urn: str) -> Iterator[Resource]:
        if urn in done or urn not in by_urn:
            return
        done.add(urn)
        resource = by_urn[urn]
        tokens = (by_owner[owners[number]] for number, _ in _tokens(resource.inputs))
        for needed in (resource.parent, *resource.dependencies, *tokens):
            yield from visit(needed)
        yield resource

    for resource in resources:
        yield from visit(resource.urn)


def _tokens(value: Any) -> Iterator[tuple[int, str]]:
    match value:
        case str():
            yield from ((int(found[1]), found[2]) for found in _TOKEN.finditer(value))
        case dict():
            for item in value.values():
                yield from _tokens(item)
        case list():
            for item in value:
                yield from _tokens(item)
        case wire.Secret():
            yield from _tokens(value.value)
        case _:
            return


@dataclass(frozen=True)
class _Code:
    """An expression that is written already."""

    text: str


class _Writer:
    """Writes resources and values as Python."""

    def __init__(self, names: Mapping[str, str], owners: Sequence[Resource]) -> None:
        self._names = names
        self._owners = owners
        self._customs = {owner.urn for owner in owners}

    def resource(self, resource: Resource) -> str:
        """The statement that declares one resource."""
        variable = self._names[resource.urn]
        options = self._options(resource)
        if not resource.custom:
            declared = f"pulumi.ComponentResource({resource.type!r}, {resource.name!r}, None, {options})"
            return f"{variable} = {declared}"
        kind = resource_class(resource.type)
        hints = _argument_hints(kind)
        snake = {_camel(name): name for name in hints}
        arguments = [
            f"{snake[key]}={self.value(value, _args_class(hints[snake[key]], kind.__module__))}"
            for key, value in self._derived(resource.inputs, resource).items()
            if value is not None
        ]
        path = f"{kind.__module__.rpartition('.')[0].replace('pulumi_aws', 'aws', 1)}.{kind.__name__}"
        return f"{variable} = {path}({', '.join([repr(resource.name), *arguments, f'opts={options}'])})"

    def registration(self, resource: Resource) -> str:
        """The statement that says a component's outputs."""
        return f"{self._names[resource.urn]}.register_outputs({self._mapping(resource.outputs)})"

    def _derived(self, value: Any, resource: Resource) -> Any:
        """The value with what is derived written as taken from all that the resource depends on."""
        match value:
            case Derived():
                owners = (self._names[urn] for urn in resource.dependencies if urn in self._customs)
                outputs = ", ".join(f"{owner}.id" for owner in owners)
                return _Code(f"pulumi.Output.all({outputs}).apply(lambda _: {value.value!r})")
            case dict():
                return {key: self._derived(item, resource) for key, item in value.items()}
            case list():
                return [self._derived(item, resource) for item in value]
            case _:
                return value

    def _options(self, resource: Resource) -> str:
        taken = {self._owners[number].urn for number, _ in _tokens(resource.inputs)}
        others = [
            self._names[urn] for urn in resource.dependencies if urn not in taken and urn in self._names
        ]
        options = {
            "parent": self._names.get(resource.parent),
            "depends_on": f"[{', '.join(others)}]" if others else None,
            "protect": "True" if resource.protect else None,
            "retain_on_delete": "True" if resource.retain_on_delete else None,
            "ignore_changes": repr(list(resource.ignore_changes)) if resource.ignore_changes else None,
        }
        given = (f"{key}={value}" for key, value in options.items() if value is not None)
        return f"pulumi.ResourceOptions({', '.join(given)})"

    def value(self, value: Any, kind: type | None) -> str:
        """One value; `kind` is the SDK's class for the objects in it."""
        match value:
            case str():
                return self._text(value)
            case dict() if kind is not None:
                names = {key: name for name, key in _types.input_type_py_to_pulumi_names(kind).items()}
                hints = inspect.get_annotations(vars(kind)["__init__"])
                module = kind.__module__.rpartition(".")[0].replace("pulumi_aws", "aws", 1)
                fields = (
                    f"{names[key]}={self.value(item, _args_class(hints[names[key]], kind.__module__))}"
                    for key, item in value.items()
                )
                return f"{module}.{kind.__name__}({', '.join(fields)})"
            case dict():
                return self._mapping(value)
            case list():
                return f"[{', '.join(self.value(item, kind) for item in value)}]"
            case _:
                return self._special(value)

    def _special(self, value: Any) -> str:
        match value:
            case _Code():
                return value.text
            case wire.Secret():
                return f"pulumi.Output.secret({self.value(value.value, None)})"
            case wire.Archive():
                return self._archive(value)
            case wire.Unknown():  # in a preview, only a layer that isn't built yet
                return 'pulumi.FileArchive("layer.zip")'
            case wire.Reference():
                return f"{self._names[value.urn]}.id"
            case _:
                return repr(value)

    def _archive(self, archive: wire.Archive) -> str:
        if archive.assets is None:
            return f"pulumi.FileArchive({archive.path!r})"
        files = (f"{name!r}: {self._asset(item)}" for name, item in archive.assets.items())
        return f"pulumi.AssetArchive({{{', '.join(files)}}})"

    def _asset(self, asset: wire.Asset | wire.Archive) -> str:
        if isinstance(asset, wire.Archive):
            return self._archive(asset)
        if asset.text is not None:
            return f"pulumi.StringAsset({asset.text!r})"
        return f"pulumi.FileAsset({asset.path!r})"

    def _mapping(self, values: Mapping[str, Any]) -> str:
        return f"{{{', '.join(f'{key!r}: {self.value(item, None)}' for key, item in values.items())}}}"

    def _text(self, text: str) -> str:
        outputs = [self._output(int(found[1]), found[2]) for found in _TOKEN.finditer(text)]
        if not outputs:
            return repr(text)
        if _TOKEN.fullmatch(text):
            return outputs[0]
        pieces = _TOKEN.sub("\0", text).replace("{", "{{").replace("}", "}}").split("\0")
        numbered = "".join(f"{piece}{{{number}}}" for number, piece in enumerate(pieces[:-1])) + pieces[-1]
        return f"pulumi.Output.format({numbered!r}, {', '.join(outputs)})"

    def _output(self, number: int, name: str) -> str:
        owner = self._owners[number]
        names = _types.resource_py_to_pulumi_names(resource_class(owner.type))
        python = next((mine for mine, theirs in names.items() if theirs == name), name)
        return f"{self._names[owner.urn]}.{python}"


def _argument_hints(kind: type[pulumi.CustomResource]) -> dict[str, Any]:
    initial: Any = kind._internal_init  # type: ignore[attr-defined] # noqa: SLF001 - the one that isn't overloaded
    return inspect.get_annotations(initial)


def _camel(name: str) -> str:
    """The Pulumi name of an argument: `memory_size` is `memorySize`."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _args_class(hint: Any, module: str) -> type | None:
    """The SDK's class for the objects in an argument, by its annotation."""
    names = sys.modules[module].__dict__
    for part in _parts(hint):
        name = part.__forward_arg__ if isinstance(part, typing.ForwardRef) else getattr(part, "__name__", "")
        found = names.get(name) or getattr(names.get("_inputs"), name, None)
        if name.endswith("Args") and isinstance(found, type):
            return found
    return None


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for argument in typing.get_args(hint):
        yield from _parts(typing.ForwardRef(argument) if isinstance(argument, str) else argument)
