"""What each backend consists of, written down: a change shows as a diff, beside the assertions elsewhere.

Files and layers are left out (their hashes change with every handler); tests/components proves those.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backplane import project
from backplane.graph import resources_json, value_json
from backplane.preview import preview
from stacks.settings import BACKENDS

ROOT = Path(__file__).parents[2]
CASES = [(backend, environment) for backend in BACKENDS for environment in ("dev", "prod")]

PROTECTED = {"aws:dynamodb/table:Table", "aws:cognito/userPool:UserPool"}
ALSO_PROTECTED = {
    "asset-api": {"aws:s3/bucket:Bucket"},
    "pilotforce": {
        "aws:backup/vault:Vault",
        "aws:cloudtrail/trail:Trail",
        # The backups' role goes with the vault: it takes old backups away.
        "aws:iam/role:Role",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:s3/bucket:Bucket",
    },
}


def graph_of(backend: str, environment: str) -> dict[str, Any]:
    loaded = project.load(ROOT, environment, {"backplane:backend": backend})
    engine = preview(loaded)
    resources = resources_json(engine.resources.values(), loaded.folder)
    for resource in resources:
        for name in {"code", "source", "sourceHash"} & resource["inputs"].keys():
            resource["inputs"][name] = "left out"
    return {"resources": resources, "outputs": value_json(engine.outputs, loaded.folder)}


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[Path, dict[str, Any]]:
    backend, environment = request.param
    return Path(__file__).with_name(f"{backend}.{environment}.json"), graph_of(backend, environment)


def test_the_graph_is_the_one_that_is_written_down(
    case: tuple[Path, dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    file, graph = case
    text = json.dumps(graph, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if request.config.getoption("--write-golden"):
        file.write_text(text)
    assert file.read_text() == text, f"{file.name} differs: run make golden and review the diff"


def test_no_value_in_the_graph_is_a_secret_or_a_path_of_this_machine(
    case: tuple[Path, dict[str, Any]],
) -> None:
    text = json.dumps(case[1])
    assert str(ROOT) not in text
    assert "PRIVATE KEY" not in text


@pytest.mark.parametrize("backend", BACKENDS)
def test_production_protects_what_development_does_not(backend: str) -> None:
    def protected(environment: str) -> set[str]:
        resources = graph_of(backend, environment)["resources"]
        return {item["type"] for item in resources if item["protect"]}

    assert protected("dev") == set()
    assert protected("prod") == PROTECTED | ALSO_PROTECTED.get(backend, set())
