import json
import time
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lambda_backend import Backend
from lambda_events import Context, socket_event
from lambda_fakes import Failing, aws_error


def row(backend: Backend, connection: str) -> dict[str, Any] | None:
    key = {"connectionId": {"S": connection}}
    found: dict[str, Any] | None = backend.dynamodb.get_item(TableName="connections", Key=key).get("Item")
    return found


def test_connecting_remembers_whose_the_connection_is_and_disconnecting_forgets(backend: Backend) -> None:
    connection = str(uuid.uuid4())
    connect = backend.modules["connect"].handler(socket_event(connection, user="ada"), Context())
    assert connect == {"statusCode": 200}
    stored = row(backend, connection)
    assert stored is not None
    assert set(stored) == {"connectionId", "userId", "timestamp", "expiresAt"}
    assert stored["userId"] == {"S": "ada"}
    assert 7_200 < int(stored["expiresAt"]["N"]) - time.time() < 8_000, "past the two hours of a connection"
    assert backend.modules["disconnect"].handler(socket_event(connection), Context()) == {"statusCode": 200}
    assert row(backend, connection) is None
    assert backend.modules["disconnect"].handler(socket_event(connection), Context()) == {"statusCode": 200}


def test_connecting_without_an_authorized_user_is_refused(backend: Backend) -> None:
    connection = str(uuid.uuid4())
    assert backend.modules["connect"].handler(socket_event(connection), Context()) == {"statusCode": 401}
    assert row(backend, connection) is None


def test_a_failure_while_connecting_is_told_without_internals(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        backend.modules["connect"], "DYNAMODB", Failing(aws_error("AccessDeniedException", "PutItem"))
    )
    answer = backend.modules["connect"].handler(socket_event(user="ada"), Context())
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {
        "type": "error",
        "message": "internal error",
        "requestId": "request-1",
    }
    line = json.loads(capsys.readouterr().out)
    assert line["error"] == "ClientError: AccessDeniedException PutItem"
    assert "ada" not in json.dumps(line)


def say(backend: Backend, message: str) -> Any:
    answer = backend.modules["default"].handler(socket_event(body=message), Context())
    assert answer["statusCode"] == 200, "the connection stays"
    return json.loads(answer["body"])


@pytest.mark.parametrize("ping", ['{"action":"ping"}', ' { "action" : "ping" } '])
def test_a_ping_is_answered_with_a_pong(backend: Backend, ping: str) -> None:
    assert say(backend, ping) == {"type": "pong"}


OTHERS = [
    "",
    "ping",
    "null",
    "[]",
    "{}",
    '{"action":"PING"}',
    '{"action":["ping"]}',
    '"ping"',
    "[" * 10_000,
    '{"a":' * 10_000,
]


@pytest.mark.parametrize("message", [*OTHERS, '{"action":"ping","extra":1}', "\x00", "\ud800", "x" * 131_072])
def test_anything_else_is_answered_with_an_error(backend: Backend, message: str) -> None:
    answer = say(backend, message)
    assert (answer["type"], answer["requestId"]) == ("error", "request-1")


@given(message=st.text(max_size=50) | st.dictionaries(st.text(max_size=9), st.integers()).map(json.dumps))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_message_fails(backend: Backend, message: str) -> None:
    assert say(backend, message)["type"] in {"pong", "error"}
