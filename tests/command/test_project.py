import json
from pathlib import Path

import pytest

from backplane import project as projects
from backplane.errors import ConfigurationError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: backplane\nmain: stacks/\nruntime: python\n")
    return tmp_path


def stack(root: Path, text: str) -> projects.Project:
    (root / "Pulumi.dev.yaml").write_text(text)
    return projects.load(root, "dev", {})


def test_values_arrive_as_pulumi_hands_them_over(root: Path) -> None:
    project = stack(
        root,
        "config:\n  backplane:count: 3\n  backplane:on: true\n  backplane:ratio: 1.50\n"
        "  backplane:day: 2026-01-01\n  backplane:list: [a, b]\n  short: text\n",
    )
    assert project.config == {
        "backplane:count": "3",
        "backplane:on": "true",
        "backplane:ratio": "1.50",
        "backplane:day": "2026-01-01",
        "backplane:list": json.dumps(["a", "b"]),
        "backplane:short": "text",
    }


def test_the_program_runs_in_the_folder_that_main_names(root: Path) -> None:
    deployment = stack(root, "config: {}\n").deployment()
    assert (deployment.root, deployment.folder) == (root, root / "stacks")
    assert (deployment.project, deployment.stack) == ("backplane", "dev")


def test_encrypted_values_become_placeholders_marked_as_secret(root: Path) -> None:
    project = stack(
        root,
        "config:\n  backplane:key:\n    secure: v1:x\n  backplane:deep:\n    inner:\n      secure: v1:y\n",
    )
    assert project.config["backplane:key"] == "placeholder-of-key"
    assert json.loads(project.config["backplane:deep"]) == {"inner": "placeholder-of-deep"}
    assert project.secrets == {"backplane:key", "backplane:deep"}


def test_the_command_line_comes_before_the_file_and_the_file_before_the_project(root: Path) -> None:
    (root / "Pulumi.yaml").write_text(
        "name: backplane\nconfig:\n  one:\n    default: 1\n  two:\n    default: 1\n  three: 1\n"
    )
    (root / "Pulumi.dev.yaml").write_text("config:\n  backplane:two: 2\n  backplane:three: 2\n")
    project = projects.load(root, "dev", {"backplane:three": "3"})
    assert project.config == {"backplane:one": "1", "backplane:two": "2", "backplane:three": "3"}


@pytest.mark.parametrize("environment", ["staging", "../dev", "", "a" * 200])
def test_an_environment_without_a_file_is_told_with_those_that_have_one(root: Path, environment: str) -> None:
    (root / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(ConfigurationError, match=r"there is no such file in .*; --env takes one of: dev$"):
        projects.load(root, environment, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [\n", r"Pulumi\.dev\.yaml:2: is not YAML"),
        ("- config\n", r"Pulumi\.dev\.yaml must hold keys and values, got list"),
        ("config: text\n", r"Pulumi\.dev\.yaml: config must hold keys and values, got str"),
        ("config:\n  a: 1\n  a: 2\n", r"Pulumi\.dev\.yaml:3: .*a is given twice"),
        ("config:\n  a: \x00\n", r"Pulumi\.dev\.yaml: can't be read"),
    ],
)
def test_a_broken_file_is_told_with_its_name_and_line(root: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        stack(root, text)


def test_a_project_without_a_name_is_refused(root: Path) -> None:
    (root / "Pulumi.yaml").write_text("runtime: python\n")
    with pytest.raises(ConfigurationError, match=r"Pulumi\.yaml: name is required"):
        stack(root, "config: {}\n")


def test_the_nearest_project_above_is_taken(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "stacks" / "deep").mkdir(parents=True)
    monkeypatch.chdir(root / "stacks" / "deep")
    assert projects.find_root() == root


def test_a_project_without_stacks_is_not_held_to_the_configuration_of_ours(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: team\nruntime: python\n")
    projects.check(stack(tmp_path, "config:\n  team:size: 3\n"), {})
