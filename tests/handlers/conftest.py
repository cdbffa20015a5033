from collections.abc import Iterator

import pytest
from lambda_backend import Backend, running


@pytest.fixture(scope="session")
def backend() -> Iterator[Backend]:
    with running() as found:
        yield found
