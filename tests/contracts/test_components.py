"""What every component keeps to, in a preview and in an up. A new one joins through support/samples.py."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

import components
from backplane.local import wire
from backplane.local.engine import STACK_TYPE, Resource
from backplane.local.sdk import resource_class
from components import ArgumentError, register_tags
from components._base import Component, ComponentArgs, Shape, descriptions
from support.recorder import UNKNOWN, Graph, record
from support.samples import SAMPLES

PUBLIC = [getattr(components, name) for name in components.__all__]
COMPONENTS = [item for item in PUBLIC if inspect.isclass(item) and issubclass(item, Component)]
SHAPES = [item for item in PUBLIC if inspect.isclass(item) and issubclass(item, Shape)]
TAGS = {"project": "backplane", "tenant": "demo"}
UNBOUNDED = {
    ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),  # X-Ray knows no resources
}
"""Statements whose resource is `*`, because AWS has no narrower form."""

KNOWN_ARNS = ("arn:aws:iam::aws:", "arn:aws:cloudtrail:")
"""Beginnings of ARNs that a preview knows: AWS's own policies, and the trail that its bucket and its key name
before there is one."""

every_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda item: item.__name__)
preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def graph_of(component: type[Component], *, preview: bool) -> Graph:
    def program() -> None:
        register_tags(TAGS)
        SAMPLES[component]()

    return record(program, preview=preview)


def own(graph: Graph, component: type[Component]) -> Resource:
    (found,) = [
        item
        for item in graph.components()
        if item.type.endswith(f":{component.__name__}") and item.name == "sample"
    ]
    return found


def children(graph: Graph, parent: Resource) -> list[Resource]:
    return [item for item in graph.resources if item.parent == parent.urn]


def test_every_component_joins_the_contracts() -> None:
    assert set(SAMPLES) == set(COMPONENTS)


@every_component
@preview_and_up
def test_every_child_has_the_component_as_its_parent(component: type[Component], preview: bool) -> None:
    graph = graph_of(component, preview=preview)
    known = {item.urn for item in graph.resources}
    top = [item for item in graph.resources if item.custom and item.parent in ("", graph.one(STACK_TYPE).urn)]
    assert children(graph, own(graph, component)), "a component creates something"
    assert {item.parent for item in graph.resources} - {""} <= known
    assert [item.type for item in top if item.type != "aws:acm/certificate:Certificate"] == []


@every_component
def test_children_are_named_after_their_component(component: type[Component]) -> None:
    graph = graph_of(component, preview=False)
    for parent in graph.components():
        for child in children(graph, parent):
            assert re.match(rf"{re.escape(parent.name)}(-|$)", child.name), f"{parent.name}: {child.name}"


@every_component
def test_preview_declares_what_up_creates(component: type[Component]) -> None:
    preview, up = graph_of(component, preview=True), graph_of(component, preview=False)
    assert {item.urn for item in preview.resources} == {item.urn for item in up.resources}


@every_component
def test_preview_knows_no_arn(component: type[Component]) -> None:
    graph = graph_of(component, preview=True)
    for item in graph.resources:
        text = repr(wire.plain(item.inputs))
        for known in KNOWN_ARNS:
            text = text.replace(known, "")
        assert "arn:aws:" not in text, f"{item.type} {item.name}: {text}"


@every_component
@preview_and_up
def test_every_taggable_child_carries_the_stacks_tags(component: type[Component], preview: bool) -> None:
    graph = graph_of(component, preview=preview)
    for item in graph.resources:
        if item.custom and hasattr(resource_class(item.type), "tags"):
            assert TAGS.items() <= item.inputs.get("tags", {}).items(), f"{item.type} {item.name}"


@every_component
@preview_and_up
def test_every_component_registers_its_outputs(component: type[Component], preview: bool) -> None:
    outputs = own(graph_of(component, preview=preview), component).outputs
    assert outputs
    if not preview:
        assert not [key for key, value in outputs.items() if value is UNKNOWN]


@every_component
def test_the_callers_options_stay_with_the_component(component: type[Component]) -> None:
    def program() -> None:
        original = component.__init__

        def patched(self: Any, name: str, args: Any, opts: Any = None) -> None:
            mine = pulumi.ResourceOptions(protect=True) if name == "sample" else opts
            original(self, name, args, mine)

        component.__init__ = patched  # type: ignore[method-assign]
        try:
            SAMPLES[component]()
        finally:
            component.__init__ = original  # type: ignore[method-assign]

    plain, protected = graph_of(component, preview=False), record(program)
    assert own(protected, component).protect
    flags = {item.urn: item.retain_on_delete for item in plain.resources}
    assert {item.urn: item.retain_on_delete for item in protected.resources} == flags


@every_component
def test_no_statement_allows_more_than_it_names(component: type[Component]) -> None:
    graph = graph_of(component, preview=False)
    for policy in graph.all("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in action], policy.name
            if statement["Resource"] in ("*", ["*"]):
                assert tuple(sorted(actions)) in UNBOUNDED, policy.name


@every_component
def test_a_function_declares_in_a_preview_what_its_policy_allows(component: type[Component]) -> None:
    up = graph_of(component, preview=False)
    for function in graph_of(component, preview=True).components():
        if function.type.endswith(":Function"):
            policy = json.loads(
                up.one("aws:iam/rolePolicy:RolePolicy", f"{function.name}-policy").inputs["policy"]
            )
            assert Counter(pairs(function.inputs["access"])) == Counter(pairs(policy["Statement"]))


def pairs(statements: list[dict[str, Any]]) -> Iterator[str]:
    """Each action as often as it has resources, but for logs and traces, which every function may write."""
    for statement in statements:
        for action in statement["Action"]:
            if not action.startswith(("logs:", "xray:")):
                yield from [action] * len(statement["Resource"])


@every_component
def test_a_component_warns_of_nothing(component: type[Component]) -> None:
    noisy = [text for level, text in graph_of(component, preview=True).messages if level != "info"]
    assert noisy == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda item: item.__name__)
def test_unknown_arguments_are_refused_by_name(shape: type[Shape]) -> None:
    parameters = list(inspect.signature(shape.__init__).parameters.values())[1:]
    leading = [item for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD]
    with pytest.raises(ArgumentError) as refusal:
        shape(*[None for _ in leading], colour="red")
    assert f"{shape.__name__}.colour is not an argument; {shape.__name__} takes " in str(refusal.value)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda item: item.__name__)
def test_every_argument_says_what_it_means(shape: type[Shape]) -> None:
    meanings = descriptions(shape)
    silent = [name for name in shape.model_fields if not meanings.get(name)]
    assert silent == []


@pytest.mark.parametrize("item", PUBLIC, ids=lambda item: item.__name__)
def test_every_public_name_is_documented(item: Any) -> None:
    assert inspect.getdoc(item)
    if inspect.isclass(item):
        methods = [value for name, value in vars(item).items() if not name.startswith("_")]
        silent = [value for value in methods if inspect.isroutine(value) and not inspect.getdoc(value)]
        assert silent == []


def test_all_lists_every_public_class_of_the_modules() -> None:
    exported = set(components.__all__)
    for item in PUBLIC:
        module = inspect.getmodule(item)
        for name in getattr(module, "__all__", []):
            if inspect.isclass(getattr(module, name)):
                assert name in exported, f"{module}: {name} is public there and not in components"


@every_component
def test_a_component_takes_a_name_its_arguments_and_options(component: type[Component]) -> None:
    names = list(inspect.signature(component.__init__).parameters)
    assert names == ["self", "name", "args", "opts"]
    (args,) = [item for item in SHAPES if item.__name__ == f"{component.__name__}Args"]
    assert issubclass(args, ComponentArgs)
