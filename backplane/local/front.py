"""Addresses of this machine for what AWS gives a name of its own: a distribution.

The emulator plays a distribution for requests that say its name, and that name resolves nowhere. So a front
listens on a port of its own, says the name, and says that the client came over TLS, which ends at the edge:
whatever else happens to a request, the emulator does from the distribution's own settings.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socketserver
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import urlsplit

from backplane.local import wire

_HOST = "127.0.0.1"
_TIMEOUT_SECONDS = 60
_SECURE = re.compile(r"https://(?=127\.0\.0\.1:\d)")
_BETWEEN_TWO: Final = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "x-forwarded-proto"}
)
"""Headers of one connection, not of the request: each side has its own."""


class Fronts:
    """Opens fronts of one emulator, each in a thread.

    Args:
        endpoint: the emulator's address.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = urlsplit(endpoint)
        self._servers: list[_Server] = []
        self._lock = threading.Lock()

    def open(self, name: str) -> str:
        """The host and port that answer for a name from now on.

        The ports follow the emulator's own where they are free, so that a page that is open outlives a
        fresh start.
        """
        with self._lock:
            server = self._listen(name)
            self._servers.append(server)
        threading.Thread(target=server.serve_forever, name=f"front-{name}", daemon=True).start()
        return f"{_HOST}:{server.server_address[1]}"

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            servers, self._servers = self._servers, []
        for server in servers:
            server.shutdown()
            server.server_close()

    def _listen(self, name: str) -> _Server:
        upstream = (self._endpoint.hostname or _HOST, self._endpoint.port or 80)
        with contextlib.suppress(OSError, OverflowError):
            return _Server(upstream[1] + 1 + len(self._servers), upstream, name)
        return _Server(0, upstream, name)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, upstream: tuple[str, int], name: str) -> None:
        super().__init__((_HOST, port), _Handler)
        self.upstream, self.name = upstream, name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client has gone."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def pass_on(self) -> None:
        """Answer as the emulator does."""
        try:
            answer, body = self._ask(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except (OSError, http.client.HTTPException):
            self.send_error(HTTPStatus.BAD_GATEWAY, "The emulator is gone")
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in _kept(answer.getheaders()):
            self.send_header(name, value)
        if self.command == "HEAD":
            length = answer.headers.get("Content-Length")
        else:
            length = None if answer.status in _WITHOUT_BODY else str(len(body))
        if length is not None:
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body)

    def _ask(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(*self.server.upstream, timeout=_TIMEOUT_SECONDS)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in _kept(self.headers.items()):
                connection.putheader(name, value)
            connection.putheader("Host", self.server.name)
            connection.putheader("X-Forwarded-Proto", "https")
            if body or "Content-Length" in self.headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base gives it
        """Log nothing: functions log what they do."""


for _method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"):
    setattr(_Handler, f"do_{_method}", _Handler.pass_on)

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def _kept(headers: Any) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in headers if name.lower() not in _BETWEEN_TWO)


def reachable(value: Any) -> Any:
    """The value with addresses of this machine as they work: TLS ends at AWS's edge, and none is here."""
    match value:
        case str():
            return _SECURE.sub("http://", value)
        case dict():
            return {key: reachable(item) for key, item in value.items()}
        case list():
            return [reachable(item) for item in value]
        case wire.Secret():
            return wire.Secret(reachable(value.value))
        case _:
            return value
