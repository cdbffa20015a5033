"""APIs in front of real functions, on the emulator: what the gateway lets through and what it answers itself.

What it does not prove: that AWS does the same. Caches, AWS WAF, compression, access logs and timeouts are not
emulated; tests/components asserts them on the graph.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import (
    Authorizer,
    AuthorizerArgs,
    Cors,
    DataTable,
    DataTableArgs,
    Function,
    FunctionArgs,
    Quota,
    Route,
    ServerlessApi,
    ServerlessApiArgs,
    Throttle,
    UsagePlan,
    UserPool,
    UserPoolArgs,
    UserPoolClient,
)
from support.running import Outcome, Runner

ECHO = """
import json


def handler(event, context):
    print("asked")
    return {"statusCode": 200, "body": json.dumps({
        "authorizer": event["requestContext"].get("authorizer"),
        "stageVariables": event.get("stageVariables"),
        "path": event.get("pathParameters"),
    })}
"""
RULES = """
def handler(event, context):
    print("asked")
    return {"isAuthorized": event["headers"].get("x-tenant") == "good", "context": {"tenant": "good"}}
"""
POLICIES = """
def handler(event, context):
    print("asked")
    effect = "Allow" if event["headers"].get("x-tenant") == "good" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": "caller",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tenant": "good"},
    }
"""
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 5}},
    "additionalProperties": False,
}
ROOT = Path(__file__).parents[2]
EVERY_ACCESS_TOKEN = "aws.cognito.signin.user.admin"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


def send(address: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data, named, method=method)  # noqa: S310 - loopback alone
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback alone
            return answer_of(response)
    except urllib.error.HTTPError as error:
        with error:
            return answer_of(error)


def answer_of(response: Any) -> Answer:
    text = response.read()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, json.loads(text) if text else None)


@pytest.fixture
def run(up: Runner, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Outcome]:
    """Runs a program in a folder that has the functions."""
    folder: Path = up.folder
    for name, text in {"echo": ECHO, "rules": RULES, "policies": POLICIES}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.chdir(folder)
    return up


def function(name: str) -> Function:
    return Function(name, FunctionArgs(handler=f"{name}.handler", tracing=False))


def calls(up: Runner, outcome: Outcome, name: str) -> int:
    """How often a function was called: it writes a line each time."""
    group = outcome.physical_id("aws:cloudwatch/logGroup:LogGroup", f"{name}-logs")
    events = up.client("logs").filter_log_events(logGroupName=group)["events"]
    return sum("asked" in event["message"] for event in events)


def shop() -> None:
    echo = function("echo")
    plans = [
        UsagePlan("partners", keys=["acme"]),
        UsagePlan("guests", keys=["guest"], throttle=Throttle(rate_limit=1, burst_limit=2)),
        UsagePlan("trials", keys=["trial"], quota=Quota(limit=1, period="DAY")),
    ]
    api = ServerlessApi(
        "shop",
        ServerlessApiArgs(
            kind="rest",
            routes={
                "POST /orders": Route(echo, public=True, body_schema=SCHEMA),
                "GET /orders/{id}": Route(
                    echo, public=True, required_query=["q"], required_headers=["x-tenant"]
                ),
                "GET /metered": Route(echo, public=True, api_key=True),
                "GET /slow": Route(echo, public=True, throttle=Throttle(rate_limit=1, burst_limit=1)),
                "GET /": Route(echo, public=True),
                "ANY /files/{rest+}": Route(echo, public=True),
            },
            cors=Cors(
                allow_origins=["https://app.example.com"],
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
                expose_headers=["location"],
            ),
            usage_plans=plans,
        ),
    )
    pulumi.export("url", api.url)
    for key, made in api.api_keys.items():
        pulumi.export(key, made.value)


@pytest.fixture
def shop_outcome(run: Callable[[Callable[[], Any]], Outcome]) -> Outcome:
    return run(shop)


def problem(answer: Answer, status: int, kind: str) -> None:
    """The gateway's own answer is a problem document that pages may read."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.body["type"] == f"urn:problem:{kind}"
    assert answer.body["requestId"]


def test_bodies_are_checked_before_the_function_runs(up: Runner, shop_outcome: Outcome) -> None:
    address = f"{shop_outcome.outputs['url']}/orders"

    for body in ({}, {"name": 1}, {"name": "long name"}, {"name": "n", "other": 1}, b"{", b""):
        problem(send(address, "POST", body), 400, "invalid-request")
    problem(send(address, "POST", {"name": 1}, content_type="text/plain"), 400, "invalid-request")
    assert calls(up, shop_outcome, "echo") == 0

    assert send(address, "POST", {"name": "n"}).status == 200
    assert calls(up, shop_outcome, "echo") == 1


