"""DynamoDB, made to do what an emulator can't be made to, whatever language its client is written in."""

import http.client
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, Mapping[str, Any]]
"""A status, and a body of JSON."""

Step = Callable[[], Answer | None]
"""What happens instead of a call; without an answer the call goes through after it."""


class Proxy(ThreadingHTTPServer):
    """Hands calls on to an emulator, unless something is to happen first."""

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(endpoint).netloc
        self.steps: deque[tuple[str, Step]] = deque()
        self.calls: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def then(self, operation: str, step: Step, times: int = 1) -> None:
        """Has something happen with the next calls of an operation."""
        self.steps.extend([(operation, step)] * times)

    def next(self, operation: str) -> Answer | None:
        self.calls.append(operation)
        if not self.steps or self.steps[0][0] != operation:
            return None
        return self.steps.popleft()[1]()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status, content = self._answered(body)
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answered(self, body: bytes) -> tuple[int, bytes]:
        answer = self.server.next(self.headers["x-amz-target"].rpartition(".")[2])
        if answer is not None:
            return answer[0], json.dumps(answer[1]).encode()
        connection = http.client.HTTPConnection(self.server.behind, timeout=10)
        try:
            connection.request("POST", self.path, body, dict(self.headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
        """Says nothing."""


@contextmanager
def running(endpoint: str) -> Iterator[Proxy]:
    """A proxy before the emulator at an endpoint."""
    with Proxy(endpoint) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def refused(code: str, message: str = "", **others: Any) -> Step:
    """AWS's refusal of a call."""
    status = 500 if code == "InternalServerError" else 400
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return lambda: (status, {"__type": kind, "message": message, **others})
