"""What the tests of both kinds of API declare: a function that answers, and people who sign in."""

from __future__ import annotations

from collections.abc import Callable

from components.function import Function, FunctionArgs
from components.user_pool import UserPool, UserPoolArgs, UserPoolClient
from support.recorder import Graph

Run = Callable[..., Graph]


def answering(name: str = "create-user", timeout_seconds: int = 10) -> Function:
    return Function(name, FunctionArgs(handler="app.handler", timeout_seconds=timeout_seconds))


def people() -> UserPool:
    return UserPool("people", UserPoolArgs(clients={"web": UserPoolClient(), "app": UserPoolClient()}))
