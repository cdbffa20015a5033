"""Events as API Gateway makes them, and what the functions answer."""

import base64
import json
from dataclasses import dataclass
from typing import Any

Json = Any


class Context:
    """What Lambda hands to a function beside the event."""

    function_name = "function"
    aws_request_id = "invocation-1"

    def __init__(self, milliseconds: int = 10_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: Json

    def names(self) -> list[str]:
        """The fields that a problem document names."""
        return [error["field"] for error in self.body.get("errors", [])]


def claims(user: str, groups: list[str] | None = None, **others: object) -> dict[str, Any]:
    """Claims of an access token as an HTTP API hands them over: every value as text."""
    found: dict[str, Any] = {"sub": user, "token_use": "access", "client_id": "client"}
    if groups:
        found["cognito:groups"] = f"[{' '.join(groups)}]"
    return found | others


def http_event(
    caller: dict[str, Any] | None,
    body: str | bytes | None = None,
    path: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "requestId": "request-1",
            "routeKey": "POST /somewhere",
            "http": {"method": "POST"},
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if caller is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": caller, "scopes": []}}
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    if path:
        event["pathParameters"] = path
    if query:
        event["queryStringParameters"] = query
    return event


def reply(response: dict[str, Any]) -> Reply:
    """Reads an answer the way API Gateway does: only text is a body, only numbers are a status."""
    assert set(response) <= {"statusCode", "headers", "body"}
    assert isinstance(response["statusCode"], int)
    assert all(isinstance(value, str) for value in response["headers"].values())
    text = response.get("body")
    assert text is None or isinstance(text, str)
    found = Reply(response["statusCode"], response["headers"], json.loads(text) if text else None)
    if found.status >= 400:
        assert_problem(found)
    return found


def assert_problem(found: Reply) -> None:
    """A problem document with a request id and without internals."""
    assert found.headers["content-type"] == "application/problem+json"
    assert found.body["status"] == found.status
    assert {"type", "title", "detail", "requestId"} <= set(found.body)
    text = json.dumps(found.body)
    for internal in ("Traceback", "msgspec", "botocore", "Exception", ".py", "Error("):
        assert internal not in text


def socket_event(
    connection: str = "connection-1", body: str = "", user: str | None = None, token: str | None = None
) -> dict[str, Any]:
    context: dict[str, Any] = {"connectionId": connection, "requestId": "request-1", "routeKey": "$connect"}
    if user is not None:
        context["authorizer"] = {"userId": user, "groups": "", "principalId": user}
    event: dict[str, Any] = {"requestContext": context, "body": body, "isBase64Encoded": False}
    if token is not None:
        event["queryStringParameters"] = {"token": token}
    return event
