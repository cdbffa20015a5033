"""One line of JSON on stdout for each invocation, without personal data.

A line holds ids, codes and durations. It never holds a body, a header, a token, a user's id, or the text
of an exception that may quote one of them.
"""

import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

# The texts of these name code ("name 'x' is not defined"), not data.
_HARMLESS_TEXTS = (NameError, AttributeError, ImportError, TypeError)

_starts = {"cold": True}


class Invocation:
    """What one invocation has to say about itself."""

    def __init__(self, event: Mapping[str, Any], context: object) -> None:
        self._started = time.perf_counter()
        self._context = context
        request_context = section(event, "requestContext")
        self.request_id = text(request_context.get("requestId")) or text(
            getattr(context, "aws_request_id", "")
        )
        self._fields: dict[str, object] = {
            "requestId": self.request_id,
            "invocationId": text(getattr(context, "aws_request_id", "")),
            "function": text(getattr(context, "function_name", "")),
            "route": text(request_context.get("routeKey")) or _rest_route(request_context),
            "cold": _starts["cold"],
        }
        _starts["cold"] = False

    def seconds_left(self) -> float:
        """How long the function may still run before Lambda ends it."""
        remaining = getattr(self._context, "get_remaining_time_in_millis", None)
        return remaining() / 1000 if callable(remaining) else float("inf")

    def note(self, **fields: object) -> None:
        """Adds fields to the line."""
        self._fields.update(fields)

    def failed(self, error: BaseException) -> None:
        """Adds an unexpected exception: its type, where it was raised and, from AWS, its code."""
        self.note(level="error", error=describe(error), traceback=_frames(error.__traceback__))

    def finish(self, status: int) -> None:
        """Writes the line."""
        self._fields.setdefault("level", "info")
        milliseconds = round((time.perf_counter() - self._started) * 1000, 1)
        line = {**self._fields, "status": status, "milliseconds": milliseconds}
        print(json.dumps(line, separators=(",", ":")), flush=True)


def _rest_route(request_context: Mapping[str, Any]) -> str:
    """The route as a REST API has it: method and path apart."""
    return " ".join(filter(None, (text(request_context.get(key)) for key in ("httpMethod", "resourcePath"))))


def describe(error: BaseException) -> str:
    """The type of an exception, with AWS's error code, or its text where that can't quote a request."""
    kind = type(error).__name__
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        operation = text(getattr(error, "operation_name", ""))
        return f"{kind}: {text(section(response, 'Error').get('Code'))} {operation}".rstrip()
    return f"{kind}: {error}" if isinstance(error, _HARMLESS_TEXTS) else kind


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames


def section(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`, or an empty one: events leave out, or set to null, what is not there."""
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A string, or the empty one for anything else."""
    return value if isinstance(value, str) else ""
