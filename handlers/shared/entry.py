"""The entry of a function behind an HTTP or a REST API: an event in, an answer out, a log line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from handlers.shared import problems
from handlers.shared.cors import cors_headers
from handlers.shared.events import Request, parse
from handlers.shared.logs import Invocation

_JSON = "application/json"

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: object = None
    """Encoded as JSON; `None` sends no body."""

    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[dict[str, Any], object], dict[str, Any]]


def http(*parameters: str) -> Callable[[Callable[[Request], Answer]], Handler]:
    """Makes a Lambda handler of a function from request to answer.

    Args:
        parameters: the query parameters that the route knows; others are refused.
    """

    def wrap(logic: Callable[[Request], Answer]) -> Handler:
        def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
            invocation = Invocation(event, context)
            try:
                answer = logic(parse(event, invocation, parameters))
                response = _response(answer.status, _JSON, answer.body, answer.headers)
            except problems.Problem as problem:
                invocation.note(problem=problem.kind)
                response = _refusal(problem, invocation)
            except Exception as error:  # noqa: BLE001 -- the last resort: a 500 without internals, told in the log
                invocation.failed(error)
                response = _refusal(problems.internal(), invocation)
            response["headers"] |= {"x-request-id": invocation.request_id, **cors_headers(event)}
            invocation.finish(response["statusCode"])
            return response

        return handler

    return wrap


def _refusal(problem: problems.Problem, invocation: Invocation) -> dict[str, Any]:
    document = problem.document(invocation.request_id)
    return _response(problem.status, problems.CONTENT_TYPE, document, problem.headers)


def _response(status: int, content_type: str, body: object, headers: Mapping[str, str]) -> dict[str, Any]:
    # Answers hold personal data: no cache on the way may keep them.
    response: dict[str, Any] = {"statusCode": status, "headers": {"cache-control": "no-store", **headers}}
    if body is not None:
        response["headers"]["content-type"] = content_type
        response["body"] = _encode(body).decode()
    return response
