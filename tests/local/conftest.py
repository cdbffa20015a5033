from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.local.emulator import Emulator
from support.running import Runner


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def up(emulator: Emulator, tmp_path: Path) -> Runner:
    """Runs programs against the emulator."""
    return Runner(tmp_path, emulator.endpoint)


@pytest.fixture
def preview(tmp_path: Path) -> Runner:
    """Runs programs with no emulator at all."""
    return Runner(tmp_path, None)
