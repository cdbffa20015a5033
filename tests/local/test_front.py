from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from backplane.local import wire
from backplane.local.front import Fronts, reachable

NAME = "d1.cloudfront.net"


class Upstream(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(),
        }
        text = b"" if self.path == "/empty" else json.dumps(asked).encode()
        self.send_response(204 if self.path == "/empty" else 201)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        if self.path != "/empty":
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


for method in ("GET", "HEAD", "POST"):
    setattr(Upstream, f"do_{method}", Upstream.answer)


@pytest.fixture
def upstream() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fronts(upstream: http.server.ThreadingHTTPServer) -> Iterator[Fronts]:
    found = Fronts(f"http://127.0.0.1:{upstream.server_address[1]}")
    yield found
    found.close()


class Client:
    """One connection that stays."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=10)

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, Any]:
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer, json.loads(text) if text else None


@pytest.fixture
def client(fronts: Fronts) -> Iterator[Client]:
    found = Client(fronts.open(NAME))
    yield found
    found.connection.close()


def test_a_request_arrives_under_the_name_and_as_if_over_tls(client: Client) -> None:
    answer, asked = client.ask("POST", "/a%20b?x=1&y=%2F", "text", Authorization="Bearer 1")
    assert (answer.status, asked["method"], asked["path"]) == (201, "POST", "/a%20b?x=1&y=%2F")
    assert asked["body"] == "text"
    assert asked["headers"]["host"] == NAME
    assert asked["headers"]["x-forwarded-proto"] == "https"
    assert asked["headers"]["authorization"] == "Bearer 1"


def test_a_client_cannot_say_another_name_or_scheme(client: Client) -> None:
    headers = {"Host": "d2.cloudfront.net", "X-Forwarded-Proto": "http"}
    _, asked = client.ask("GET", "/", **headers)
    assert (asked["headers"]["host"], asked["headers"]["x-forwarded-proto"]) == (NAME, "https")


def test_headers_that_come_twice_stay_two(client: Client) -> None:
    answer, _ = client.ask("GET", "/")
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_connection_is_kept_through_answers_of_every_kind(client: Client) -> None:
    length = client.ask("HEAD", "/")[0].headers["Content-Length"]
    assert int(length) > 0
    assert client.ask("GET", "/empty")[0].status == 204
    assert client.ask("POST", "/empty", "")[0].status == 204
    assert client.ask("GET", "/")[1]["path"] == "/"


def test_an_emulator_that_is_gone_is_a_bad_gateway() -> None:
    fronts = Fronts("http://127.0.0.1:1")
    try:
        client = Client(fronts.open(NAME))
        client.connection.request("GET", "/")
        assert client.connection.getresponse().status == 502
        client.connection.close()
    finally:
        fronts.close()


def test_each_name_has_an_address_of_its_own(fronts: Fronts) -> None:
    first, second = fronts.open(NAME), fronts.open("d2.cloudfront.net")
    assert first != second
    client = Client(second)
    assert client.ask("GET", "/")[1]["headers"]["host"] == "d2.cloudfront.net"
    client.connection.close()


def test_a_port_that_is_taken_is_not_waited_for(upstream: http.server.ThreadingHTTPServer) -> None:
    endpoint = f"http://127.0.0.1:{upstream.server_address[1]}"
    one, other = Fronts(endpoint), Fronts(endpoint)
    try:
        assert one.open(NAME) != other.open(NAME)
    finally:
        one.close()
        other.close()


def test_closing_gives_the_port_back(fronts: Fronts) -> None:
    address = fronts.open(NAME)
    fronts.close()
    host, _, port = address.partition(":")
    with pytest.raises(ConnectionError):
        http.client.HTTPConnection(host, int(port), timeout=5).connect()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://127.0.0.1:4567/x", "http://127.0.0.1:4567/x"),
        ({"a": ["https://127.0.0.1:1"]}, {"a": ["http://127.0.0.1:1"]}),
        (wire.Secret("https://127.0.0.1:1"), wire.Secret("http://127.0.0.1:1")),
        ('{"url": "https://127.0.0.1:1"}', '{"url": "http://127.0.0.1:1"}'),
        ("https://127.0.0.1.example.com:1", "https://127.0.0.1.example.com:1"),
        ("https://www.example.com", "https://www.example.com"),
        (7, 7),
    ],
)
def test_addresses_of_this_machine_are_plain_http(value: Any, expected: Any) -> None:
    assert reachable(value) == expected
