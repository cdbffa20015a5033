"""Routes of a WebSocket API: their keys, their names and what of them is known before anything exists.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from components._base import Shape
from components.function import FunctionArgs

OWN_NAMES = ("authorizer", "connect", "connections", "default", "disconnect")

_ROUTE_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9]*([_-][a-zA-Z0-9]+)*")


class ChannelRoute(Shape):
    """A route's function and what the channel lets it do: `ChannelRoute(args, connections=["GetItem"])`."""

    function: FunctionArgs
    """The function that answers."""

    connections: Sequence[str] = ()
    """DynamoDB actions on the connections table; its name comes as `<NAME>_CONNECTIONS_TABLE`."""

    find_by_user: bool = False
    """Whether it may query the index `userId-index` of that table for a user's connections."""

    send: bool = False
    """Whether it may post to connections; the address comes as `<NAME>_ENDPOINT`."""

    def __init__(
        self,
        function: FunctionArgs,
        *,
        connections: Sequence[str] = (),
        find_by_user: bool = False,
        send: bool = False,
        **unknown: Any,
    ) -> None:
        super().__init__(
            function=function, connections=connections, find_by_user=find_by_user, send=send, **unknown
        )


def check_channel_routes(routes: Iterable[str]) -> None:
    """Refuses keys that can't be names, and two keys of one name.

    Raises:
        ValueError: names the key, or both.
    """
    seen: dict[str, str] = {}
    for key in routes:
        if not _ROUTE_KEY.fullmatch(key):
            raise ValueError(
                f"routes[{key!r}] must be letters and digits in parts joined by '_' or '-', a letter "
                "first; $connect, $disconnect and $default have arguments of their own"
            )
        slug = channel_slug(key)
        if slug in OWN_NAMES:
            raise ValueError(f"routes[{key!r}] has the name of the channel's own {slug}; rename it")
        if slug in seen:
            raise ValueError(f"routes {seen[slug]!r} and {key!r} would both be called {slug!r}; rename one")
        seen[slug] = key


def answers(key: str) -> bool:
    """Whether the function's answer goes to the client.

    Those of `$connect` and `$disconnect` have no one to go to: the one becomes the status of the handshake,
    and before the other the connection was closed.
    """
    return key not in ("$connect", "$disconnect")


def route_inputs(key: str) -> dict[str, Any]:
    """The inputs of a route that are known before anything exists."""
    return {
        "route_key": key,
        # API Gateway authorises the handshake; what comes later comes over that connection.
        "authorization_type": "CUSTOM" if key == "$connect" else "NONE",
        # Without it AWS drops a function's answer.
        "route_response_selection_expression": "$default" if answers(key) else None,
    }


def channel_slug(key: str) -> str:
    """A route key as a part of a resource name: `sendMessage` is `send-message`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", key.removeprefix("$"))
    return words.replace("_", "-").lower()
