"""What holds for every row of the provider table, against pulumi_aws and botocore as they are installed."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from collections import abc
from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi import _types

from backplane.local import wire
from backplane.local.engine import ProgramError
from backplane.local.provider import coerce, models, plan
from backplane.local.provider.aws import _shape_below
from backplane.local.provider.rows import ROWS, place_of, row_of
from backplane.local.provider.table import Expression, Match, Read, Row, Template
from backplane.local.sdk import fit, output_types, property_types, resource_class

REFUSED = {
    "aws:acm/certificate:Certificate": {
        "certificateBody",
        "certificateChain",
        "privateKey",
        "privateKeyWo",
        "privateKeyWoVersion",
    },
    "aws:apigateway/restApi:RestApi": {"body"},
    "aws:apigatewayv2/api:Api": {"body"},
    "aws:dynamodb/table:Table": {
        "globalTableWitness",
        "importTable",
        "restoreBackupArn",
        "restoreDateTime",
        "restoreSourceName",
        "restoreSourceTableArn",
        "restoreToLatestTime",
    },
    "aws:route53/record:Record": {
        "cidrRoutingPolicy",
        "failoverRoutingPolicies",
        "geolocationRoutingPolicies",
        "geoproximityRoutingPolicy",
        "latencyRoutingPolicies",
        "multivalueAnswerRoutingPolicy",
        "weightedRoutingPolicies",
    },
    "aws:route53/zone:Zone": {"enableAcceleratedRecovery"},
    "aws:s3/bucket:Bucket": {  # deprecated: each is a type of its own
        "accelerationStatus",
        "corsRules",
        "grants",
        "lifecycleRules",
        "logging",
        "objectLockConfiguration",
        "policy",
        "replicationConfiguration",
        "requestPayer",
        "serverSideEncryptionConfiguration",
        "versioning",
        "website",
    },
    "aws:s3/bucketObjectv2:BucketObjectv2": {"contentBase64"},
    "aws:ssm/parameter:Parameter": {"valueWo", "valueWoVersion"},
    "aws:wafv2/webAcl:WebAcl": {"ruleJson"},
}
"""Inputs of pulumi_aws that a row does not place: a program that gives one is refused, by name."""

every_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def arguments_class(type_: str) -> Any:
    cls = resource_class(type_)
    module = importlib.import_module(cls.__module__)
    return getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")


def input_names(type_: str) -> list[str]:
    return sorted(_types.input_type_py_to_pulumi_names(arguments_class(type_)).values())


def required_inputs(type_: str) -> set[str]:
    names = _types.input_type_py_to_pulumi_names(arguments_class(type_))
    parameters = inspect.signature(arguments_class(type_).__init__).parameters
    return {names[name] for name, one in parameters.items() if name in names and one.default is one.empty}


def sample(kind: Any, depth: int = 0) -> Any:
    """A value of a type of the SDK, with everything in it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is abc.Sequence:
        return [sample(arguments[0], depth + 1)]
    if origin is abc.Mapping:
        return {"key": sample(arguments[1], depth + 1)}
    if _types.is_output_type(kind):
        fields = _types.output_type_types(kind) if depth < 8 else {}
        return {name: sample(inner, depth + 1) for name, inner in fields.items()}
    return {int: 1, float: 1.0, bool: True}.get(kind, "1")


def everything(type_: str, depth: int = 0) -> dict[str, Any]:
    types = property_types(type_)
    return {name: sample(types[name], depth) for name in input_names(type_)}


def planned(row: Row, inputs: dict[str, Any]) -> plan.Plan:
    return plan.make(row, "name", inputs, lambda _: b"bytes")


def expressions(row: Row) -> Iterator[Expression]:
    yield row.id
    if row.front is not None:
        yield row.front
    yield from row.outputs.values()
    yield from row.given.values()
    for step in row.steps:
        yield from step.given.values()
        if step.when is not None:
            yield step.when
    for read in reads(row):
        yield from read.given.values()
        yield read.result


def reads(row: Row) -> Iterator[Read]:
    yield from row.lookups.values()
    if row.read is not None:
        yield row.read


@every_row
def test_the_type_and_its_operations_exist(row: Row) -> None:
    assert resource_class(row.type)
    for operation in (
        row.create,
        *(step.operation for step in row.steps),
        *(r.operation for r in reads(row)),
    ):
        assert models.operation(row.service, operation)


@every_row
def test_every_input_of_the_sdk_is_placed_or_known_to_be_refused(row: Row) -> None:
    misplaced = {path.rpartition(".")[2] for path in planned(row, everything(row.type)).misplaced}

    assert misplaced == REFUSED.get(row.type, set())


@every_row
def test_paths_of_a_row_are_inputs_of_the_sdk(row: Row) -> None:
    inputs = everything(row.type)
    paths = [*row.rename, *row.dropped, *row.computed]
    paths += [*(re.split("[=~]", path)[0] for path in row.inputs_not_emulated)]
    paths += [path for step in row.steps for path in step.inputs]

    strange = [path for path in paths if not list(plan.at(inputs, path.split(".")))]

    assert strange == []


