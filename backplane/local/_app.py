"""What the server process serves: ministack, with one thing put right.

A WebSocket message nested deeper than Python's recursion limit closed its connection: choosing a route parses
the message. API Gateway hands what it can't read to `$default`, and so does this.
"""

from __future__ import annotations

from ministack.app import app
from ministack.services import apigateway

__all__ = ["app"]

_evaluate = apigateway._evaluate_route_selection  # noqa: SLF001 - ministack has no other way in


def _selected(expression: str, message: str) -> str:
    try:
        return str(_evaluate(expression, message))
    except RecursionError:
        return "$default"


apigateway._evaluate_route_selection = _selected  # noqa: SLF001 - likewise
