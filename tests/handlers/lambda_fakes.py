"""Clients in memory that fail as AWS does, for what an emulator can't be made to do."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError


def aws_error(code: str, operation: str = "Operation", message: str = "", **others: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **others}, operation)


class Sockets:
    """Live connections that remember what they were sent; others are gone, or fail in their own way."""

    def __init__(self, failures: Mapping[str, Exception] | None = None) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.failures = dict(failures or {})

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> dict[str, Any]:  # noqa: N803 -- AWS's names
        if ConnectionId in self.failures:
            raise self.failures[ConnectionId]
        self.sent.append((ConnectionId, Data))
        return {}


class Failing:
    """A client each of whose calls fails, until it has failed often enough."""

    def __init__(self, error: Exception, behind: object = None, times: int | None = None) -> None:
        self.calls: list[str] = []
        self._error = error
        self._behind = behind
        self._times = times

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: object) -> Any:
            self.calls.append(name)
            if self._times is None or len(self.calls) <= self._times:
                raise self._error
            return getattr(self._behind, name)(**request)

        return call
