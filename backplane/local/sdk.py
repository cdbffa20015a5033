"""What the pulumi_aws SDK says of a resource type: its class, its inputs, and the outputs it promises."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import re
import threading
import typing
from collections import abc
from typing import Any

import pulumi
from pulumi import _types

from backplane.local.engine import ProgramError

_SUBMODULES = {"lambda": "lambda_", "index": ""}
_importing = threading.RLock()


@functools.cache
def resource_class(type_: str) -> type[pulumi.CustomResource]:
    """The class of a type token: `aws:s3/bucket:Bucket` is `pulumi_aws.s3.Bucket`."""
    match = re.fullmatch(r"aws:([a-z0-9]+)(?:/\w+)?:(\w+)", type_)
    if match is None:
        raise ProgramError(f"{type_} is not a type of pulumi_aws, the only provider that runs here")
    module = _SUBMODULES.get(match[1], match[1])
    with _importing:  # concurrent first imports of pulumi_aws submodules race
        package = importlib.import_module(f"pulumi_aws.{module}" if module else "pulumi_aws")
    found: type[pulumi.CustomResource] | None = getattr(package, match[2], None)
    if found is None:
        raise ProgramError(f"{type_} is not a type of the installed pulumi_aws")
    return found


@functools.cache
def output_names(type_: str) -> frozenset[str]:
    """Every output of a type, by its Pulumi name."""
    return frozenset(_types.resource_py_to_pulumi_names(resource_class(type_)).values())


@functools.cache
def output_types(type_: str) -> dict[str, type]:
    """The outputs that the SDK promises: `Output[X]`, not `Output[Optional[X]]`. And X if it is a scalar."""
    cls = resource_class(type_)
    required: dict[str, type] = {}
    for python_name, name in _types.resource_py_to_pulumi_names(cls).items():
        getter = getattr(inspect.getattr_static(cls, python_name, None), "fget", None)
        if getter is None or name in ("id", "urn"):
            continue
        (inner,) = typing.get_args(getter.__annotations__["return"]) or (None,)
        if inner is not None and type(None) not in typing.get_args(inner):
            required[name] = inner if inner in (str, int, float, bool) else object
    return required


@functools.cache
def property_types(type_: str) -> dict[str, Any]:
    """The Python type of every output, by its Pulumi name."""
    return _types.resource_types(resource_class(type_))


def fit(kind: Any, value: Any) -> Any:
    """A value as the SDK types it, to its depth; None where it can't be: the SDK refuses what doesn't fit."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is abc.Sequence:
        return [fit(arguments[0], item) for item in value] if isinstance(value, list) else None
    if origin is abc.Mapping:
        if not isinstance(value, abc.Mapping):
            return None
        return {key: fit(arguments[1], item) for key, item in value.items()}
    if _types.is_output_type(kind):
        return _fit_object(kind, value)
    return _SCALARS[kind](value) if kind in _SCALARS else value


def _fit_object(kind: Any, value: Any) -> dict[str, Any] | None:
    """An object of the SDK's class; AWS has some of them as a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, abc.Mapping):
        return None
    types = _types.output_type_types(kind)
    fitted = {name: fit(types[name], value[name]) for name in types if value.get(name) is not None}
    return {name: item for name, item in fitted.items() if item is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_SCALARS: abc.Mapping[Any, abc.Callable[[Any], Any]] = {
    str: _text,
    int: int,
    float: float,
    bool: lambda value: value if isinstance(value, bool) else value == "true",
}
