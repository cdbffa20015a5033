"""The comment of a pull request is added once, then updated; GitHub's own command is a stand-in here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("jq") is None, reason="the script needs jq, as GitHub's machines have it"
)

SCRIPT = Path(__file__).parents[2] / ".github" / "comment.sh"
MARKER = "<!-- backplane review: prod -->"
GH = """#!/usr/bin/env bash
method=GET
for argument in "$@"; do
  case $previous in --method) method=$argument ;; esac
  case $argument in body=@*) cp "${argument#body=@}" "$NOTES/body" ;; esac
  case $argument in repos/*) path=$argument ;; esac
  previous=$argument
done
echo "$method $path" >> "$NOTES/calls"
if [ "$method" = GET ]; then cat "$NOTES/comments"; fi
"""


class Folder:
    """A pull request with its comments, and what was asked of GitHub."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tool = path / "bin" / "gh"
        tool.parent.mkdir()
        tool.write_text(GH)
        tool.chmod(0o755)
        (path / "comment.md").write_text("### Review of `backplane/prod`\n")
        self.comments()

    def comments(self, *comments: tuple[int, str, str]) -> None:
        """Each as its id, who wrote it and what; GitHub answers with a list for each page."""
        page = [{"id": number, "user": {"login": who}, "body": body} for number, who, body in comments]
        (self.path / "comments").write_text(json.dumps(page) + json.dumps([]))

    def run(self, *arguments: str, changed: bool = True) -> subprocess.CompletedProcess[str]:
        (self.path / "review.json").write_text(json.dumps({"changed": changed}))
        return subprocess.run(
            [str(SCRIPT), *(arguments or ("7", "prod")), "comment.md", "review.json"],
            cwd=self.path,
            env={
                "PATH": f"{self.path / 'bin'}:{os.environ['PATH']}",
                "GITHUB_REPOSITORY": "acme/backends",
                "NOTES": str(self.path),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def written(self) -> list[str]:
        """What was changed at GitHub."""
        calls = self.path / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line for line in lines if not line.startswith("GET ")]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_first_comment_is_added_with_its_marker(folder: Folder) -> None:
    folder.comments((1, "ada", "looks good"))
    assert folder.run().returncode == 0
    assert folder.written() == ["POST repos/acme/backends/issues/7/comments"]
    assert (folder.path / "body").read_text() == f"{MARKER}\n### Review of `backplane/prod`\n"


def test_the_next_one_updates_it(folder: Folder) -> None:
    folder.comments((1, "ada", "looks good"), (42, "github-actions[bot]", f"{MARKER}\nold"))
    assert folder.run().returncode == 0
    assert folder.written() == ["PATCH repos/acme/backends/issues/comments/42"]


def test_another_environment_has_its_own(folder: Folder) -> None:
    folder.comments((42, "github-actions[bot]", "<!-- backplane review: dev -->\nold"))
    folder.run()
    assert folder.written() == ["POST repos/acme/backends/issues/7/comments"]


def test_a_marker_in_somebody_elses_comment_is_not_ours(folder: Folder) -> None:
    folder.comments((42, "mallory", f"{MARKER}\nnothing to see"))
    folder.run()
    assert folder.written() == ["POST repos/acme/backends/issues/7/comments"]


def test_where_nothing_changes_nothing_is_said(folder: Folder) -> None:
    assert folder.run(changed=False).returncode == 0
    assert folder.written() == []


def test_what_was_said_before_is_taken_back(folder: Folder) -> None:
    folder.comments((42, "github-actions[bot]", f"{MARKER}\nold"))
    folder.run(changed=False)
    assert folder.written() == ["PATCH repos/acme/backends/issues/comments/42"]


@pytest.mark.parametrize("arguments", [("7; id", "prod"), ("", "prod"), ("7", "Prod -->")])
def test_a_wrong_number_or_environment_is_refused(folder: Folder, arguments: tuple[str, str]) -> None:
    result = folder.run(*arguments)
    assert result.returncode == 2
    assert "must be digits" in result.stderr
    assert folder.written() == []
