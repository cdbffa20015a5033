"""Each function of each backend may do what its handler does, and nothing else.

A backend takes part with a module of its name in this folder, whose EXERCISES make every function use all
that it may touch; VARIANTS, where there are any, are configurations with other functions. What was used is
what the emulator's IAM was asked, in all tests of this session.
"""

import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import ModuleType

import pytest

from e2e.people import Person
from e2e.rights import Decisions, Right, added, granted, uncovered, unused, without
from e2e.running import Backend
from stacks.settings import BACKENDS
from support.waiting import until

pytestmark = pytest.mark.e2e

Exercise = Callable[[Backend, Person], None]


def settled(rights: Callable[[], set[Right]]) -> set[Right]:
    """The rights, once there are none or a while has passed: a `$disconnect` comes some time later."""
    with suppress(AssertionError):
        until(lambda: not rights(), seconds=5)
    return rights()


def module(backend: str) -> ModuleType:
    return importlib.import_module(f"e2e.{backend.replace('-', '_')}")


def exercises(backend: str) -> Mapping[str, Exercise]:
    found: Mapping[str, Exercise] = module(backend).EXERCISES
    return found


Choice = tuple[str, ...]
"""A backend, and its configuration."""

CHOICES: list[Choice] = [
    choice
    for name in BACKENDS
    for choice in [(name,), *((name, variant) for variant in getattr(module(name), "VARIANTS", ()))]
]
FUNCTIONS = [
    pytest.param(choice, function, id="-".join((*choice, function)))
    for choice in CHOICES
    for function in exercises(choice[0])
]


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_every_function_is_exercised(backends: Callable[..., Backend], choice: Choice) -> None:
    assert set(exercises(choice[0])) == set(backends(*choice).functions)


@pytest.mark.parametrize(("choice", "function"), FUNCTIONS)
def test_a_function_uses_each_of_its_rights_and_is_denied_nothing(
    backends: Callable[..., Backend], choice: Choice, function: str
) -> None:
    backend = backends(*choice)
    role, now, session = backend.role(function), Decisions(backend), Decisions(backend, from_start=True)
    rights = granted(backend, function)
    exercises(choice[0])[function](backend, backend.person())
    assert settled(lambda: unused(rights, session.of(role, allowed=True))) == set(), "one right too many"
    assert uncovered(session.of(role, allowed=True), rights) == set()
    assert now.of(role, allowed=False) == set()


@pytest.mark.parametrize(("choice", "function"), FUNCTIONS)
def test_without_any_one_of_its_rights_a_function_is_denied(
    backends: Callable[..., Backend], choice: Choice, function: str
) -> None:
    backend, exercise = backends(*choice), exercises(choice[0])[function]
    denied = {
        right: denied_without(right, backend, function, exercise) for right in granted(backend, function)
    }
    for right, denials in denied.items():
        assert denials, f"{function} works without {right}"
        assert uncovered(denials, [right]) == set()


def denied_without(right: Right, backend: Backend, function: str, exercise: Exercise) -> set[Right]:
    now, role = Decisions(backend), backend.role(function)
    with without(backend, function, right), suppress(AssertionError):
        exercise(backend, backend.person())
        until(lambda: now.of(role, allowed=False), seconds=5)
    return now.of(role, allowed=False)


def test_a_right_too_many_is_found(backend: Backend) -> None:
    extra = Right("dynamodb:Scan", backend.functions["get-user"]["FunctionArn"])
    before = granted(backend, "get-user")
    used = {Right(right.action, right.resource) for right in before}
    with added(backend, "get-user", extra):
        assert unused(granted(backend, "get-user"), used) == {extra}
    assert unused(granted(backend, "get-user"), used) == set()


def test_a_right_on_a_table_is_none_on_its_index() -> None:
    table = Right("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:000000000000:table/messages")
    index = Right("dynamodb:Query", f"{table.resource}/index/userId-createdAt-index")
    assert unused([table], [index]) == {table}
    assert unused([index], [table]) == {index}
