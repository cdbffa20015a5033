"""What makes each function of site-communications use all that it may touch."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from websockets.exceptions import InvalidHandshake

from e2e.people import Person
from e2e.running import Backend, connected
from e2e.samples import PROFILE

DEAD_CONNECTION = {"timestamp": {"S": "2026-01-01T00:00:00.000Z"}, "expiresAt": {"N": "9999999999"}}


def dead_connection(backend: Backend, user_id: str) -> str:
    """A row of a connection that API Gateway knows nothing of: its id."""
    connection = f"dead-{uuid.uuid4()}"
    item = {"connectionId": {"S": connection}, "userId": {"S": user_id}, **DEAD_CONNECTION}
    backend.dynamodb.put_item(TableName=backend.tables["realtime-connections"], Item=item)
    return connection


def connections(backend: Backend, user_id: str) -> list[dict[str, dict[str, str]]]:
    """The rows of a user's connections."""
    return [row for row in backend.items("realtime-connections") if row["userId"]["S"] == user_id]


def _send(backend: Backend, person: Person) -> None:
    person.post("/users", PROFILE)
    dead_connection(backend, person.user_id)
    for _ in range(2):
        draft = {"recipientId": person.user_id, "content": "hello"}
        person.post("/messages", draft, idempotency_key=person.user_id)


def _connect(backend: Backend, person: Person) -> None:
    del backend
    try:
        with connected(person.websocket_url, person.token) as socket:
            socket.send('{"action":"ping"}')
            socket.recv(timeout=10)
    except InvalidHandshake:
        pass  # what was denied is in the record of IAM's decisions


def _request(method: str, path: str, body: Any = None) -> Callable[[Backend, Person], None]:
    def made(backend: Backend, person: Person) -> None:
        del backend
        person.request(method, path.format(user=person.user_id), body)

    return made


EXERCISES: Mapping[str, Callable[[Backend, Person], None]] = {
    "create-user": _request("POST", "/users", PROFILE),
    "get-user": _request("GET", "/users/{user}"),
    "update-user": _request("PUT", "/users/{user}", PROFILE),
    "delete-user": _request("DELETE", "/users/{user}"),
    "send-message": _send,
    "list-messages": _request("GET", "/messages"),
    "read-message": _request("PUT", "/messages/none/read"),
    "list-notifications": _request("GET", "/notifications"),
    "read-notification": _request("PUT", "/notifications/none/read"),
    "realtime-authorizer": _connect,
    "realtime-connect": _connect,
    "realtime-default": _connect,
    "realtime-disconnect": _connect,
}
"""By the component's name; each gets a user without a profile."""
