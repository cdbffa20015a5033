"""What the emulator does not enforce, asserted on the graph of every backend."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from backplane import project
from backplane.local import wire
from stacks.settings import BACKENDS
from support.recorder import Graph, record

ROOT = Path(__file__).parents[2]
API = "aws:apigatewayv2/api:Api"
REST_API = "aws:apigateway/restApi:RestApi"
PUBLIC_ROUTES: Mapping[str, set[str]] = {}
"""Routes that need no token, by backend."""


@pytest.fixture(scope="module", params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def graph(backend: str) -> Graph:
    """Production, created by a provider whose answers name the resource they come from."""
    loaded = project.load(ROOT, "prod", {"backplane:backend": backend})
    return record(
        lambda: runpy.run_path(str(ROOT / "stacks"), run_name="__main__"), config=loaded.config, root=ROOT
    )


def inputs(graph: Graph, type_: str) -> list[dict[str, Any]]:
    return [wire.plain(resource.inputs) for resource in graph.all(type_)]


def rest_paths(graph: Graph) -> dict[str, str]:
    """The paths of a REST API's resources, by their ids; a variable is `*`, as in ARNs."""
    resources = {item.id: item.inputs for item in graph.all("aws:apigateway/resource:Resource")}
    roots = {item.outputs["rootResourceId"]: "" for item in graph.all(REST_API)}

    def path(resource: str) -> str:
        if resource in roots:
            return roots[resource]
        part: str = resources[resource]["pathPart"]
        return f"{path(resources[resource]['parentId'])}/{'*' if part.startswith('{') else part}"

    return {resource: path(resource) for resource in (*resources, *roots)}


def rest_calls(graph: Graph) -> set[tuple[str, str]]:
    """What REST APIs call: the function, and the ARN of the request or the authorizer."""
    arns = {item.id: item.outputs["executionArn"] for item in graph.all(REST_API)}
    functions = {
        item.outputs["invokeArn"]: item.inputs["functionName"] for item in graph.all("aws:lambda/alias:Alias")
    }
    paths = rest_paths(graph)
    calls = {
        (
            functions[item["uri"]],
            f"{arns[item['restApi']]}/live/{item['httpMethod']}{paths[item['resourceId']]}",
        )
        for item in inputs(graph, "aws:apigateway/integration:Integration")
        if item["type"] == "AWS_PROXY"
    }
    asked = {
        (
            functions[item.inputs["authorizerUri"]],
            f"{arns[item.inputs['restApi']]}/authorizers/{item.id}",
        )
        for item in graph.all("aws:apigateway/authorizer:Authorizer")
        if item.inputs["type"] == "REQUEST"
    }
    return calls | asked


def test_every_route_may_invoke_the_function_behind_it_and_no_other(graph: Graph) -> None:
    integrations = {
        item.id: wire.plain(item.inputs) for item in graph.all("aws:apigatewayv2/integration:Integration")
    }
    aliases = {item.outputs["invokeArn"]: item.inputs for item in graph.all("aws:lambda/alias:Alias")}
    protocols = {item.id: item.inputs["protocolType"] for item in graph.all(API)}
    wanted = rest_calls(graph)
    for route in inputs(graph, "aws:apigatewayv2/route:Route"):
        alias = aliases[integrations[route["target"].removeprefix("integrations/")]["integrationUri"]]
        arn = next(api.outputs["executionArn"] for api in graph.all(API) if api.id == route["apiId"])
        http = protocols[route["apiId"]] == "HTTP"
        where = f"$default/{route['routeKey'].replace(' ', '')}" if http else f"live/{route['routeKey']}"
        wanted.add((alias["functionName"], f"{arn}/{where}"))
    for authorizer in graph.all("aws:apigatewayv2/authorizer:Authorizer"):
        if authorizer.inputs["authorizerType"] == "REQUEST":
            arn = next(
                api.outputs["executionArn"] for api in graph.all(API) if api.id == authorizer.inputs["apiId"]
            )
            alias = aliases[authorizer.inputs["authorizerUri"]]
            wanted.add((alias["functionName"], f"{arn}/authorizers/{authorizer.id}"))
    granted = {
        (item["function"], item["sourceArn"])
        for item in inputs(graph, "aws:lambda/permission:Permission")
        if item["principal"] == "apigateway.amazonaws.com"
    }
    assert granted == wanted


def test_permissions_name_the_alias_and_one_service(graph: Graph) -> None:
    for permission in inputs(graph, "aws:lambda/permission:Permission"):
        assert permission["action"] == "lambda:InvokeFunction"
        assert permission["qualifier"] == "live"
        assert permission["principal"].endswith(".amazonaws.com")
        # In a REST API's ARN a path variable is a `*`, all of its part of the path.
        request, variables = permission["sourceArn"].split("/")[:3], permission["sourceArn"].split("/")[3:]
        assert "*" not in "".join(request)
        assert all(part == "*" or "*" not in part for part in variables)


def test_every_route_wants_a_token_unless_it_is_public(graph: Graph, backend: str) -> None:
    http = {item.id for item in graph.all(API) if item.inputs["protocolType"] == "HTTP"}
    open_routes = {
        route["routeKey"]
        for route in inputs(graph, "aws:apigatewayv2/route:Route")
        if route["apiId"] in http and route.get("authorizationType") not in ("JWT", "CUSTOM")
    }
    paths = rest_paths(graph)
    open_routes |= {
        f"{method['httpMethod']} {paths[method['resourceId']]}"
        for method in inputs(graph, "aws:apigateway/method:Method")
        if method["authorization"] not in ("CUSTOM", "COGNITO_USER_POOLS")
        and method["httpMethod"] != "OPTIONS"
    }
    assert open_routes == PUBLIC_ROUTES.get(backend, set())


