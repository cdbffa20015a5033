"""asset-api answers alike in each of its languages, byte for byte, errors included."""

from collections.abc import Callable

import pytest

from e2e.asset_api import LANGUAGES
from e2e.asset_api_scripts import SCRIPTS
from e2e.parity import transcribe
from e2e.running import Backend

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_answers_are_those_of_the_python_functions(
    backends: Callable[..., Backend], language: str, script: str
) -> None:
    expected = transcribe(backends("asset-api"), SCRIPTS[script])
    found = transcribe(backends("asset-api", f"language={language}"), SCRIPTS[script])
    assert found == expected


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_compared_is_the_same_in_each_run(backends: Callable[..., Backend], script: str) -> None:
    """Otherwise a difference would say nothing."""
    backend = backends("asset-api")
    assert transcribe(backend, SCRIPTS[script]) == transcribe(backend, SCRIPTS[script])
