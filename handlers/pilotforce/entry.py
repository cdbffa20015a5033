"""The entry of the functions: that of every domain, fed with events of a REST API behind our authorizer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.pilotforce import roles
from handlers.shared import entry
from handlers.shared.entry import Answer, Handler
from handlers.shared.events import Request
from handlers.shared.logs import section, text


@dataclass(frozen=True, slots=True)
class Member:
    """Who asks, as the authorizer found."""

    user_id: str
    role: str
    """The highest of the member's groups; empty without one."""

    email: str
    """Verified; empty where it isn't."""

    @property
    def is_admin(self) -> bool:
        """Whether everything is the member's business."""
        return self.role == roles.ADMIN


Logic = Callable[[Request, Member], Answer]


def http(*parameters: str) -> Callable[[Logic], Handler]:
    """Makes a Lambda handler of a function from request and member to answer.

    Args:
        parameters: the query parameters that the route knows; others are refused.
    """

    def wrap(logic: Logic) -> Handler:
        def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
            asking = member(event)
            answered = entry.http(*parameters)(lambda request: logic(request, asking))
            return answered(with_claims(event), context)

        return handler

    return wrap


def member(event: Mapping[str, Any]) -> Member:
    """The member that the authorizer let in; its context is text only."""
    found = _authorized(event)
    return Member(
        user_id=text(found.get("userId")),
        role=roles.highest(text(found.get("groups")).split()),
        email=text(found.get("email")),
    )


def with_claims(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as it would come from behind the user pool's own authorizer."""
    found = _authorized(event)
    claims = {"sub": found.get("userId"), "cognito:groups": text(found.get("groups")).replace(" ", ",")}
    if found.get("userId"):
        claims["token_use"] = "access"  # noqa: S105 -- a kind of token, which the authorizer has verified
    return {**event, "requestContext": {**section(event, "requestContext"), "authorizer": {"claims": claims}}}


def _authorized(event: Mapping[str, Any]) -> dict[str, Any]:
    return section(section(event, "requestContext"), "authorizer")
