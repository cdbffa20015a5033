"""What each handler is called with: events as API Gateway makes them, and a token for the authorizer."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

REGION = "eu-west-1"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/pool"
CLIENT = "client"
USER = "0b8a6f0e-6f0c-4a4e-9d63-0d9d5d1b2c3a"
_KEY_ID = "key-1"
_BODIES: dict[str, dict[str, Any]] = {
    "users.create": {
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "settings": {"theme": "dark"},
    },
    "messages.send": {"recipientId": "f3f1c0de-0000-4000-8000-000000000001", "content": "Hello"},
}
_BODIES["users.update"] = _BODIES["users.create"]


class Keys:
    """A user pool's key pair."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def published(self) -> bytes:
        """What the pool publishes."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._private.public_key()))
        return json.dumps({"keys": [key | {"kid": _KEY_ID, "alg": "RS256", "use": "sig"}]}).encode()

    def token(self) -> str:
        """A good access token."""
        now = dt.datetime.now(dt.UTC)
        claims = {
            "sub": USER,
            "iss": ISSUER,
            "client_id": CLIENT,
            "token_use": "access",
            "iat": now,
            "exp": now + dt.timedelta(hours=1),
        }
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": _KEY_ID})


def event(handler: str, token: str) -> dict[str, Any]:
    """The event for a handler such as `handlers.users.get.handler`."""
    name = handler.removeprefix("handlers.").removesuffix(".handler")
    if name.startswith("realtime."):
        return _socket(token)
    body = _BODIES.get(name)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "headers": {"content-type": "application/json"},
        "pathParameters": {"userId": USER, "messageId": "message-1", "notificationId": "notification-1"},
        "requestContext": {
            "requestId": "request-1",
            "routeKey": "GET /somewhere",
            "http": {"method": "POST" if body else "GET", "path": "/users", "sourceIp": "127.0.0.1"},
            "stage": "$default",
            "authorizer": {"jwt": {"claims": {"sub": USER, "token_use": "access"}, "scopes": []}},
        },
        "rawPath": "/users",
        "rawQueryString": "",
        "isBase64Encoded": False,
        **({"body": json.dumps(body)} if body else {}),
    }


def _socket(token: str) -> dict[str, Any]:
    return {
        "methodArn": f"arn:aws:execute-api:{REGION}:123456789012:api/live/$connect",
        "queryStringParameters": {"token": token},
        "requestContext": {
            "connectionId": "connection-1",
            "requestId": "request-1",
            "routeKey": "$connect",
            "authorizer": {"userId": USER, "groups": "", "principalId": USER},
        },
        "body": json.dumps({"action": "ping"}),
        "isBase64Encoded": False,
    }
