"""What every component shares: checked arguments, names, children and the escape hatch.

Arguments are pydantic models: frozen, keyword-only, unknown names refused. A mistake raises `ArgumentError`
before any resource exists, in one line: the argument, the allowed range and the value that was given.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Union, get_args

import annotated_types
import pulumi
import pydantic

MAX_NAME_LENGTH = 40
"""AWS allows 64 characters for a function or a role: 40 for the component, 16 for the child's suffix and
8 for the suffix that Pulumi adds."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BRANCH = re.compile(r"[\[\]()]|^(str|int|float|bool|constrained-.*|nullable|dict|list|[A-Z]\w*)$")
_UNITS = ("seconds", "days", "mb", "milliseconds", "percent", "hours", "minutes")

T = TypeVar("T")
if TYPE_CHECKING:
    from pulumi import Input as Input  # noqa: PLC0414 - re-exported under the name that the field knows
else:
    # pulumi.Input holds a forward reference that pydantic can't resolve; this union checks the same.
    Input = Union[T, pydantic.InstanceOf[pulumi.Output]]  # noqa: UP007 - a TypeVar wants Union


Children = Mapping[str, type[pulumi.CustomResource] | Callable[[], type[pulumi.CustomResource]]]
"""Types of children by name. A function gives the type of one that few need, so that its module of pulumi_aws
is imported for those few."""


class ArgumentError(ValueError):
    """Arguments that a component refuses, one mistake a line."""


class Shape(pydantic.BaseModel):
    """A frozen, keyword-only group of values that refuses names it doesn't know."""

    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except pydantic.ValidationError as error:
            raise ArgumentError("\n".join(_explain(type(self), error))) from None


def descriptions(shape: type[Shape]) -> dict[str, str]:
    """What the docstring under each argument of a shape says.

    Read when a page or a test asks for it: pydantic would read it at import, for 7 % of a program's time.
    """
    found: dict[str, str] = {}
    for base in reversed(shape.__mro__):
        if base is not Shape and issubclass(base, Shape):
            found |= _descriptions(base)
    return found


