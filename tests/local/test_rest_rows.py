"""The rows of a REST API, created for real."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from support.rest_program import rest_api
from support.running import Outcome, Runner


@pytest.fixture
def outcome(up: Runner) -> Outcome:
    return up(rest_api)


def send(address: str, method: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """The status of an answer, and its headers."""
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data, named, method=method)  # noqa: S310 - loopback alone
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback alone
            return response.status, response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def test_a_rest_api_answers_at_its_stage(outcome: Outcome) -> None:
    address, key = f"{outcome.outputs['url']}/orders", outcome.outputs["key"]

    assert send(address, "POST", {"name": "n"}, x_api_key=key)[0] == 200
    assert send(address, "POST", {"name": "n"})[0] == 403
    assert send(address, "POST", {"name": 1}, x_api_key=key)[0] == 422
    status, headers = send(address, "OPTIONS")
    assert (status, headers["X-Seen"]) == (204, "yes")


def test_a_rest_apis_stage_has_its_settings(up: Runner, outcome: Outcome) -> None:
    stage = up.client("apigateway").get_stage(restApiId=outcome.outputs["apiId"], stageName="v1")

    settings = stage["methodSettings"]["orders/POST"]
    assert (settings["throttlingRateLimit"], settings["cachingEnabled"]) == (5, True)
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    assert (stage["cacheClusterSize"], stage["tracingEnabled"]) == ("0.5", True)
    assert stage["variables"] == {"word": "hello"}


def test_a_usage_plan_has_its_limits(up: Runner, outcome: Outcome) -> None:
    plan = up.client("apigateway").get_usage_plan(usagePlanId=outcome.outputs["planId"])

    assert plan["quota"]["limit"] == 100
    assert plan["throttle"] == {"burstLimit": 8, "rateLimit": 7.0}
    assert plan["apiStages"][0]["throttle"]["/orders/POST"]["burstLimit"] == 6


def test_a_web_acl_belongs_to_the_stage(up: Runner, outcome: Outcome) -> None:
    found = up.client("wafv2").get_web_acl_for_resource(ResourceArn=outcome.outputs["stageArn"])

    assert found["WebACL"]["ARN"] == outcome.outputs["webAclArn"]


def test_what_a_rest_api_does_not_do_here_is_listed(outcome: Outcome) -> None:
    noted = "\n".join(outcome.provider.not_emulated)

    for part in (
        "apigateway.Stage accessLogSettings",
        "apigateway.Stage cacheClusterEnabled",
        "apigateway.Stage xrayTracingEnabled",
        "apigateway.Integration timeoutMilliseconds",
        "apigateway.RestApi minimumCompressionSize",
        "wafv2.WebAclAssociation: stored, not done",
    ):
        assert part in noted
