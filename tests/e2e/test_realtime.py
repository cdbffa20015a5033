import json
import socket as tcp
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from e2e.people import Person
from e2e.running import Backend, connected
from e2e.samples import assert_times
from e2e.site_communications import connections, dead_connection
from support.waiting import until

pytestmark = pytest.mark.e2e

PING = '{"action":"ping"}'
PONG = {"type": "pong"}


def socket(person: Person) -> AbstractContextManager[ClientConnection]:
    return connected(person.websocket_url, person.token)


def received(connection: ClientConnection) -> dict[str, object]:
    said: dict[str, object] = json.loads(connection.recv(timeout=10))
    return said


def answer(connection: ClientConnection, said: str | bytes) -> dict[str, object]:
    connection.send(said)
    return received(connection)


def send(sender: Person, recipient: Person, content: str = "hello", **headers: str) -> dict[str, object]:
    sent = sender.post("/messages", {"recipientId": recipient.user_id, "content": content}, **headers)
    assert sent.status == 201, sent.text
    message: dict[str, object] = sent.body
    return message


@contextmanager
def several(person: Person, count: int) -> Iterator[list[ClientConnection]]:
    with ExitStack() as stack:
        yield [stack.enter_context(socket(person)) for _ in range(count)]


def test_every_connection_of_the_recipient_gets_the_message(ada: Person, bob: Person) -> None:
    with several(bob, 2) as bobs, socket(ada) as adas:
        message = send(ada, bob, "Grüße 👋")
        expected = {"type": "message", "message": message}
        assert [received(connection) for connection in bobs] == [expected, expected]
        assert answer(adas, PING) == PONG, "the sender gets nothing else"


def test_the_longest_message_is_delivered_whole(ada: Person, bob: Person) -> None:
    with socket(bob) as connection:
        message = send(ada, bob, "👋" * 32_000)
        assert received(connection) == {"type": "message", "message": message}


def test_a_repeat_is_not_delivered_again(ada: Person, bob: Person) -> None:
    with socket(bob) as connection:
        first = send(ada, bob, "once", idempotency_key="live")
        assert send(ada, bob, "once", idempotency_key="live") == first
        marker = send(ada, bob, "marker")
        assert [received(connection)["message"] for _ in range(2)] == [first, marker]


def test_a_ping_is_answered(ada: Person) -> None:
    with socket(ada) as connection:
        assert answer(connection, PING) == PONG
        assert answer(connection, ' {"action" : "ping"} ') == PONG


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "[]",
        "null",
        '"ping"',
        '{"action":"pong"}',
        '{"action":["ping"]}',
        '{"action":{}}',
        '{"action":"$connect"}',
        '{"action":"$disconnect"}',
        '{"action":"ping","more":1}',
        '{"action":"ping\\u0000"}',
        "\x00",
        "[" * 10_000,
        '{"action":' * 10_000,
        "x" * 30_000,
        b"\xff\xfe",
    ],
    ids=lambda said: repr(said[:24]),
)
def test_anything_else_is_an_error_and_the_connection_stays(
    backend: Backend, talker: tuple[Person, ClientConnection], said: str | bytes
) -> None:
    person, connection = talker
    before = connections(backend, person.user_id)
    error = answer(connection, said)
    assert error["type"] == "error"
    assert error["message"]
    assert "Traceback" not in json.dumps(error)
    assert answer(connection, PING) == PONG
    assert connections(backend, person.user_id) == before


@pytest.fixture(scope="module")
def talker(backend: Backend) -> Iterator[tuple[Person, ClientConnection]]:
    person = backend.person()
    with socket(person) as connection:
        yield person, connection


def test_a_connection_is_a_row_until_it_closes(backend: Backend, ada: Person) -> None:
    with socket(ada) as connection:
        assert answer(connection, PING) == PONG
        [row] = connections(backend, ada.user_id)
        assert set(row) == {"connectionId", "userId", "timestamp", "expiresAt"}
        assert_times({"timestamp": row["timestamp"]["S"]}, "timestamp")
        opened = datetime.fromisoformat(row["timestamp"]["S"]).timestamp()
        assert 7200 <= int(row["expiresAt"]["N"]) - opened < 3 * 3600
    until(lambda: connections(backend, ada.user_id) == [])


def test_an_abruptly_closed_connection_fails_nothing_and_its_row_goes(
    backend: Backend, ada: Person, bob: Person
) -> None:
    with abrupt(bob) as dead, socket(bob) as alive:
        assert answer(alive, PING) == PONG
        assert len(connections(backend, bob.user_id)) == 2
        dead.close()
        message = send(ada, bob)
        assert received(alive) == {"type": "message", "message": message}
        until(lambda: len(connections(backend, bob.user_id)) == 1)


def abrupt(person: Person) -> tcp.socket:
    """A connection below any WebSocket library, to be cut off without a goodbye."""
    parts = urlsplit(f"{person.websocket_url}?token={person.token}")
    found = tcp.create_connection((parts.hostname, parts.port), timeout=30)
    found.setsockopt(tcp.SOL_SOCKET, tcp.SO_LINGER, struct.pack("ii", 1, 0))  # closing is a reset then
    lines = [
        f"GET {parts.path}?{parts.query} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    found.sendall("\r\n".join([*lines, "", ""]).encode())
    assert found.recv(4096).startswith(b"HTTP/1.1 101 ")
    return found


def test_a_row_of_a_connection_that_is_gone_fails_nothing_and_goes(
    backend: Backend, ada: Person, bob: Person
) -> None:
    for _ in range(3):
        dead_connection(backend, bob.user_id)
    with socket(bob) as alive:
        assert answer(alive, PING) == PONG
        message = send(ada, bob)
        assert received(alive) == {"type": "message", "message": message}
        assert len(connections(backend, bob.user_id)) == 1


def test_a_connection_of_a_deleted_user_gets_nothing_more(ada: Person, bob: Person) -> None:
    with socket(bob) as connection:
        assert bob.delete(f"/users/{bob.user_id}").status == 204
        draft = {"recipientId": bob.user_id, "content": "hello"}
        assert ada.post("/messages", draft).status == 404
        assert answer(connection, PING) == PONG


@pytest.mark.parametrize("query", ["", "?token=", "?jeton=x"])
def test_without_a_token_the_handshake_is_unauthorized(backend: Backend, query: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(backend.outputs["websocketUrl"] + query, proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 401


def test_many_connections_of_many_users_are_kept_apart(user: Callable[..., Person]) -> None:
    people = [user() for _ in range(3)]
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket(person)) for person in people]
        threads = [
            threading.Thread(target=send, args=(people[0], person, person.user_id)) for person in people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for person, connection in zip(people, sockets, strict=True):
            [said] = [received(connection)["message"]]
            assert isinstance(said, dict)
            assert said["content"] == person.user_id
            assert answer(connection, PING) == PONG