def _descriptions(shape: type[Shape]) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    lines = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        argument.target.id: inspect.cleandoc(text.value.value)
        for argument, text in itertools.pairwise(lines)
        if isinstance(argument, ast.AnnAssign)
        and isinstance(argument.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


class ComponentArgs(Shape):
    """Arguments of a component."""

    children: ClassVar[Children] = {}
    """The children that `overrides` may name."""

    overrides: Mapping[str, Mapping[str, Any]] = {}
    """The escape hatch: for each child, arguments of its resource that this component does not offer. They
    replace what the component would have set, its safe defaults included, so a reviewer should read them."""

    @pydantic.model_validator(mode="after")
    def _overrides_are_known(self) -> ComponentArgs:
        children = self.known_children()
        for child, values in self.overrides.items():
            if child not in children:
                raise ValueError(f"overrides must name one of {_listed(children)}, got {child!r}")
            found = children[child]
            resource = found if isinstance(found, type) else found()
            known = _resource_arguments(resource)
            for argument in values:
                if argument not in known:
                    kind = resource.__name__
                    label = f"overrides[{child!r}]"
                    raise ValueError(
                        f"{label} must name an argument of {kind}: {_listed(known)}, got {argument!r}"
                    )
        return self

    def known_children(self) -> Children:
        """The children that these arguments lead to, which `overrides` may name."""
        return self.children

    def overriding(self, child: str, **values: Any) -> dict[str, Any]:
        """The arguments of a child, after the caller's overrides."""
        return {**values, **self.overrides.get(child, {})}


class Component(pulumi.ComponentResource):
    """A component of this library: its type token is `backplane:index:<class>`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # The SDK evaluates these with each instance, and so imports each module of pulumi_aws that they name.
        cls.__annotations__ = {}

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> None:
        kind = type(self).__name__
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
            raise ArgumentError(
                f"{kind} name must be 1-{MAX_NAME_LENGTH} characters: lower-case letters and digits in parts "
                f"joined by '-', a letter first; got {name!r}"
            )
        super().__init__(f"backplane:index:{kind}", name, inputs, opts)
        self.name = name

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: this parent, and never the caller's own options."""
        return pulumi.ResourceOptions(parent=self, **options)

    def _data(self, *, protect: bool, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child that holds data: protected, neither Pulumi nor a rename may delete it."""
        return self._child(protect=protect or None, retain_on_delete=protect or None, **options)


def json_text(document: Any) -> pulumi.Output[str]:
    """A document as JSON with its keys sorted; what is an output in it is filled in when it is known.

    `pulumi.Output.json_dumps` makes an output of every value, and that of a dashboard thousands.
    """
    outputs: dict[int, pulumi.Output[Any]] = {}

    def collect(value: object) -> None:
        if not isinstance(value, pulumi.Output):
            raise TypeError(f"{type(value).__name__} is not JSON")
        outputs[id(value)] = value

    json.dumps(document, default=collect)

    def write(values: list[Any]) -> str:
        known = dict(zip(outputs, values, strict=True))
        return json.dumps(document, sort_keys=True, default=lambda output: known[id(output)])

    return pulumi.Output.all(*outputs.values()).apply(write)


def _resource_arguments(resource: type[pulumi.CustomResource]) -> list[str]:
    """The argument names of a pulumi_aws resource class."""
    names = inspect.signature(resource._internal_init).parameters  # type: ignore[attr-defined]  # noqa: SLF001 - the one signature that isn't overloaded
    return sorted(set(names) - {"__self__", "resource_name", "opts", "__props__"})


def _listed(names: Mapping[str, Any] | list[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _explain(model: type[Shape], error: pydantic.ValidationError) -> list[str]:
    """One line for each argument that is wrong; a union's many branches count once."""
    lines: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        path = [part for part in detail["loc"] if _is_argument(part)]
        label = ".".join([model.__name__, *map(str, path)])
        lines.setdefault(label, _sentence(model, label, path, detail))
    return list(lines.values())


def _is_argument(part: int | str) -> bool:
    """Whether a part of an error's path is an argument or an index, not the name of a union's branch."""
    return isinstance(part, int) or not _BRANCH.search(part)


def _sentence(model: type[Shape], label: str, path: list[int | str], detail: Any) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return f"{label} is not an argument; {model.__name__} takes {_listed(list(model.model_fields))}"
    if kind == "missing":
        return f"{label} is required"
    if kind == "value_error":
        text = str(detail["ctx"]["error"])
        return text if text.startswith(model.__name__) else f"{label}{' ' if path else '.'}{text}"
    field = model.model_fields.get(str(path[0])) if path else None
    allowed = _allowed(field.annotation, field.metadata) if field is not None and len(path) == 1 else ""
    if allowed:
        unit = next((f" {unit}" for unit in _UNITS if label.endswith(f"_{unit}")), "")
        return f"{label} must be {allowed}{unit.replace(' mb', ' MB')}, got {value!r}"
    return f"{label}: {detail['msg'][0].lower()}{detail['msg'][1:]}, got {value!r}"


def _allowed(annotation: Any, metadata: list[Any]) -> str:
    """The allowed values in words: a range, or the words of a Literal."""
    bounds = {type(item): item for item in [*metadata, *_metadata(annotation)]}
    low, high = bounds.get(annotated_types.Ge), bounds.get(annotated_types.Le)
    if low is not None and high is not None:
        return f"{low.ge:,}-{high.le:,}"
    if low is not None:
        return f"at least {low.ge:,}"
    words = [word for word in _literals(annotation) if word is not None]
    return "one of " + ", ".join(map(repr, words)) if words else ""


def _metadata(annotation: Any) -> Iterator[Any]:
    for item in getattr(annotation, "__metadata__", ()):
        yield from getattr(item, "metadata", None) or [item]
    for inner in get_args(annotation):
        yield from _metadata(inner)


def _literals(annotation: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        if isinstance(inner, (str, int)) and not isinstance(inner, bool):
            yield inner
        else:
            yield from _literals(inner)
