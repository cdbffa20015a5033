"""The docs name nothing that does not exist, and leave out nothing that people are sent to."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from components._alarm_rules import RULES
from stacks.settings import BACKENDS
from support.recorder import record

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_alarm_has_its_chapter_in_the_runbook() -> None:
    chapters = re.findall(r"^## ([a-z-]+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    assert chapters == list(RULES)


def test_the_reference_is_what_the_docstrings_say() -> None:
    check = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


def test_the_readmes_example_runs_as_printed() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    graph = record(lambda: exec(program, {}), preview=True, root=ROOT)  # noqa: S102 - the README's own words
    made = {resource.type for resource in graph.resources}
    # Without the layer it would start on the emulator alone, which gives a function all of this machine.
    assert {"aws:lambda/function:Function", "aws:lambda/layerVersion:LayerVersion"} <= made
    assert {"aws:dynamodb/table:Table", "aws:apigatewayv2/authorizer:Authorizer"} <= made


def test_the_pictures_are_what_the_programs_say() -> None:
    check = subprocess.run(
        [sys.executable, "tools/pictures.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


def test_the_readme_shows_the_picture_of_every_backend() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [name for name in BACKENDS if f"(docs/pictures/{name}.svg)" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_and_path_of_a_page_exists(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    # The reference is made from docstrings, whose examples are of other projects.
    text = "" if page.name == "reference.md" else text
    paths = re.findall(r"`((?:components|stacks|handlers|backplane|tests|tools|docs|bench)/[\w./-]+)`", text)
    assert missing + [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`make ([a-z-]+)", page.read_text())) | set(
        re.findall(r"^(?:    |\$ )?make ([a-z-]+)", page.read_text(), re.MULTILINE)
    )
    assert [target for target in sorted(named) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