def test_required_parameters_are_checked_and_named(shop_outcome: Outcome) -> None:
    address = f"{shop_outcome.outputs['url']}/orders/7"

    missing = send(address)
    problem(missing, 400, "invalid-request")
    assert missing.body["detail"] in (
        "Missing required request parameters: [q, x-tenant]",
        "Missing required request parameters: [x-tenant, q]",
    )
    problem(send(f"{address}?q=1"), 400, "invalid-request")
    assert send(f"{address}?q=1", x_tenant="a").body["path"] == {"id": "7"}


def test_a_route_that_wants_a_key_wants_a_valid_one(shop_outcome: Outcome) -> None:
    address = f"{shop_outcome.outputs['url']}/metered"

    problem(send(address), 403, "forbidden")
    problem(send(address, x_api_key="x" * 30), 403, "forbidden")
    assert send(address, x_api_key=shop_outcome.outputs["acme"]).status == 200


def test_a_usage_plan_limits_each_of_its_keys(shop_outcome: Outcome) -> None:
    address = f"{shop_outcome.outputs['url']}/metered"

    statuses = [send(address, x_api_key=shop_outcome.outputs["guest"]) for _ in range(6)]
    assert statuses[0].status == 200
    limited = [answer for answer in statuses if answer.status == 429]
    problem(limited[0], 429, "too-many-requests")
    assert limited[0].headers["retry-after"] == "1"
    assert send(address, x_api_key=shop_outcome.outputs["acme"]).status == 200


def test_a_quota_ends(shop_outcome: Outcome) -> None:
    address = f"{shop_outcome.outputs['url']}/metered"

    assert send(address, x_api_key=shop_outcome.outputs["trial"]).status == 200
    problem(send(address, x_api_key=shop_outcome.outputs["trial"]), 429, "quota-exceeded")


def test_a_route_has_a_throttle_of_its_own(shop_outcome: Outcome) -> None:
    statuses = [send(f"{shop_outcome.outputs['url']}/slow").status for _ in range(4)]

    assert statuses[0] == 200
    assert 429 in statuses
    assert send(shop_outcome.outputs["url"]).status == 200


def test_what_no_route_takes_is_not_found(shop_outcome: Outcome) -> None:
    problem(send(f"{shop_outcome.outputs['url']}/nowhere"), 404, "not-found")
    problem(send(f"{shop_outcome.outputs['url']}/orders", "DELETE"), 404, "not-found")


def test_a_greedy_route_takes_the_rest(shop_outcome: Outcome) -> None:
    assert send(f"{shop_outcome.outputs['url']}/files/a/b").body["path"] == {"rest": "a/b"}


def test_preflight_requests_are_answered_for_every_path(shop_outcome: Outcome) -> None:
    for path in ("", "/orders", "/orders/7", "/files/a/b"):
        answer = send(f"{shop_outcome.outputs['url']}{path}", "OPTIONS")
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
        assert answer.headers["access-control-allow-methods"] == "GET,POST"
        assert answer.headers["access-control-allow-headers"] == "content-type"


def test_the_stage_tells_functions_who_may_read(shop_outcome: Outcome) -> None:
    assert send(shop_outcome.outputs["url"]).body["stageVariables"] == {
        "corsAllowOrigin": "https://app.example.com",
        "corsExposeHeaders": "location",
    }


def people() -> None:
    pool = UserPool(
        "people",
        UserPoolArgs(
            clients={"app": UserPoolClient(auth_flows=["ALLOW_USER_PASSWORD_AUTH"])},
            deletion_protection=False,
        ),
    )
    rules = Authorizer("rules", AuthorizerArgs(function=function("policies"), identity_sources=[]))
    echo = function("echo")
    api = ServerlessApi(
        "closed",
        ServerlessApiArgs(
            kind="rest",
            routes={"GET /mine": echo, "GET /ruled": Route(echo, authorizer=rules)},
            user_pool=pool,
            scopes=[EVERY_ACCESS_TOKEN],
        ),
    )
    pulumi.export("url", api.url)
    pulumi.export("pool", pool.user_pool_id)
    pulumi.export("client", pool.client_ids["app"])


