import base64
import json
import re
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_backend import ROUTES, Backend
from lambda_events import Context, claims, http_event, reply
from lambda_fakes import Failing, aws_error

from handlers.shared.events import groups

every_route = pytest.mark.parametrize("route", ROUTES)

TOKENS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "empty": {},
    "id token": claims("ada", token_use="id"),
    "no use": {"sub": "ada"},
    "no subject": {"token_use": "access"},
    "empty subject": claims(""),
    "subject with a slash": claims("a/b"),
    "subject of another type": {"sub": ["ada"], "token_use": "access"},
}


@every_route
@pytest.mark.parametrize("case", TOKENS)
def test_without_an_access_token_a_request_is_unauthorized(backend: Backend, route: str, case: str) -> None:
    event = http_event(TOKENS[case], "{}", {"userId": "ada", "messageId": "m", "notificationId": "n"})
    assert backend.send(route, event).status == 401


@every_route
def test_unknown_query_parameters_are_refused(backend: Backend, route: str) -> None:
    answer = backend.send(route, http_event(claims("ada"), query={"colour": "red"}))
    assert (answer.status, answer.names()) == (400, ["colour"])


@every_route
def test_an_unexpected_failure_tells_the_client_nothing_and_the_log_where(
    backend: Backend, route: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "hunter2-" + "x" * 8
    error = aws_error("InternalServerError", "SomeCall", message=secret)
    monkeypatch.setattr(backend.modules[route], "DYNAMODB", Failing(error))
    body = {
        "POST /messages": {"recipientId": "ada", "content": secret},
    }.get(route, {"email": f"{secret}@b.co", "firstName": secret, "lastName": "B"})
    path = {"userId": "ada", "messageId": "m", "notificationId": "n"}
    answer = backend.send(route, http_event(claims("ada"), json.dumps(body), path))
    assert (answer.status, answer.body["requestId"]) == (500, "request-1")
    out = capsys.readouterr().out
    assert secret not in json.dumps(answer.body) + out
    line = json.loads(out)
    assert (line["level"], line["error"]) == ("error", "ClientError: InternalServerError SomeCall")
    assert any("lambda_fakes.py" in frame for frame in line["traceback"])


def test_a_request_logs_one_line_without_personal_data(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    user_id = str(uuid.uuid4())
    profile = {"email": "private@example.com", "firstName": "Private", "lastName": "Person"}
    backend.call("POST /users", user_id, profile)
    [text] = capsys.readouterr().out.splitlines()
    line = json.loads(text)
    assert line.keys() >= {"requestId", "invocationId", "function", "route", "cold", "level", "status"}
    assert (line["status"], line["requestId"], line["invocationId"]) == (201, "request-1", "invocation-1")
    assert line["milliseconds"] > 0
    assert not re.search(f"rivate|Person|{user_id}", text)


def test_a_refusal_logs_its_kind_and_no_value(backend: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    backend.call("POST /users", "ada", {"email": "secret", "secret-field": 1})
    line = json.loads(capsys.readouterr().out)
    assert (line["status"], line["level"], line["problem"]) == (400, "info", "invalid-request")
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("[admin]", ["admin"]),
        ("[staff admin]", ["staff", "admin"]),
        (["staff", "admin", 5], ["staff", "admin"]),
        ("[[admin]]", ["[admin]"]),
        ("[]", []),
        ("", []),
        (None, []),
        ({"admin": 1}, []),
    ],
)
def test_groups_are_read_from_both_forms_of_the_claim(claim: object, expected: list[str]) -> None:
    assert groups(claim) == expected


@pytest.mark.parametrize("body", ["%%%", "a", "=", "\ud800", "é"])
def test_a_body_that_claims_to_be_base64_and_is_not_is_refused(backend: Backend, body: str) -> None:
    event = http_event(claims("ada"), body) | {"isBase64Encoded": True}
    answer = backend.send("POST /users", event)
    assert (answer.status, answer.names()) == (400, ["body"])


TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["email", "firstName", "lastName", "settings", "recipientId", "content"])
BODIES = (
    TEXT
    | st.dictionaries(FIELDS | TEXT, JSON, max_size=5).map(json.dumps)
    | JSON.map(json.dumps)
    | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
)
NAMES = st.sampled_from(["userId", "messageId", "notificationId", "limit", "cursor"])
EVENTS = st.fixed_dictionaries(
    {
        "requestContext": st.fixed_dictionaries(
            {
                "requestId": st.just("request-1"),
                "authorizer": st.just({"jwt": {"claims": claims("nobody-with-a-profile")}}),
            }
        )
    },
    optional={
        "body": BODIES | JSON,
        "isBase64Encoded": st.booleans() | JSON,
        "pathParameters": st.none() | st.dictionaries(NAMES, TEXT | JSON) | JSON,
        "queryStringParameters": st.none() | st.dictionaries(NAMES, TEXT, max_size=2) | JSON,
        "headers": st.dictionaries(st.sampled_from(["Idempotency-Key", "x"]) | TEXT, TEXT, max_size=3) | JSON,
    },
)


@every_route
@given(event=EVENTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_event_is_answered_with_a_failure(backend: Backend, route: str, event: dict[str, Any]) -> None:
    answer = reply(backend.modules[route].handler(event, Context()))
    assert answer.status < 500
    if answer.status == 201:  # hypothesis found a good profile: the next example starts without it
        key = {"userId": {"S": "nobody-with-a-profile"}}
        backend.dynamodb.delete_item(TableName="users", Key=key)


@every_route
@given(event=st.dictionaries(st.sampled_from(["requestContext", "headers", "body"]), JSON))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_shape_of_event_passes_without_a_caller(
    backend: Backend, route: str, event: dict[str, Any]
) -> None:
    assert reply(backend.modules[route].handler(event, None)).status == 401
