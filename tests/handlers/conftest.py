from collections.abc import Iterator

import asset_backend
import lambda_backend
import pytest


@pytest.fixture(scope="session")
def backend() -> Iterator[lambda_backend.Backend]:
    with lambda_backend.running() as found:
        yield found


@pytest.fixture(scope="session")
def running_assets() -> Iterator[asset_backend.Backend]:
    with asset_backend.running() as found:
        yield found


@pytest.fixture
def assets(running_assets: asset_backend.Backend, monkeypatch: pytest.MonkeyPatch) -> asset_backend.Backend:
    """asset-api, with the environment of its functions."""
    for name, value in running_assets.environment.items():
        monkeypatch.setenv(name, value)
    return running_assets
