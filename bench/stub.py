"""AWS as far as a first request needs it: answers at once, so that what is measured is the handler."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.events import USER

_ITEM = {
    "userId": {"S": USER},
    "messageId": {"S": "message-1"},
    "notificationId": {"S": "notification-1"},
    "email": {"S": "ada@example.com"},
    "content": {"S": "Hello"},
    "read": {"BOOL": True},
    "createdAt": {"S": "2026-11-20T13:00:00.123Z"},
    "updatedAt": {"S": "2026-11-20T13:00:00.123Z"},
}
_ANSWERS: dict[str, object] = {
    "GetItem": {"Item": _ITEM},
    "UpdateItem": {"Attributes": _ITEM},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
}
_PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
    "<MessageId>1</MessageId></PublishResult></PublishResponse>"
)


@contextlib.contextmanager
def serving(keys: bytes) -> Iterator[str]:
    """The address of DynamoDB, SNS and a user pool that publishes `keys`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet an answer

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
            text = json.dumps(_ANSWERS.get(operation, {})) if operation else _PUBLISHED
            self._answer(text.encode(), "application/x-amz-json-1.0" if operation else "text/xml")

        def do_GET(self) -> None:
            self._answer(keys, "application/json")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
