"""The entry of a function behind a route of a WebSocket API: an event in, a log line for each.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from handlers.shared.logs import Invocation, section, text

Event = Mapping[str, Any]
Reply = tuple[int, Mapping[str, object] | None]
"""A status, and what to send back down the socket, if anything."""

PING = {"action": "ping"}
"""The one message that clients may send."""


def socket(logic: Callable[[Event], Reply]) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Makes a Lambda handler of a function from event to reply."""

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        invocation = Invocation(event, context)
        try:
            status, message = logic(event)
        except Exception as error:  # noqa: BLE001 -- the last resort: no internals down a socket, all in the log
            invocation.failed(error)
            status, message = (
                500,
                {"type": "error", "message": "internal error", "requestId": invocation.request_id},
            )
        invocation.finish(status)
        return {"statusCode": status} | ({"body": json.dumps(message)} if message else {})

    return handler


def connection_id(event: Event) -> str:
    """The id that API Gateway gave the connection."""
    return text(section(event, "requestContext").get("connectionId"))


def connected_user(event: Event) -> str:
    """Who connected, as the authorizer found; empty without an authorizer."""
    return text(section(section(event, "requestContext"), "authorizer").get("userId"))


def is_message(event: Event) -> bool:
    """Whether a client said something, even if it named a route that API Gateway calls by itself.

    `{"action": "$disconnect"}` reaches the function of `$disconnect`, while the connection lives on.
    """
    return section(event, "requestContext").get("eventType") == "MESSAGE"


def misunderstood(event: Event) -> Reply:
    """The answer to a message that nobody knows what to do with: an error, and the connection stays."""
    request_id = text(section(event, "requestContext").get("requestId"))
    return 200, {
        "type": "error",
        "message": f"unknown message; known is {json.dumps(PING)}",
        "requestId": request_id,
    }
