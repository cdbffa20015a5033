import inspect
from collections.abc import Iterator

import asset_backend
import asset_twins
import lambda_backend
import node_functions
import pilot_backend
import pytest

LANGUAGES = ["python", pytest.param("typescript", marks=node_functions.needed)]
REACH_INSIDE = {"monkeypatch", "capsys"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test of asset-api for each language, unless it reaches into the functions: those in Python."""
    if "assets" in metafunc.fixturenames:
        reaches = REACH_INSIDE & inspect.signature(metafunc.function).parameters.keys()
        metafunc.parametrize("assets", LANGUAGES[:1] if reaches else LANGUAGES, indirect=True)


@pytest.fixture(scope="session")
def backend() -> Iterator[lambda_backend.Backend]:
    with lambda_backend.running() as found:
        yield found


@pytest.fixture(scope="session")
def assets_in_python() -> Iterator[asset_backend.Backend]:
    with asset_backend.running() as found:
        yield found


@pytest.fixture(scope="session")
def assets_in_typescript() -> Iterator[asset_backend.Backend]:
    with asset_backend.running_typescript() as found:
        yield found


@pytest.fixture
def assets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> asset_backend.Backend:
    """asset-api in a language, with the environment of its functions."""
    found: asset_backend.Backend = request.getfixturevalue(f"assets_in_{request.param}")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture(scope="session")
def running_crew() -> Iterator[pilot_backend.Backend]:
    with pilot_backend.running() as found:
        yield found


@pytest.fixture
def crew(running_crew: pilot_backend.Backend, monkeypatch: pytest.MonkeyPatch) -> pilot_backend.Backend:
    """pilotforce, with the environment of its functions."""
    for name, value in running_crew.environment.items():
        monkeypatch.setenv(name, value)
    return running_crew


@pytest.fixture(scope="session")
def running_twins(assets_in_python: asset_backend.Backend) -> Iterator[asset_twins.Twins]:
    with asset_twins.running(assets_in_python) as found:
        yield found


@pytest.fixture
def twins(running_twins: asset_twins.Twins, monkeypatch: pytest.MonkeyPatch) -> asset_twins.Twins:
    """asset-api in both languages, with the environment of the functions in Python."""
    for name, value in running_twins.python.environment.items():
        monkeypatch.setenv(name, value)
    running_twins.proxy.calls.clear()
    assert not running_twins.proxy.steps
    return running_twins
