"""Who may call which route, as the policy that API Gateway enforces and keeps for a while.

A policy names routes with the caller's own id in them, which a group can't say.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from collections.abc import Iterator
from typing import Any

from handlers.pilotforce import roles
from handlers.shared.events import ID
from handlers.shared.tokens import User

_EVERYBODY = ""

ROUTES = {
    _EVERYBODY: ("GET/profiles/{me}", "PUT/profiles/{me}", "DELETE/profiles/{me}"),
    roles.VIEWER: ("GET/media", "GET/media/*"),
    roles.PILOT: ("POST/media", "PUT/media/*", "DELETE/media/*"),
    roles.ADMIN: ("GET/profiles", "GET/profiles/*", "PUT/profiles/*", "DELETE/profiles/*"),
}
"""What each role may call beside what those below it may; `{me}` is the caller's id, `*` any one."""


def policy(user: User, method_arn: str) -> dict[str, Any]:
    """All that a user may call in the API and stage of a request, whichever request that is."""
    if not ID.fullmatch(user.user_id):  # it could say `*`
        return nothing(method_arn)
    stage = "/".join(method_arn.split("/")[:2])
    resources = [f"{stage}/{route}" for route in _routes(user)]
    return _answer(user.user_id, "Allow", resources, _context(user))


def nothing(method_arn: str) -> dict[str, Any]:
    """Nothing at all: the token isn't good."""
    stage = "/".join(method_arn.split("/")[:2])
    return _answer("nobody", "Deny", [f"{stage}/*"], {})


def _routes(user: User) -> Iterator[str]:
    for role in (_EVERYBODY, *roles.up_to(roles.highest(user.groups))):
        for route in ROUTES[role]:
            yield route.replace("{me}", user.user_id)


def _context(user: User) -> dict[str, str]:
    return {"userId": user.user_id, "groups": " ".join(user.groups), "email": user.email}


def _answer(principal: str, effect: str, resources: list[str], context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": document, "context": context}