def tokens(up: Runner, outcome: Outcome) -> dict[str, str]:
    client, pool = up.client("cognito-idp"), outcome.outputs["pool"]
    client.admin_create_user(UserPoolId=pool, Username="ann@example.com", MessageAction="SUPPRESS")
    password = "Long-enough-4-all"
    client.admin_set_user_password(
        UserPoolId=pool, Username="ann@example.com", Password=password, Permanent=True
    )
    answer = client.initiate_auth(
        ClientId=outcome.outputs["client"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann@example.com", "PASSWORD": password},
    )
    found: dict[str, str] = answer["AuthenticationResult"]
    return found


def test_a_user_pools_access_tokens_open_a_rest_api(
    up: Runner, run: Callable[[Callable[[], Any]], Outcome]
) -> None:
    outcome = run(people)
    address, given = f"{outcome.outputs['url']}/mine", tokens(up, outcome)

    refused = send(address)
    assert (refused.status, refused.body["type"]) == (401, "urn:problem:unauthorized")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert send(address, authorization="Bearer x.y.z").status == 401
    assert send(address, authorization=f"Bearer {given['IdToken']}").status == 401
    opened = send(address, authorization=f"Bearer {given['AccessToken']}")
    assert opened.status == 200
    assert opened.body["authorizer"]["claims"]["token_use"] == "access"


def test_a_lambda_authorizer_decides_about_a_rest_apis_route(
    run: Callable[[Callable[[], Any]], Outcome],
) -> None:
    address = f"{run(people).outputs['url']}/ruled"

    refused = send(address, x_tenant="bad")
    assert (refused.status, refused.body["type"]) == (403, "urn:problem:forbidden")
    allowed = send(address, x_tenant="good")
    assert (allowed.status, allowed.body["authorizer"]["tenant"]) == (200, "good")


def ruled() -> None:
    sources = ["request.header.x-tenant"]
    rules = Authorizer("rules", AuthorizerArgs(function=function("rules"), identity_sources=sources))
    kept = Authorizer(
        "kept",
        AuthorizerArgs(
            function=FunctionArgs(handler="rules.handler", tracing=False),
            identity_sources=sources,
            result_ttl_seconds=60,
        ),
    )
    echo = function("echo")
    api = ServerlessApi(
        "ruled",
        ServerlessApiArgs(
            routes={
                "GET /a": echo,
                "GET /kept": Route(echo, authorizer=kept),
                "GET /also": Route(echo, authorizer=kept),
                "GET /open": Route(echo, public=True),
            },
            authorizer=rules,
        ),
    )
    pulumi.export("url", api.url)


def test_a_lambda_authorizer_decides_about_an_http_api(
    up: Runner, run: Callable[[Callable[[], Any]], Outcome]
) -> None:
    outcome = run(ruled)
    url = outcome.outputs["url"]

    assert send(f"{url}/a").status == 401
    assert calls(up, outcome, "rules") == 0
    assert send(f"{url}/a", x_tenant="bad").status == 403
    allowed = send(f"{url}/a", x_tenant="good")
    assert (allowed.status, allowed.body["authorizer"]) == (200, {"lambda": {"tenant": "good"}})
    assert calls(up, outcome, "rules") == 2
    assert send(f"{url}/open").status == 200


def test_a_kept_answer_holds_for_its_route_alone(
    up: Runner, run: Callable[[Callable[[], Any]], Outcome]
) -> None:
    outcome = run(ruled)
    url = outcome.outputs["url"]

    assert [send(f"{url}/kept", x_tenant="good").status for _ in range(3)] == [200] * 3
    assert calls(up, outcome, "kept-function") == 1
    assert send(f"{url}/also", x_tenant="good").status == 200
    assert calls(up, outcome, "kept-function") == 2


def twins() -> None:
    """The real functions of users behind an API of each kind, on one table."""
    pool = UserPool(
        "people",
        UserPoolArgs(
            clients={"app": UserPoolClient(auth_flows=["ALLOW_USER_PASSWORD_AUTH"])},
            deletion_protection=False,
        ),
    )
    users = DataTable("users", DataTableArgs(partition_key="userId", deletion_protection=False))
    routes = {
        f"{method} {path}": Function(
            f"{verb}-user",
            FunctionArgs(
                handler=f"handlers.users.{verb}.handler",
                source_directory=str(ROOT),
                links=[users.link(action)],
                tracing=False,
            ),
        )
        for method, path, verb, action in (
            ("POST", "/users", "create", "PutItem"),
            ("GET", "/users/{userId}", "get", "GetItem"),
        )
    }
    for kind in ("http", "rest"):
        api = ServerlessApi(
            kind,
            ServerlessApiArgs(kind=kind, routes=routes, user_pool=pool, scopes=[EVERY_ACCESS_TOKEN]),
        )
        pulumi.export(kind, api.url)
    pulumi.export("pool", pool.user_pool_id)
    pulumi.export("client", pool.client_ids["app"])


def test_the_same_functions_answer_alike_behind_both_kinds(
    up: Runner, run: Callable[[Callable[[], Any]], Outcome]
) -> None:
    outcome = run(twins)
    token = tokens(up, outcome)["AccessToken"]
    person = {"email": "ann@example.com", "firstName": "Ann", "lastName": "A"}

    def ask(kind: str, path: str, method: str = "GET", body: Any = None) -> Answer:
        headers = {"authorization": f"Bearer {token}", "content_type": "application/json"}
        return send(f"{outcome.outputs[kind]}{path}", method, body, **headers)

    created = ask("rest", "/users", "POST", person)
    assert created.status == 201, created
    path = f"/users/{created.body['userId']}"
    for asked in ((path,), (f"{path}?colour=red",), ("/users/nobody",), ("/users", "POST", {"email": 1})):
        old, new = ask("rest", *asked), ask("http", *asked)
        for answer in (old, new):
            if answer.status >= 400:
                answer.body.pop("requestId")
        assert (old.status, old.body) == (new.status, new.body)
        assert old.headers["content-type"] == new.headers["content-type"]
    assert ask("rest", path).body["email"] == "ann@example.com"
