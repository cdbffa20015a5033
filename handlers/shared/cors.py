"""Cross-origin headers of an answer: an HTTP API adds them itself, a REST API leaves them to the function.

The stage says which, in variables; they can't hold a `*`, which is `any` there.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from collections.abc import Mapping
from typing import Any

from handlers.shared.logs import section, text

_HEADERS = {
    "corsAllowOrigin": "access-control-allow-origin",
    "corsAllowCredentials": "access-control-allow-credentials",
    "corsExposeHeaders": "access-control-expose-headers",
}


def cors_headers(event: Mapping[str, Any]) -> dict[str, str]:
    """What lets the pages of the stage's origin read the answer; nothing where the stage names no origin."""
    variables = section(event, "stageVariables")
    said = {header: text(variables.get(name)) for name, header in _HEADERS.items()}
    return {header: "*" if value == "any" else value for header, value in said.items() if value}
