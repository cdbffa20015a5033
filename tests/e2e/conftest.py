import signal
from collections.abc import Callable, Iterator

import pytest

from e2e.people import Person
from e2e.running import RECORDED_COMMAND, Backend, Command, start
from e2e.samples import PROFILE

LAST = "test_least_privilege.py"
"""Looks at what all other tests made the functions do."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = [place for place, item in enumerate(items) if item.get_closest_marker("e2e")]
    ordered = sorted((items[place] for place in places), key=lambda item: item.path.name == LAST)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Backend]]:
    """Starts a backend when it is first asked for; it runs until the tests are done.

    Takes its name, and keys that come before those of the environment's file, as `language=typescript`.
    """
    commands: list[Command] = []
    found: dict[tuple[str, ...], Backend] = {}

    def named(name: str, *config: str) -> Backend:
        if (name, *config) not in found:
            command = Command(RECORDED_COMMAND, name, tmp_path_factory.mktemp(name) / "temporary", *config)
            commands.append(command)
            found[name, *config] = start(command, name)
        return found[name, *config]

    yield named
    try:
        endings = [command.stop(signal.SIGTERM) for command in commands]
        left = [path for command in commands for path in command.folder.iterdir()]
    finally:
        for command in commands:
            command.close()
    assert endings == [(0, "")] * len(commands)
    assert left == []


@pytest.fixture(scope="session")
def backend(backends: Callable[[str], Backend]) -> Backend:
    return backends("site-communications")


@pytest.fixture
def user(backend: Backend) -> Callable[..., Person]:
    """Makes users with a profile; takes the groups that they are in."""

    def made(*groups: str) -> Person:
        person = backend.person(*groups)
        assert person.post("/users", PROFILE).status == 201
        return person

    return made


@pytest.fixture
def ada(user: Callable[..., Person]) -> Person:
    return user()


@pytest.fixture
def bob(user: Callable[..., Person]) -> Person:
    return user()


@pytest.fixture
def admin(user: Callable[..., Person]) -> Person:
    return user("admin")
