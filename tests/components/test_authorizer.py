"""Authorizer: its function, its part in an HTTP API, its permission and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from components._base import ArgumentError
from components.authorizer import Authorizer, AuthorizerArgs
from components.function import Function, FunctionArgs
from components.serverless_api import Route, ServerlessApi, ServerlessApiArgs
from components.user_pool import UserPool, UserPoolArgs, UserPoolClient
from support.recorder import UNKNOWN, Graph, record

AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer"
ROUTE = "aws:apigatewayv2/route:Route"
FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"

Run = Callable[..., Graph]


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def preview(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def run(preview: bool, tmp_path: Path) -> Run:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return None\n")
    return lambda program: record(program, preview=preview, root=tmp_path)


def settled(preview: bool, value: str) -> str:
    """A computed value: known after an up alone."""
    return UNKNOWN if preview else value


def answering(name: str = "create-user", **arguments: Any) -> Function:
    return Function(name, FunctionArgs(handler="app.handler", **arguments))


def rules(name: str = "rules", **arguments: Any) -> Authorizer:
    return Authorizer(name, AuthorizerArgs(function=FunctionArgs(handler="app.handler"), **arguments))


def people() -> UserPool:
    return UserPool("people", UserPoolArgs(clients={"web": UserPoolClient()}))


def api(routes: Mapping[str, Function | Route], **arguments: Any) -> ServerlessApi:
    return ServerlessApi("api", ServerlessApiArgs(routes=routes, **arguments))


def test_makes_its_function(run: Run, preview: bool) -> None:
    graph = run(rules)
    assert graph.one(FUNCTION, "rules-function")
    assert graph.component("rules").outputs == {
        "functionName": settled(preview, "rules-function-name"),
        "invokeArn": settled(preview, "rules-function-live-invokeArn"),
    }


def test_takes_a_function_that_is_there(run: Run, preview: bool) -> None:
    def program() -> None:
        decide = Authorizer("rules", AuthorizerArgs(function=answering("decide")))
        api({"GET /a": answering()}, authorizer=decide)

    graph = run(program)
    assert {item.name for item in graph.all(FUNCTION)} == {"decide", "create-user"}
    assert graph.one(AUTHORIZER).inputs["authorizerUri"] == settled(preview, "decide-live-invokeArn")


def test_an_http_api_asks_with_payload_2_and_takes_a_simple_answer(run: Run, preview: bool) -> None:
    graph = run(lambda: api({"GET /a": answering()}, authorizer=rules()))
    assert graph.one(AUTHORIZER, "api-authorizer-rules").inputs == {
        "apiId": settled(preview, "api-id"),
        "authorizerType": "REQUEST",
        "authorizerUri": settled(preview, "rules-function-live-invokeArn"),
        "authorizerPayloadFormatVersion": "2.0",
        "enableSimpleResponses": True,
        "identitySources": ["$request.header.Authorization"],
        "authorizerResultTtlInSeconds": 0,
    }
    route = graph.one(ROUTE).inputs
    assert route["authorizationType"] == "CUSTOM"
    assert route["authorizerId"] == settled(preview, "api-authorizer-rules-id")
    assert "authorizationScopes" not in route


def test_only_this_authorizer_of_this_api_may_ask_the_function(run: Run, preview: bool) -> None:
    graph = run(lambda: api({"GET /a": answering()}, authorizer=rules()))
    assert graph.one(PERMISSION, "api-authorizer-rules").inputs == {
        "action": "lambda:InvokeFunction",
        "function": settled(preview, "rules-function-name"),
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": settled(preview, "api-executionArn/authorizers/api-authorizer-rules-id"),
    }


def test_a_kept_answer_is_one_routes(run: Run) -> None:
    kept = {"identity_sources": ["request.querystring.key"], "result_ttl_seconds": 300}
    inputs = run(lambda: api({"GET /a": answering()}, authorizer=rules(**kept))).one(AUTHORIZER).inputs
    assert inputs["identitySources"] == ["$request.querystring.key", "$context.routeKey"]
    assert inputs["authorizerResultTtlInSeconds"] == 300


def test_without_identity_sources_it_is_always_asked(run: Run) -> None:
    graph = run(lambda: api({"GET /a": answering()}, authorizer=rules(identity_sources=[])))
    assert "identitySources" not in graph.one(AUTHORIZER).inputs


def test_routes_may_have_authorizers_of_their_own_beside_a_user_pool(run: Run) -> None:
    def program() -> None:
        create, one = answering(), rules("one")
        api(
            {
                "GET /pool": create,
                "GET /ruled": Route(create, authorizer=one),
                "GET /too": Route(create, authorizer=one),
                "GET /two": Route(create, authorizer=rules("two")),
                "GET /open": Route(create, public=True),
            },
            user_pool=people(),
        )

    graph = run(program)
    kinds = {item.name: item.inputs["authorizationType"] for item in graph.all(ROUTE)}
    assert kinds == {
        "api-get-pool": "JWT",
        "api-get-ruled": "CUSTOM",
        "api-get-too": "CUSTOM",
        "api-get-two": "CUSTOM",
        "api-get-open": "NONE",
    }
    assert {item.name for item in graph.all(AUTHORIZER)} == {
        "api-jwt",
        "api-authorizer-one",
        "api-authorizer-two",
    }


def test_two_apis_may_share_one(run: Run) -> None:
    def program() -> None:
        shared, create = rules(), answering()
        for name in ("first", "second"):
            ServerlessApi(name, ServerlessApiArgs(routes={"GET /a": create}, authorizer=shared))

    graph = run(program)
    names = {"first-authorizer-rules", "second-authorizer-rules"}
    assert {item.name for item in graph.all(AUTHORIZER)} == names
    assert names <= {item.name for item in graph.all(PERMISSION)}


def refused(run: Run, program: Callable[[], Any]) -> str:
    with pytest.raises(ArgumentError) as raised:
        run(program)
    return str(raised.value)


def test_an_authorizer_that_no_route_asks_is_refused(run: Run) -> None:
    for routes in ({"public": True}, {"authorizer": True}):

        def program(routes: dict[str, Any] = routes) -> None:
            own = {key: rules("own") if key == "authorizer" else value for key, value in routes.items()}
            api({"GET /a": Route(answering(), **own)}, authorizer=rules())

        assert "no route would ask it" in refused(run, program)


def test_a_user_pool_that_no_route_asks_is_refused(run: Run) -> None:
    text = refused(run, lambda: api({"GET /a": Route(answering(), authorizer=rules())}, user_pool=people()))
    assert "no route would use it" in text


def test_a_route_has_one_authorizer(run: Run) -> None:
    text = refused(run, lambda: api({"GET /a": answering()}, user_pool=people(), authorizer=rules()))
    assert "authorizer must be unset beside user_pool" in text
    assert "Route(function, authorizer=...)" in text


def test_a_public_route_has_none(run: Run) -> None:
    text = refused(run, lambda: Route(answering(), public=True, authorizer=rules()))
    assert text == "Route.authorizer must be unset on a public route, which asks nobody; got 'rules'"


def test_scopes_are_the_functions_business(run: Run) -> None:
    assert "its function checks them" in refused(
        run, lambda: Route(answering(), authorizer=rules(), scopes=["a"])
    )


def test_two_of_one_name_are_refused(run: Run) -> None:
    def program() -> None:
        routes = {"GET /a": Route(answering(), authorizer=rules())}
        with pytest.MonkeyPatch.context() as patch:
            other = rules("other")
            patch.setattr(other, "name", "rules")
            api({**routes, "GET /b": Route(answering("b"), authorizer=other)})

    assert "authorizers of different names, got 'rules' twice" in refused(run, program)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"identity_sources": ["Authorization"]}, "got 'Authorization'"),
        (
            {"identity_sources": ["$request.header.a"]},
            "'request.header.<name>' or 'request.querystring.<name>'",
        ),
        ({"identity_sources": ["request.header.a"] * 2}, "identity_sources must differ"),
        ({"result_ttl_seconds": 3601}, "result_ttl_seconds must be 0-3,600 seconds, got 3601"),
        ({"result_ttl_seconds": 1, "identity_sources": []}, "one caller's answer would be every caller's"),
    ],
    ids=range(5),
)
def test_what_can_not_be_is_refused(run: Run, arguments: dict[str, Any], text: str) -> None:
    assert text in refused(run, lambda: rules(**arguments))


def test_a_function_nobody_waits_for_is_refused(run: Run) -> None:
    slow = FunctionArgs(handler="app.handler", timeout_seconds=30)
    text = refused(run, lambda: AuthorizerArgs(function=slow))
    assert "function.timeout_seconds must be at most 29" in text
