import json
import uuid
from typing import Any
from urllib.parse import quote_plus

import pytest
from asset_backend import ROUTES, Backend, new_email, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_events import Context, claims, http_event, reply
from lambda_fakes import Failing, aws_error

from handlers.asset_api import entry
from support.asset_api_cases import CONTENT, FILE

every_route = pytest.mark.parametrize("route", ROUTES)
PATH = {"userId": "someone", "assetId": "something"}
BODIES = {
    "users": {"email": "secret@example.com", "name": "secret"},
    "assets": {**FILE, "fileName": "secret"},
}


def body(route: str) -> str:
    return json.dumps(BODIES[route.split("/")[1]])


@every_route
def test_a_warm_up_is_answered_at_once_and_touches_nothing(
    assets: Backend, route: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assets.modules[route], "DYNAMODB", None)
    assert assets.modules[route].handler({"warm": True}, Context()) == {}
    line = json.loads(capsys.readouterr().out)
    assert (line["route"], line["level"]) == ("warm-up", "info")


def test_the_function_of_uploads_is_kept_warm_too(
    assets: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assets.modules["upload"].handler({"warm": True}, Context()) is None
    assert json.loads(capsys.readouterr().out)["route"] == "warm-up"


@every_route
def test_no_request_can_pass_for_a_warm_up(assets: Backend, route: str) -> None:
    """What clients send lies deeper in an event."""
    event = http_event(None, '{"warm": true}', PATH, {"warm": "true"}, {"warm": "true"})
    assert reply(assets.modules[route].handler(event, Context())).status == 401
    assert reply(assets.modules[route].handler({**event, "warm": "true"}, Context())).status == 401


@every_route
@pytest.mark.parametrize("caller", [None, {}, claims("ada", token_use="id")])
def test_without_an_access_token_a_request_is_unauthorized(
    assets: Backend, route: str, caller: dict[str, Any] | None
) -> None:
    answer = reply(assets.modules[route].handler(http_event(caller, body(route), PATH), Context()))
    assert answer.status == 401


def test_a_public_backend_has_one_caller_who_may_do_all(
    assets: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "_IS_PUBLIC", True)
    owned = assets.user("ada")

    def ask(route: str, sent: object = None, caller: object = None, **path: str) -> Any:
        event = http_event(None, json.dumps(sent) if sent else None, path)
        if caller:
            event["requestContext"]["authorizer"] = caller
        return reply(assets.modules[route].handler(event, Context()))

    made = ask("POST /users", {"email": new_email(), "name": "Ada"}).body
    assert made["ownerId"] == "public"
    forged = {"jwt": {"claims": claims("eve")}}
    again = ask("POST /users", {"email": new_email(), "name": "Ada"}, forged).body
    assert again["ownerId"] == "public"
    listed = [user["userId"] for user in ask("GET /users").body["items"]]
    assert {made["userId"], again["userId"], owned["userId"]} <= set(listed)
    asset = ask("POST /assets", FILE).body
    assert put(asset["upload"], CONTENT) == 200
    assert ask("DELETE /assets/{assetId}", assetId=asset["assetId"]).status == 204
    assert ask("DELETE /users/{userId}", userId=owned["userId"]).status == 204


@every_route
def test_unknown_query_parameters_are_refused(assets: Backend, route: str) -> None:
    event = http_event(claims("ada"), body(route), PATH, {"colour": "red"})
    answer = reply(assets.modules[route].handler(event, Context()))
    assert (answer.status, answer.names()) == (400, ["colour"])


@every_route
def test_a_failure_tells_the_client_nothing_but_the_request_id(
    assets: Backend, route: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        assets.modules[route], "DYNAMODB", Failing(aws_error("InternalServerError", message="secret"))
    )
    answer = reply(assets.modules[route].handler(http_event(claims("ada"), body(route), PATH), Context()))
    assert (answer.status, answer.headers["x-request-id"]) == (500, "request-1")
    assert answer.body["requestId"] == "request-1"
    [line] = capsys.readouterr().out.splitlines()
    assert "secret" not in json.dumps(answer.body) + line
    assert json.loads(line)["error"] == "ClientError: InternalServerError Operation"


@every_route
def test_a_request_logs_one_line_without_personal_data(
    assets: Backend, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assets.modules[route].handler(http_event(claims("ada-private"), body(route), PATH), Context())
    [text] = capsys.readouterr().out.splitlines()
    assert json.loads(text).keys() >= {
        "requestId",
        "invocationId",
        "function",
        "route",
        "cold",
        "level",
        "status",
    }
    assert "secret" not in text
    assert "private" not in text


TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["email", "name", "department", "ttl", "fileName", "contentType", "size", "metadata"]
)
EVENTS = st.fixed_dictionaries(
    {
        "requestContext": st.fixed_dictionaries(
            {"authorizer": st.just({"jwt": {"claims": claims("nobody")}}), "requestId": st.just("r")}
        )
    },
    optional={
        "body": TEXT
        | st.dictionaries(FIELDS | TEXT, JSON, max_size=5).map(json.dumps)
        | JSON.map(json.dumps)
        | JSON,
        "isBase64Encoded": st.booleans(),
        "pathParameters": st.none()
        | st.dictionaries(st.sampled_from(["userId", "assetId"]), TEXT | JSON)
        | JSON,
        "queryStringParameters": st.dictionaries(
            st.sampled_from(["limit", "cursor", "email", "status"]), TEXT, max_size=2
        ),
    },
)


@every_route
@given(event=EVENTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_event_is_answered_with_a_failure(assets: Backend, route: str, event: dict[str, Any]) -> None:
    assert reply(assets.modules[route].handler(event, Context())).status < 500


OBJECTS = st.fixed_dictionaries(
    {"key": TEXT.map(lambda name: f"assets/{uuid.uuid4()}/{quote_plus(name, errors='replace')}") | JSON},
    optional={"size": JSON, "sequencer": TEXT | JSON},
)
RECORDS = st.builds(
    lambda name, found: {"eventName": name, "s3": found},
    st.just("ObjectCreated:Put") | JSON,
    OBJECTS.map(lambda found: {"object": found}) | JSON,
)


@given(records=st.lists(RECORDS, max_size=4) | JSON)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_event_of_a_bucket_fails(assets: Backend, records: Any) -> None:
    assets.modules["upload"].handler({"Records": records}, Context())
