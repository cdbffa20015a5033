"""A group has exactly the traces of what is named, and a rule samples as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components.function import Function, FunctionArgs
from components.tracing import Sampling, Tracing, TracingArgs
from support.recorder import UNKNOWN, Graph, record

GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def function(name: str, *, tracing: bool = True) -> Function:
    return Function(name, FunctionArgs(handler="handlers.users.get.handler", tracing=tracing))


def two() -> dict[str, Any]:
    return {"functions": [function("get"), function("put")]}


def graph(
    what: Callable[[], dict[str, Any]] = two, *, preview: bool = False, name: str = "shop", **values: Any
) -> Graph:
    return record(lambda: Tracing(name, TracingArgs(**{**what(), **values})), preview=preview)


@preview_and_up
def test_the_group_has_the_traces_of_each_function_by_its_name_on_the_map(*, preview: bool) -> None:
    group = graph(preview=preview).one(GROUP, "shop")
    expected = 'service("get-name") OR service("put-name")'
    assert group.inputs["filterExpression"] == (UNKNOWN if preview else expected)
    assert group.inputs["groupName"] == "backplane-test-shop"


@preview_and_up
def test_other_services_of_the_map_can_be_grouped_by_name(*, preview: bool) -> None:
    inputs = graph(lambda: {"services": ["shop/live"]}, preview=preview).one(GROUP).inputs
    assert inputs["filterExpression"] == 'service("shop/live")'


def test_a_filter_narrows_all_of_the_names() -> None:
    inputs = graph(filter_expression="fault = true OR responsetime > 2").one(GROUP).inputs
    assert inputs["filterExpression"] == (
        '(service("get-name") OR service("put-name")) AND (fault = true OR responsetime > 2)'
    )


@preview_and_up
@pytest.mark.parametrize("insights", [True, False])
def test_insights_are_paid_for_only_when_asked_for(insights: bool, *, preview: bool) -> None:
    found = graph(preview=preview, insights=insights).one(GROUP).inputs["insightsConfiguration"]
    assert found == {"insightsEnabled": insights, "notificationsEnabled": False}


@preview_and_up
def test_without_sampling_there_is_no_rule(*, preview: bool) -> None:
    assert graph(preview=preview).all(RULE) == []


@preview_and_up
def test_every_setting_reaches_the_rule(*, preview: bool) -> None:
    sampling = Sampling(
        service_name="shop/live",
        percent=12.5,
        per_second=3,
        priority=70,
        service_type="AWS::ApiGateway::Stage",
        host="api.example.com",
        http_method="POST",
        url_path="/assets/*",
        attributes={"tier": "gold"},
    )
    assert graph(preview=preview, sampling=sampling).one(RULE, "shop-sampling").inputs == {
        "ruleName": "backplane-test-shop",
        "serviceName": "shop/live",
        "fixedRate": 0.125,
        "reservoirSize": 3,
        "priority": 70,
        "serviceType": "AWS::ApiGateway::Stage",
        "resourceArn": "*",
        "host": "api.example.com",
        "httpMethod": "POST",
        "urlPath": "/assets/*",
        "attributes": {"tier": "gold"},
        "version": 1,
    }


@preview_and_up
def test_a_rule_can_name_what_is_not_known_yet(*, preview: bool) -> None:
    def what() -> dict[str, Any]:
        stage = aws.sqs.Queue("stand-in")
        return {**two(), "sampling": Sampling(service_name=stage.name, resource_arn=stage.arn)}

    inputs = graph(what, preview=preview).one(RULE).inputs
    assert (inputs["serviceName"] is UNKNOWN, inputs["resourceArn"] is UNKNOWN) == (preview, preview)


@given(st.floats(0, 100), st.integers(0, 10**6))
def test_a_percentage_becomes_a_rate_between_zero_and_one(percent: float, per_second: int) -> None:
    inputs = Sampling(service_name="*", percent=percent, per_second=per_second).inputs
    assert 0 <= inputs["fixed_rate"] <= 1
    assert inputs["reservoir_size"] == per_second


def test_a_long_name_is_cut_to_what_x_ray_takes_and_stays_distinct() -> None:
    names = [graph(name=f"{'n' * 38}-{end}").one(GROUP).inputs["groupName"] for end in "ab"]
    assert [len(name) for name in names] == [32, 32]
    assert names[0] != names[1]


def test_names_on_the_map_are_there_for_whoever_looks() -> None:
    def program() -> None:
        tracing = Tracing("shop", TracingArgs(**two()))
        pulumi.export("names", dict(tracing.service_names))

    assert record(program).outputs["names"] == {"get": "get-name", "put": "put-name"}


def test_outputs_name_the_group() -> None:
    assert graph().component("shop").outputs == {
        "groupName": "backplane-test-shop",
        "groupArn": "arn:aws:xray:eu-west-1:123456789012:shop",
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: graph(dict),
            "TracingArgs.functions and services are both empty; name whose traces to group",
        ),
        (
            lambda: graph(lambda: {"functions": [function("get", tracing=False)]}),
            "TracingArgs.functions: 'get' must have tracing, got tracing=False",
        ),
        (
            lambda: graph(services=['a") OR service("b']),
            "TracingArgs.services must be names without quotes, got 'a\") OR service(\"b'",
        ),
        (lambda: Sampling(service_name="*", percent=100.1), "Sampling.percent must be 0-100, got 100.1"),
        (
            lambda: Sampling(service_name="*", priority=10_000),
            "Sampling.priority must be 1-9,999, got 10000",
        ),
        (
            lambda: Sampling(service_name=""),
            "Sampling.service_name must be 1-64 characters, got ''",
        ),
        (
            lambda: Sampling(service_name="*", attributes=dict.fromkeys("abcdef", "x")),
            "Sampling.attributes must be 0-5, got 6",
        ),
        (
            lambda: Sampling(service_name="*", attributes={"k": ""}),
            "Sampling.attributes must have keys and values of 1-32 characters, got 'k'",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    refusals: list[str] = []

    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            wrong()
        refusals.append(str(refusal.value))

    record(program)
    assert refusals == [message]
