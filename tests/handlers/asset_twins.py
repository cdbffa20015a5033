"""asset-api in both languages, side by side: the same event for both, and their answers compared."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import asset_backend
import dynamodb_proxy
import node_functions
from asset_backend import ROUTES, UPLOAD, Backend, new_email, node_variables
from dynamodb_proxy import Proxy
from lambda_events import Context, claims, http_event
from node_functions import NodeFunctions, Outcome

from backplane.local.emulator import Emulator
from support.asset_api_cases import FILE, SOON

PACKAGE = "handlers.asset_api"
NAMES = [*ROUTES.values(), UPLOAD]

VOLATILE = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b1[5-9]\d{11}\b"), "<milliseconds>"),
    (re.compile(r"\b[1-9]\d{9}\b"), "<seconds>"),
    (re.compile(r"\d{8}T\d{6}Z"), "<date>"),
    (re.compile(r"(?<=Signature=)[0-9a-f]{64}"), "<signature>"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "<endpoint>"),
)


class Twins:
    """The functions in both languages, each over an emulator of its own."""

    def __init__(self, python: Backend, node: NodeFunctions, proxy: Proxy) -> None:
        self.python = python
        self.node = node
        self.proxy = proxy

    def in_python(self, route: str, event: Any) -> Any:
        return self.python.modules[route].handler(event, Context())

    def in_node(self, route: str, event: Any) -> Any:
        found = self.node.call(ROUTES[route], event)
        assert found.error == ""
        return found.result

    def same(self, route: str, event: Any) -> Any:
        """What both answer to an event; what they log of it is the same too."""
        found = self.node.call(ROUTES[route], event)
        with mock.patch("builtins.print") as printed:
            expected = self.in_python(route, event)
        assert steady(found.result) == steady(expected)
        assert log(found.line) == log(json.loads(printed.call_args.args[0]))
        return found.result

    def ask(self, route: str, body: Any = None, caller: str = "ada", **path: str) -> Outcome:
        """A request of a user to the function in TypeScript alone."""
        raw = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        return self.node.call(ROUTES[route], http_event(claims(caller), raw, path))


def steady(answer: Any) -> Any:
    """An answer, with names for what differs from call to call."""
    text = json.dumps(answer, ensure_ascii=False, sort_keys=True)
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return json.loads(text)


def log(line: dict[str, Any]) -> dict[str, Any]:
    """A line of a log, without what differs from call to call."""
    return {name: value for name, value in line.items() if name not in {"cold", "milliseconds", "traceback"}}


def good_user() -> Any:
    return {"email": new_email(), "name": "Ada", "department": "Engines", "ttl": SOON}


def good_asset() -> Any:
    return {**FILE, "metadata": {"b": "2", "a": "1"}}


@contextmanager
def running(python: Backend) -> Iterator[Twins]:
    """The functions in TypeScript beside those in Python."""
    with Emulator() as emulator, dynamodb_proxy.running(emulator.endpoint) as proxy:
        asset_backend.make_tables(emulator.endpoint)
        environment = node_variables(emulator.endpoint) | {"AWS_ENDPOINT_URL_DYNAMODB": proxy.endpoint}
        with node_functions.running(PACKAGE, NAMES, environment) as node:
            yield Twins(python, node, proxy)
