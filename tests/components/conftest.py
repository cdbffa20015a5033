"""Each test of an API runs as a preview and as an up, in a project with one small handler."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.apis import Run
from support.recorder import record


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def preview(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def run(preview: bool, tmp_path: Path) -> Run:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return None\n")
    return lambda program: record(program, preview=preview, root=tmp_path)
