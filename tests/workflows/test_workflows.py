"""What the workflows may do, read from their files: rights, pins, and whose code runs with which token."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
FROM_OUTSIDE = re.compile(r"\$\{\{[^}]*(github\.event|github\.head_ref|inputs\.|steps\.)[^}]*\}\}")
COMMENT = ".github/comment.sh"


def workflow(name: str) -> dict[str, Any]:
    content = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    # YAML 1.1 takes the key `on` for a truth.
    content["on"] = content.pop(True)
    assert isinstance(content, dict)
    return content


WORKFLOWS = {file.stem: workflow(file.stem) for file in FILES}
JOBS = {f"{name}/{job}": content for name, flow in WORKFLOWS.items() for job, content in flow["jobs"].items()}
STEPS = [(label, step) for label, job in JOBS.items() for step in job["steps"]]


def scripts() -> list[tuple[str, str]]:
    return [(label, step["run"]) for label, step in STEPS if "run" in step]


def uses(job: dict[str, Any], action: str) -> bool:
    return any(step.get("uses", "").startswith(f"{action}@") for step in job["steps"])


def test_the_workflows_are_those_that_the_readers_know() -> None:
    assert set(WORKFLOWS) == {"ci", "deploy", "preview", "review"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_whole_commit_and_says_its_release(file: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        action, _, release = line.removeprefix("uses: ").partition(" # ")
        assert PINNED.fullmatch(action), line
        assert re.fullmatch(r"v\d+\.\d+\.\d+", release), line


def test_one_action_has_one_commit_everywhere() -> None:
    commits: dict[str, set[str]] = {}
    for _, step in STEPS:
        if "uses" in step:
            name, _, commit = step["uses"].partition("@")
            commits.setdefault(name, set()).add(commit)
    assert {name: len(found) for name, found in commits.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_no_rights_and_each_job_asks_for_its_own(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert isinstance(job["permissions"], dict)
        assert job["permissions"]["contents"] == "read"


def test_only_who_comments_may_write_comments_and_only_who_signs_in_may_sign_in() -> None:
    for label, job in JOBS.items():
        wanted = {"contents": "read"}
        if any(COMMENT in script for name, script in scripts() if name == label):
            wanted["pull-requests"] = "write"
        if uses(job, "aws-actions/configure-aws-credentials"):
            wanted["id-token"] = "write"
        if uses(job, "actions/download-artifact"):
            wanted["actions"] = "read"
        assert job["permissions"] == wanted, label


def test_no_workflow_runs_a_strangers_code_with_rights() -> None:
    for name, flow in WORKFLOWS.items():
        assert "pull_request_target" not in flow["on"], name
    for label, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert set(step["with"]) == {"persist-credentials"}, f"{label} checks out what it is not run for"
            assert step["with"]["persist-credentials"] is False, label


def test_secrets_and_roles_stay_away_from_forks() -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for label, job in JOBS.items():
        if label.startswith("preview/") and ("secrets." in str(job) or "id-token" in job["permissions"]):
            assert own in job["if"], label
    assert "secrets." not in str(WORKFLOWS["review"])
    assert "configure-aws-credentials" not in str(WORKFLOWS["review"])


def test_credentials_are_short_lived() -> None:
    for label, step in STEPS:
        if step.get("uses", "").startswith("aws-actions/configure-aws-credentials@"):
            assert set(step["with"]) == {"role-to-assume", "aws-region"}, label
    assert "AWS_SECRET_ACCESS_KEY" not in "".join(file.read_text() for file in FILES)


@pytest.mark.parametrize(("label", "script"), scripts())
def test_no_script_has_words_from_outside_in_it(label: str, script: str) -> None:
    assert FROM_OUTSIDE.search(script) is None, f"{label}: pass it by env"


@pytest.mark.parametrize(("label", "script"), scripts())
def test_every_script_is_bash(label: str, script: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, f"{label}: {checked.stderr}"


def test_every_job_ends_in_time() -> None:
    assert [label for label, job in JOBS.items() if "timeout-minutes" not in job] == []


def test_the_commands_are_those_of_the_makefile_and_the_command() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for label, script in scripts():
        assert set(re.findall(r"\bmake ([a-z-]+)", script)) <= targets, label
        assert set(re.findall(r"bin/backplane ([a-z-]+)", script)) <= {"preview", "review"}, label
    assert {script for label, script in scripts() if label.startswith("ci/")} == {"make check", "make test"}


def test_the_engine_has_the_version_of_the_locked_sdk() -> None:
    locked = re.search(
        r"^pulumi==([\d.]+)", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE
    )
    assert locked is not None
    for label, step in STEPS:
        if step.get("uses", "").startswith("pulumi/actions@"):
            assert str(step["with"]["pulumi-version"]) == locked[1], label


def test_every_pull_request_is_previewed_in_one_way() -> None:
    jobs = WORKFLOWS["preview"]["jobs"]
    assert "!=" in jobs["program"]["if"]
    assert "||" in jobs["program"]["if"]
    assert "&&" in jobs["stack"]["if"]
    assert WORKFLOWS["review"]["on"]["workflow_run"]["workflows"] == [WORKFLOWS["preview"]["name"]]


def test_a_guard_stops_after_the_comment_is_written() -> None:
    names = [step.get("name") for step in JOBS["preview/stack"]["steps"]]
    assert names[-3:] == ["Review", "Comment", "Guard"]
    for label in ("preview/stack", "review/comment", "deploy/prod-review"):
        assert any(
            "backplane review" in script and "--guard" in script
            for name, script in scripts()
            if name == label
        )


def test_dev_goes_by_itself_and_prod_after_a_review_and_an_approval() -> None:
    deploy = WORKFLOWS["deploy"]
    assert deploy["on"] == {"push": {"branches": ["main"]}}
    assert deploy["concurrency"]["cancel-in-progress"] is False
    assert deploy["jobs"]["dev"]["environment"] == "development"
    assert deploy["jobs"]["prod"]["environment"] == "production"
    assert deploy["jobs"]["prod"]["needs"] == "prod-review"
    assert deploy["jobs"]["prod-review"]["needs"] == "dev"
    for stack in ("dev", "prod"):
        up = deploy["jobs"][stack]["steps"][-1]["with"]
        assert (up["command"], up["stack-name"]) == ("up", stack)
