"""The entry of the functions: that of every domain, and what is this backend's own.

A schedule keeps functions warm with the event `{"warm": true}`; no event of an HTTP API has such a key. A
backend that is public has no authorizer, so its events name no caller: all callers are one then.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from handlers.shared import entry
from handlers.shared.entry import Answer, Handler
from handlers.shared.events import ADMIN, Request
from handlers.shared.logs import Invocation, section

PUBLIC_CALLER = "public"

_IS_PUBLIC = os.environ.get("PUBLIC") == "true"
_PUBLIC_CLAIMS = {"sub": PUBLIC_CALLER, "token_use": "access", "cognito:groups": f"[{ADMIN}]"}


def http(*parameters: str) -> Callable[[Callable[[Request], Answer]], Handler]:
    """As `handlers.shared.entry.http`, with warm-up events and, where it is public, without sign-in."""

    def wrap(logic: Callable[[Request], Answer]) -> Handler:
        answered = entry.http(*parameters)(logic)

        def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
            if is_warm_up(event, context):
                return {}
            return answered(as_public(event) if _IS_PUBLIC else event, context)

        return handler

    return wrap


def is_warm_up(event: Mapping[str, Any], context: object) -> bool:
    """Whether the event only keeps the function warm; its log line is written then."""
    if event.get("warm") is not True:
        return False
    invocation = Invocation(event, context)
    invocation.note(route="warm-up")
    invocation.finish(200)
    return True


def as_public(event: dict[str, Any]) -> dict[str, Any]:
    """The event with the caller that everybody is."""
    context = section(event, "requestContext") | {"authorizer": {"jwt": {"claims": _PUBLIC_CLAIMS}}}
    return event | {"requestContext": context}
