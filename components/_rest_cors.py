"""Cross-origin calls to a REST API, which answers preflight requests and errors itself, and nothing else.

Functions add the headers of their own answers: the stage's variables tell them which.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components._cors import Cors

Headers = Mapping[str, pulumi.Input[str]]


def answer_headers(cors: Cors | None) -> Headers:
    """What every answer carries that a page may read."""
    if cors is None:
        return {}
    headers: dict[str, pulumi.Input[str]] = {"Access-Control-Allow-Origin": cors.allow_origins[0]}
    if cors.allow_credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    if cors.expose_headers:
        headers["Access-Control-Expose-Headers"] = ",".join(cors.expose_headers)
    return headers


def preflight_headers(cors: Cors) -> Headers:
    """What the answer to a preflight request carries."""
    headers: dict[str, pulumi.Input[str]] = {
        "Access-Control-Allow-Origin": cors.allow_origins[0],
        "Access-Control-Allow-Methods": ",".join(cors.allow_methods),
        "Access-Control-Max-Age": str(cors.max_age_seconds),
    }
    if cors.allow_headers:
        headers["Access-Control-Allow-Headers"] = ",".join(cors.allow_headers)
    if cors.allow_credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    return headers


def quoted(headers: Headers, prefix: str) -> dict[str, pulumi.Input[str]]:
    """Headers as API Gateway maps them: text stands in single quotes, since variables stand in none."""
    return {
        f"{prefix}{name}": f"'{value}'" if isinstance(value, str) else pulumi.Output.concat("'", value, "'")
        for name, value in headers.items()
    }


def stage_variables(cors: Cors | None) -> Headers:
    """The headers of a function's answer as variables; a stage takes no `*`, which is `any` there."""
    if cors is None:
        return {}
    origin = pulumi.Output.from_input(cors.allow_origins[0])
    variables: dict[str, pulumi.Input[str]] = {"corsAllowOrigin": origin.apply(_without_star)}
    if cors.allow_credentials:
        variables["corsAllowCredentials"] = "true"
    if cors.expose_headers:
        variables["corsExposeHeaders"] = _without_star(",".join(cors.expose_headers))
    return variables


def _without_star(value: str) -> str:
    return "any" if value == "*" else value
