"""Times warm requests of our handlers and of others that do the same: prints microseconds a request, by name.

`python -m bench._warm ROUNDS CALLS`, in an environment with Powertools. The store is a stub; what handlers
print goes to the null device.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any], Any]


class Store:
    """DynamoDB that answers at once."""

    def put_item(self, **_: object) -> dict[str, Any]:
        """Stored."""
        return {}

    def get_item(self, **_: object) -> dict[str, Any]:
        """A user."""
        return {"Item": _USER}


class Context:
    """What Lambda hands to a handler."""

    function_name = "function"
    function_version = "$LATEST"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id = "invocation-1"
    log_group_name = "group"
    log_stream_name = "stream"

    def get_remaining_time_in_millis(self) -> int:
        """All the time in the world."""
        return 10_000


_USER = {
    name: {"S": value}
    for name, value in {
        "userId": "0b8a6f0e-6f0c-4a4e-9d63-0d9d5d1b2c3a",
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "createdAt": "2026-11-20T13:00:00.123Z",
        "updatedAt": "2026-11-20T13:00:00.123Z",
    }.items()
}


def main(rounds: int, calls: int) -> None:
    """Time them in turn."""
    from bench import _peers
    from bench.events import event

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "USERS_TABLE"):
        os.environ[name] = "test"
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    handlers: dict[str, tuple[Handler, dict[str, Any]]] = {}
    for kind in ("create", "get"):
        module: Any = importlib.import_module(f"handlers.users.{kind}")
        module.DYNAMODB = Store()
        handlers[f"ours, {kind}"] = (module.handler, event(f"handlers.users.{kind}.handler", ""))
    post = event("handlers.users.create.handler", "")
    post["requestContext"]["http"] = {"method": "POST", "path": "/users"}
    handlers |= {name: (handler, post) for name, handler in _peers.handlers(Store()).items()}
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    times: dict[str, list[float]] = {name: [] for name in handlers}
    for name, (handler, request) in handlers.items():
        if handler(request, Context())["statusCode"] >= 400:
            raise SystemExit(f"{name} refuses its request")
    for _ in range(rounds):
        for name, (handler, request) in handlers.items():
            times[name].append(_microseconds(handler, request, calls))
    found = {name: statistics.median(values) for name, values in times.items()}
    os.write(answer, f"{json.dumps(found)}\n".encode())


def _microseconds(handler: Handler, request: dict[str, Any], calls: int) -> float:
    context = Context()
    started = time.process_time()
    for _ in range(calls):
        handler(request, context)
    return (time.process_time() - started) / calls * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
