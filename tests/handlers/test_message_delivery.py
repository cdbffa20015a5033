import dataclasses
import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from lambda_backend import Backend
from lambda_events import Context, claims, http_event
from lambda_fakes import Failing, Sockets, aws_error

SEND = "POST /messages"
GONE = aws_error("GoneException", "PostToConnection")


def connect(backend: Backend, user: str, *, expires_in: int = 7_200) -> str:
    connection = str(uuid.uuid4())
    row = {
        "connectionId": {"S": connection},
        "userId": {"S": user},
        "timestamp": {"S": "2026-11-20T13:00:00.123Z"},
        "expiresAt": {"N": str(int(time.time()) + expires_in)},
    }
    backend.dynamodb.put_item(TableName="connections", Item=row)
    return connection


def rows(backend: Backend, user: str) -> set[str]:
    return {row["connectionId"]["S"] for row in backend.items("connections") if row["userId"]["S"] == user}


def use(backend: Backend, monkeypatch: pytest.MonkeyPatch, **clients: Any) -> None:
    send = backend.modules[SEND]
    makers = {name: (lambda client=client: client) for name, client in clients.items()}
    monkeypatch.setattr(send, "CHANNELS", dataclasses.replace(send.CHANNELS, **makers))


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return line


def test_every_live_connection_of_the_recipient_gets_the_message(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, recipient = backend.user(), backend.user()
    live = {connect(backend, recipient) for _ in range(3)}
    connect(backend, recipient, expires_in=-1)
    connect(backend, sender)
    sockets = Sockets()
    use(backend, monkeypatch, sockets=sockets)
    message = backend.message(sender, recipient, "grüß dich")
    assert {connection for connection, _ in sockets.sent} == live
    assert {json.dumps(json.loads(data)) for _, data in sockets.sent} == {
        json.dumps({"type": "message", "message": message})
    }


def test_connections_are_found_page_by_page(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    recipient = backend.user()
    live = {connect(backend, recipient) for _ in range(5)}
    sockets = Sockets()
    real = backend.modules[SEND].CHANNELS.dynamodb()

    class SmallPages:
        def query(self, **request: Any) -> Any:
            return real.query(**request, Limit=2)

    use(backend, monkeypatch, sockets=sockets, dynamodb=SmallPages())
    backend.message(str(uuid.uuid4()), recipient)
    assert {connection for connection, _ in sockets.sent} == live


def test_a_row_without_an_expiry_counts_as_live(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    recipient = backend.user()
    row = {"connectionId": {"S": "eternal"}, "userId": {"S": recipient}}
    backend.dynamodb.put_item(TableName="connections", Item=row)
    sockets = Sockets()
    use(backend, monkeypatch, sockets=sockets)
    backend.message(str(uuid.uuid4()), recipient)
    assert [connection for connection, _ in sockets.sent] == ["eternal"]


def test_a_dead_connection_is_forgotten_and_the_others_get_the_message(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipient = backend.user()
    dead, live = connect(backend, recipient), connect(backend, recipient)
    sockets = Sockets({dead: GONE})
    use(backend, monkeypatch, sockets=sockets)
    backend.message(str(uuid.uuid4()), recipient)
    assert [connection for connection, _ in sockets.sent] == [live]
    assert rows(backend, recipient) == {live}
    line = logged(capsys)
    assert (line["pushed"], line["forgotten"], line["level"]) == (1, 1, "info")


def test_a_connection_that_fails_otherwise_is_kept(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipient = backend.user()
    slow = connect(backend, recipient)
    use(
        backend, monkeypatch, sockets=Sockets({slow: aws_error("LimitExceededException", "PostToConnection")})
    )
    backend.message(str(uuid.uuid4()), recipient)
    assert rows(backend, recipient) == {slow}
    line = logged(capsys)
    assert line["level"] == "warning"
    assert line["failures"] == ["pushed: ClientError: LimitExceededException PostToConnection"]


DENIED = aws_error("AccessDeniedException")
UNREACHABLE = EndpointConnectionError(endpoint_url="http://127.0.0.1")
BAD_ENDPOINT = ValueError("Invalid endpoint")


@pytest.mark.parametrize("error", [DENIED, UNREACHABLE, BAD_ENDPOINT], ids=repr)
@pytest.mark.parametrize("client", ["topics", "dynamodb", "sockets"])
def test_a_failing_service_never_fails_a_stored_message(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, client: str, error: Exception
) -> None:
    recipient = backend.user()
    connect(backend, recipient)
    use(backend, monkeypatch, **{"sockets": Sockets(), client: Failing(error)})
    message = backend.message(str(uuid.uuid4()), recipient)
    assert backend.call("GET /messages", recipient).body["items"] == [message]


def test_a_client_that_cannot_be_made_never_fails_a_stored_message(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = backend.modules[SEND]

    def unmakable() -> Any:
        raise BAD_ENDPOINT

    recipient = backend.user()
    connect(backend, recipient)
    channels = dataclasses.replace(send.CHANNELS, topics=unmakable, sockets=unmakable)
    monkeypatch.setattr(send, "CHANNELS", channels)
    assert backend.message(str(uuid.uuid4()), recipient)


def test_a_row_that_cannot_be_forgotten_never_fails_a_stored_message(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = backend.user()
    dead, live = connect(backend, recipient), connect(backend, recipient)
    real = backend.modules[SEND].CHANNELS.dynamodb()

    class NoDelete(Failing):
        query = staticmethod(real.query)

    sockets = Sockets({dead: GONE})
    use(backend, monkeypatch, sockets=sockets, dynamodb=NoDelete(DENIED))
    backend.message(str(uuid.uuid4()), recipient)
    assert [connection for connection, _ in sockets.sent] == [live]


def test_nothing_more_is_told_when_the_function_is_about_to_time_out(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipient = backend.user()
    connect(backend, recipient)
    sockets = Sockets()
    use(backend, monkeypatch, sockets=sockets, topics=Failing(AssertionError()))
    body = json.dumps({"recipientId": recipient, "content": "late"})
    answer = backend.send(SEND, http_event(claims(str(uuid.uuid4())), body), Context(milliseconds=3_400))
    assert (answer.status, sockets.sent) == (201, [])
    assert logged(capsys)["outOfTime"] == 2
