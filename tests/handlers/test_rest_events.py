"""The same functions behind a REST API, whose events are in payload format 1.0."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from lambda_events import Context, claims, http_event, reply

from handlers.shared.entry import Answer, http
from handlers.shared.events import Request

USER = "0b6c1f1e-7b1c-4f0e-9d5e-2a9f5c3d1e00"


@http("limit")
def echo(request: Request) -> Answer:
    seen = {
        "user": request.caller.user_id,
        "admin": request.caller.is_admin,
        "id": request.path.get("id"),
        "query": dict(request.query),
        "key": request.headers.get("idempotency-key"),
        "body": request.body.decode(),
    }
    return Answer(200, seen)


def rest_event(caller: dict[str, Any] | None, **parts: Any) -> dict[str, Any]:
    """As AWS sends it: no version, names as they were sent, null for what isn't there."""
    event: dict[str, Any] = {
        "resource": "/things/{id}",
        "path": "/things/1",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Idempotency-Key": "k"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Idempotency-Key": ["k"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"id": "1"},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/things/{id}",
            "httpMethod": "POST",
            "path": "/live/things/1",
            "stage": "live",
            "requestId": "request-1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": "{}",
        "isBase64Encoded": False,
    }
    if caller is not None:
        event["requestContext"]["authorizer"] = {"claims": caller}
    return event | parts


def answer(event: dict[str, Any]) -> Any:
    return reply(echo(event, Context()))


def test_both_formats_give_the_same_answer() -> None:
    query = {"limit": "5"}
    old = answer(
        rest_event(
            claims(USER),
            queryStringParameters=query,
            multiValueQueryStringParameters={"limit": ["5"]},
        )
    )
    new = answer(http_event(claims(USER), "{}", {"id": "1"}, query, {"idempotency-key": "k"}))
    assert old == new
    assert old.body["key"] == "k"


@pytest.mark.parametrize(
    ("groups", "admin"),
    [("admin", True), ("other,admin", True), ("[other admin]", True), ("administrators", False), ("", False)],
)
def test_groups_are_text_with_commas(groups: str, admin: bool) -> None:
    assert answer(rest_event(claims(USER) | {"cognito:groups": groups})).body["admin"] is admin


def test_a_group_of_an_http_api_may_hold_a_comma() -> None:
    caller = claims(USER) | {"cognito:groups": "[x,admin]"}
    assert answer(http_event(caller, "{}", {"id": "1"})).body["admin"] is False


def test_an_id_token_is_refused() -> None:
    assert answer(rest_event(claims(USER, token_use="id"))).status == 401


def test_without_an_authorizer_there_is_no_caller() -> None:
    assert answer(rest_event(None)).status == 401


def test_what_an_authorizers_function_says_is_no_claim() -> None:
    event = rest_event(None)
    event["requestContext"]["authorizer"] = {"principalId": USER, "claims": json.dumps(claims(USER))}
    assert answer(event).status == 401


def test_a_parameter_that_is_sent_twice_is_joined() -> None:
    event = rest_event(
        claims(USER),
        queryStringParameters={"limit": "2"},
        multiValueQueryStringParameters={"limit": ["1", "2"]},
    )
    assert answer(event).body["query"] == {"limit": "1,2"}


def test_an_encoded_body_is_decoded() -> None:
    event = rest_event(claims(USER), body=base64.b64encode(b"{}").decode(), isBase64Encoded=True)
    assert answer(event).body["body"] == "{}"


def test_the_log_line_names_the_route(capsys: pytest.CaptureFixture[str]) -> None:
    answer(rest_event(claims(USER)))
    assert json.loads(capsys.readouterr().out)["route"] == "POST /things/{id}"


def test_a_page_of_the_stages_origin_may_read_answers_and_refusals() -> None:
    variables = {
        "corsAllowOrigin": "https://app.example.com",
        "corsAllowCredentials": "true",
        "corsExposeHeaders": "location",
    }
    for caller in (claims(USER), None):
        headers = answer(rest_event(caller, stageVariables=variables)).headers
        assert headers["access-control-allow-origin"] == "https://app.example.com"
        assert headers["access-control-allow-credentials"] == "true"
        assert headers["access-control-expose-headers"] == "location"


def test_any_origin_is_a_star() -> None:
    headers = answer(rest_event(claims(USER), stageVariables={"corsAllowOrigin": "any"})).headers
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers


def test_without_an_origin_there_are_no_cross_origin_headers() -> None:
    assert not [name for name in answer(rest_event(claims(USER))).headers if name.startswith("access-")]
