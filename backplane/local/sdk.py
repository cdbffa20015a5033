"""What the pulumi_aws SDK says of a resource type: its class, its inputs, and the outputs it promises."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import threading
import typing

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
