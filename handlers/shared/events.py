"""Requests: events of an HTTP API, payload format 2.0, and those of a REST API, 1.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.shared import problems
from handlers.shared.logs import Invocation, section, text

ADMIN = "admin"
"""The group whose members may act for anyone."""

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
"""The form of an id. Cognito's `sub` and all ids that we give are UUIDs, which it includes."""

ID_FORM = "1 to 128 letters, digits, '.', '_', ':' or '-'"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by the access token that API Gateway has verified."""

    user_id: str
    is_admin: bool

    def may_act_for(self, user_id: str) -> bool:
        """Whether what belongs to `user_id` is the caller's business."""
        return self.is_admin or self.user_id == user_id


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a caller."""

    caller: Caller
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    invocation: Invocation

    def path_id(self, name: str) -> str:
        """The id in the path, in its valid form."""
        return checked_id(name, self.path.get(name))

    def own_user(self) -> str:
        """The `userId` in the path, when the caller may act for that user."""
        return self._allowed(self.path_id("userId"))

    def target_user(self) -> str:
        """Whose items are meant: the caller's, unless an admin names another in the parameter `userId`."""
        if "userId" not in self.query:
            return self.caller.user_id
        return self._allowed(checked_id("userId", self.query["userId"]))

    def _allowed(self, user_id: str) -> str:
        if not self.caller.may_act_for(user_id):
            raise problems.forbidden()
        return user_id


def checked_id(field: str, value: object) -> str:
    """An id in its valid form; slashes, spaces and NUL are never part of one."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise problems.invalid_field(field, ID_FORM)
    return value


def parse(event: Mapping[str, Any], invocation: Invocation, parameters: tuple[str, ...]) -> Request:
    """Reads an event. Unknown query parameters are refused, so that a misspelt one doesn't go unnoticed."""
    caller = _caller(event)
    query = _values(event, "queryStringParameters", "multiValueQueryStringParameters")
    unknown = sorted(name for name in query if name not in parameters)
    if unknown:
        raise problems.invalid_field(problems.printable(unknown[0]), "unknown query parameter")
    return Request(
        caller=caller,
        path=section(event, "pathParameters"),
        query=query,
        headers={
            name.lower(): value
            for name, value in _values(event, "headers", "multiValueHeaders").items()
            if isinstance(value, str)
        },
        body=_body(event),
        invocation=invocation,
    )


def _caller(event: Mapping[str, Any]) -> Caller:
    # API Gateway's authorizer verifies signature, issuer, client and expiry, but takes an id token as well:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    # A REST API's takes access tokens alone and has the claims one level up:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
    authorizer = section(section(event, "requestContext"), "authorizer")
    claims = section(section(authorizer, "jwt"), "claims") or section(authorizer, "claims")
    if claims.get("token_use") != "access":
        raise problems.unauthorized("An access token of the user pool is wanted.")
    user_id = text(claims.get("sub"))
    if not ID.fullmatch(user_id):
        raise problems.unauthorized("The access token names no user.")
    return Caller(user_id, ADMIN in groups(claims.get("cognito:groups")))


def groups(claim: object) -> list[str]:
    """The groups in a token's claim: a list in the token, text in an event.

    An HTTP API writes `[admin other]`, a REST API `admin,other`.
    """
    if isinstance(claim, list):
        return [group for group in claim if isinstance(group, str)]
    names = text(claim)
    if names.startswith("[") and names.endswith("]"):
        # One pair of brackets only: a group may itself be called "[admin]". None holds a space.
        return names[1:-1].split()
    return [name for name in names.split(",") if name]


def _values(event: Mapping[str, Any], single: str, multiple: str) -> dict[str, Any]:
    """Parameters or headers; what was sent twice has its values joined by commas, as format 2.0 has it."""
    repeated = section(event, multiple)
    joined = {name: ",".join(values) for name, values in repeated.items() if isinstance(values, list)}
    return section(event, single) | joined


def _body(event: Mapping[str, Any]) -> bytes:
    body = text(event.get("body"))
    try:
        if not event.get("isBase64Encoded"):
            return body.encode()
        # API Gateway encodes every body whose content type isn't text or JSON, such as curl's default.
        decoded = base64.b64decode(body)
    except ValueError:  # no Base64, no ASCII, half a surrogate pair
        raise problems.invalid_field("body", "JSON in UTF-8") from None
    if base64.b64encode(decoded).decode() != body:  # decoders disagree about what else they let pass
        raise problems.invalid_field("body", "JSON in UTF-8")
    return decoded