def test_sockets_open_through_an_authorizer(graph: Graph) -> None:
    for route in inputs(graph, "aws:apigatewayv2/route:Route"):
        if route["routeKey"] == "$connect":
            assert route["authorizationType"] == "CUSTOM"


def test_every_stage_throttles_and_logs(graph: Graph) -> None:
    groups = {item.outputs["arn"] for item in graph.all("aws:cloudwatch/logGroup:LogGroup")}
    stages = inputs(graph, "aws:apigatewayv2/stage:Stage")
    rest_stages = inputs(graph, "aws:apigateway/stage:Stage")
    limits = [stage["defaultRouteSettings"] for stage in stages] + [
        item["settings"]
        for item in inputs(graph, "aws:apigateway/methodSettings:MethodSettings")
        if item["methodPath"] == "*/*"
    ]
    assert len(limits) == len(stages) + len(rest_stages)
    for limit in limits:
        assert limit["throttlingRateLimit"] > 0
        assert limit["throttlingBurstLimit"] > 0
    for stage in stages + rest_stages:
        assert stage["accessLogSettings"]["destinationArn"] in groups
        logged = json.loads(stage["accessLogSettings"]["format"])
        assert not [name for name in logged.values() if "query" in name.lower() or "token" in name.lower()]


def test_every_role_trusts_one_service_and_nobody_else(graph: Graph) -> None:
    for role in inputs(graph, "aws:iam/role:Role"):
        (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        assert set(statement["Principal"]) == {"Service"}
        assert isinstance(statement["Principal"]["Service"], str)


def test_every_log_group_forgets(graph: Graph) -> None:
    assert all(group["retentionInDays"] == 90 for group in inputs(graph, "aws:cloudwatch/logGroup:LogGroup"))


def test_no_function_may_make_its_own_log_group_or_write_anothers(graph: Graph) -> None:
    groups = {
        item.outputs["name"]: item.outputs["arn"] for item in graph.all("aws:cloudwatch/logGroup:LogGroup")
    }
    own = {
        item["role"]: groups[item["loggingConfig"]["logGroup"]]
        for item in inputs(graph, "aws:lambda/function:Function")
    }
    roles = {item.id: item.outputs["arn"] for item in graph.all("aws:iam/role:Role")} | {
        item.outputs["name"]: item.outputs["arn"] for item in graph.all("aws:iam/role:Role")
    }
    for policy in inputs(graph, "aws:iam/rolePolicy:RolePolicy"):
        if roles[policy["role"]] not in own:
            continue
        statements = json.loads(policy["policy"])["Statement"]
        logs = [item for item in statements if any("logs:" in action for action in _list(item["Action"]))]
        assert [_list(item["Action"]) for item in logs] == [["logs:CreateLogStream", "logs:PutLogEvents"]]
        assert all(arn.startswith(own[roles[policy["role"]]]) for arn in _list(logs[0]["Resource"]))


def test_alarms_watch_what_the_backend_created(graph: Graph) -> None:
    known = {
        "FunctionName": {item.outputs["name"] for item in graph.all("aws:lambda/function:Function")},
        "TableName": {item.outputs["name"] for item in graph.all("aws:dynamodb/table:Table")},
        "ApiId": {item.id for item in graph.all(API)},
        "ApiName": {item.outputs["name"] for item in graph.all(REST_API)},
        "Stage": {item.outputs["name"] for item in graph.all("aws:apigatewayv2/stage:Stage")}
        | {item.inputs["stageName"] for item in graph.all("aws:apigateway/stage:Stage")},
    }
    seen: dict[str, set[str]] = {name: set() for name in known}
    for alarm in inputs(graph, "aws:cloudwatch/metricAlarm:MetricAlarm"):
        metrics = [query["metric"] for query in alarm.get("metricQueries") or [] if query.get("metric")]
        for dimensions in [alarm.get("dimensions") or {}, *[metric["dimensions"] for metric in metrics]]:
            for name, value in dimensions.items():
                if name in known:
                    seen[name].add(value)
    assert seen == known


def test_alarms_take_two_of_three_datapoints_and_say_what_missing_data_means(graph: Graph) -> None:
    for alarm in inputs(graph, "aws:cloudwatch/metricAlarm:MetricAlarm"):
        assert (alarm["datapointsToAlarm"], alarm["evaluationPeriods"]) == (2, 3)
        assert alarm["treatMissingData"] == "notBreaching"
        assert "https://runbooks.example.com/" in alarm["alarmDescription"]


def test_one_composite_pages(graph: Graph) -> None:
    (composite,) = [
        item
        for item in inputs(graph, "aws:cloudwatch/compositeAlarm:CompositeAlarm")
        if item.get("alarmActions")
    ]
    (alerts,) = [item.outputs["arn"] for item in graph.all("aws:sns/topic:Topic") if item.name == "alerts"]
    assert composite["alarmActions"] == [alerts]
    assert not [
        item for item in inputs(graph, "aws:cloudwatch/metricAlarm:MetricAlarm") if item.get("alarmActions")
    ]


def test_every_resource_is_tagged_with_what_it_belongs_to(graph: Graph, backend: str) -> None:
    tags = {"project": "backplane", "environment": "test", "tenant": "main", "backend": backend}
    for table in inputs(graph, "aws:dynamodb/table:Table"):
        assert tags.items() <= table["tags"].items()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