@every_row
def test_renames_point_to_members(row: Row) -> None:
    shape: Any = models.input_shape(row.service, row.create)
    inputs = everything(row.type)
    for path in row.rename:
        if "." not in path:
            placed = coerce.Request(row.rename, lambda _: b"").structure(shape, {path: inputs[path]})
            assert placed, path


@every_row
def test_given_members_exist(row: Row) -> None:
    calls = [(row.create, row.given), *((step.operation, step.given) for step in row.steps)]
    calls += [(read.operation, read.given) for read in reads(row)]
    for operation, given_ in calls:
        shape: Any = models.input_shape(row.service, operation)
        assert set(given_) <= set(shape.members), operation


@every_row
def test_expressions_can_be_read(row: Row) -> None:
    for expression in expressions(row):
        match expression:
            case Template(text):
                assert text.format_map(Anything())
            case Match(path, pattern, into):
                assert jmespath.compile(path)
                assert re.compile(pattern).groups == 1
                assert into.text.format_map(Anything())
            case text:
                assert jmespath.compile(text)


@every_row
def test_outputs_of_a_row_are_outputs_of_the_sdk(row: Row) -> None:
    assert set(row.outputs) | set(row.defaults) <= set(property_types(row.type))


@every_row
def test_defaults_are_of_the_types_of_the_sdk(row: Row) -> None:
    types = property_types(row.type)

    assert {name: fit(types[name], value) for name, value in row.defaults.items()} == row.defaults


@pytest.mark.parametrize("row", [row for row in ROWS.values() if row.read], ids=lambda row: row.type)
def test_reading_gives_every_promised_output(row: Row) -> None:
    assert row.read is not None
    shape = _shape_below(models.output_shape(row.service, row.read.operation), row.read.result)
    members = tuple(getattr(shape, "members", ()))
    sources = set(row.outputs) | set(row.defaults) | {"region", "tagsAll"}
    sources |= {row.name.prefix_input or ""} if row.name else set()

    orphans = [
        name
        for name in output_types(row.type)
        if name not in sources and coerce.find(members, row.rename.get(name, name)) is None
    ]

    assert orphans == []


@every_row
def test_every_promised_output_has_a_source(row: Row) -> None:
    shape = _shape_below(models.output_shape(row.service, row.create), row.result)
    members = tuple(getattr(shape, "members", ()))
    sources = required_inputs(row.type) | set(row.outputs) | set(row.defaults) | {"region", "tagsAll"}
    if row.name is not None:
        sources |= {row.name.input, row.name.prefix_input or ""}

    orphans = [
        name
        for name in output_types(row.type)
        if name not in sources and coerce.find(members, row.rename.get(name, name)) is None
    ]

    assert orphans == []


@every_row
def test_reasons_are_given(row: Row) -> None:
    reasons = [*row.dropped.values(), *row.inputs_not_emulated.values()]
    reasons += [row.not_emulated] if row.not_emulated else []

    assert all(reason and len(reason) < 200 for reason in reasons)
    assert row.called or row.not_emulated


class Anything(dict[str, Any]):
    """Has every key, to any depth."""

    def __missing__(self, key: str) -> Anything:
        return self


SHALLOW = 5
"""Five levels less than all: the statements of web ACLs hold one another, thousands of values each."""


@st.composite
def rows_with_unknowns(draw: st.DrawFn) -> tuple[Row, dict[str, Any]]:
    row = draw(st.sampled_from(list(ROWS.values())))

    def blur(value: Any) -> Any:
        match draw(st.integers(0, 5)), value:
            case 0, _:
                return wire.UNKNOWN
            case 1, _:
                return wire.Secret(value)
            case _, dict():
                return {key: blur(item) for key, item in value.items()}
            case _, list():
                return [blur(item) for item in value]
        return value

    names = draw(st.lists(st.sampled_from(input_names(row.type)), max_size=6))
    chosen = required_inputs(row.type) | set(names)
    known = everything(row.type, SHALLOW)
    return row, {key: blur(value) for key, value in known.items() if key in chosen}


@settings(suppress_health_check=[HealthCheck.too_slow])  # the SDK's modules are imported as rows are drawn
@given(rows_with_unknowns())
def test_unknown_values_may_stand_anywhere(case: tuple[Row, dict[str, Any]]) -> None:
    row, inputs = case

    made = planned(row, inputs)

    assert isinstance(made.faults(row), str)
    assert {path.rpartition(".")[2] for path in made.misplaced} <= REFUSED.get(row.type, set())


def test_a_type_without_a_row_says_where_to_add_it() -> None:
    with pytest.raises(
        ProgramError, match=r"aws:glue/job:Job is not known here; add .*provider/rows/glue\.py"
    ):
        row_of("aws:glue/job:Job")


def test_a_row_says_where_it_is() -> None:
    assert place_of("aws:lambda/function:Function") == "its row in backplane/local/provider/rows/lambda_.py"
