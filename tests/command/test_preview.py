import json
from pathlib import Path

import pytest

from support import fixture_project
from support.command import run

UNKNOWN_TYPE = "import pulumi_aws\npulumi_aws.gamelift.Fleet('fleet', ec2_instance_type='c5.large')\n"
ONLY_UP = """
import pulumi

if pulumi.runtime.is_dry_run():
    raise TypeError("unknown in a preview")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture_project.write(tmp_path_factory.mktemp("project"))


def test_the_answer_is_json_in_the_promised_shape(folder: Path) -> None:
    done = run("preview", "hello", "--env", "dev", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    graph = json.loads(done.stdout)
    assert set(graph) == {"resources", "outputs"}
    keys = {"urn", "type", "name", "parent", "inputs", "dependencies", "protect"}
    assert all(set(resource) == keys for resource in graph["resources"])
    urns = [resource["urn"] for resource in graph["resources"]]
    assert urns == sorted(urns)
    assert {resource["parent"] for resource in graph["resources"]} <= {None, *urns}
    assert "programs may print" in done.stderr


def test_unknown_secret_and_packed_values_say_what_they_are(folder: Path) -> None:
    graph = json.loads(run("preview", "--json", "--tenant", "acme", folder=folder).stdout)
    assert graph["outputs"] == {"apiUrl": {"unknown": True}, "password": {"secret": True}, "tenant": "acme"}
    (function,) = (
        resource
        for resource in graph["resources"]
        if resource["type"] == "aws:lambda/function:Function" and resource["name"] == "hello"
    )
    assert function["inputs"]["role"] == {"unknown": True}
    assert len(function["inputs"]["code"]["archive"]) == 64


def test_two_previews_are_the_same_and_write_nothing(folder: Path) -> None:
    before = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    first, second = (run("preview", "--json", folder=folder).stdout for _ in range(2))
    assert first == second
    assert {path for path in folder.rglob("*") if "__pycache__" not in path.parts} == before


def test_people_get_a_tree_by_component_and_counts_by_type(folder: Path) -> None:
    text = run("preview", folder=folder).stdout
    assert "\n  Function hello\n    cloudwatch.LogGroup hello-logs\n" in text
    assert "lambda.Function           2\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "import pulumi\nraise ValueError('broken on purpose')\n",
            "line 2, in <module>\n    raise ValueError",
        ),
        ("import pulumi\nraise pulumi.RunError('one line')\n", "one line\n"),
        ("import pulumi_aws\npulumi_aws.s3.Bucket('b', no_such=1)\n", "no_such"),
        (
            "import pulumi_aws\npulumi_aws.gamelift.Fleet('f', ec2_instance_type='c5.large')\n",
            "aws:gamelift/fleet:Fleet 'f'",
        ),
        ("raise SystemExit(3)\n", "the program ended with status 3"),
        (ONLY_UP, "TypeError"),
    ],
)
def test_a_program_that_fails_is_told_and_ends_with_1(tmp_path: Path, program: str, said: str) -> None:
    done = run("preview", "--json", folder=fixture_project.write(tmp_path, program))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
