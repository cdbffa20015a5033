"""Small previews of both kinds, in the forms that the two commands write."""

import json
from pathlib import Path
from typing import Any

from backplane.review import compare
from backplane.review.documents import load
from backplane.review.model import Comparison
from backplane.review.prices import Usage
from backplane.review.review import Review, review

UNKNOWN = {"unknown": True}
LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a text that it doesn't know yet."""

FUNCTION = "aws:lambda/function:Function"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
PERMISSION = "aws:lambda/permission:Permission"
POOL = "aws:cognito/userPool:UserPool"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROUTE = "aws:apigatewayv2/route:Route"
TABLE = "aws:dynamodb/table:Table"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"

Json = dict[str, Any]


def urn(type_: str, name: str, *, stack: str = "prod", project: str = "backplane") -> str:
    return f"urn:pulumi:{stack}::{project}::{type_}::{name}"


def resource(type_: str, name: str, inputs: Json | None = None, **more: Any) -> Json:
    """A resource of `backplane preview --json`."""
    return {
        "urn": urn(type_, name),
        "type": type_,
        "name": name,
        "parent": None,
        "inputs": inputs or {},
        "dependencies": [],
        "protect": False,
        **more,
    }


def graph(*resources: Json) -> Json:
    """A document of `backplane preview --json`."""
    stack = resource("pulumi:pulumi:Stack", "backplane-prod")
    return {"resources": [stack, *resources], "outputs": {}}


def state(type_: str, name: str, inputs: Json | None = None, **more: Any) -> Json:
    """The state of a resource in `pulumi preview --json`."""
    return {"urn": urn(type_, name), "custom": True, "type": type_, "inputs": inputs or {}, **more}


def step(op: str, old: Json | None = None, new: Json | None = None, **more: Any) -> Json:
    """A step of `pulumi preview --json`; the engine writes null where it has no detailed difference."""
    states = {key: value for key, value in (("oldState", old), ("newState", new)) if value}
    some = new or old
    assert some is not None
    return {"op": op, "urn": some["urn"], **states, "detailedDiff": None, **more}


def digest(*steps: Json, **more: Any) -> Json:
    """A document of `pulumi preview --json`."""
    root = state("pulumi:pulumi:Stack", "backplane-prod", custom=False)
    return {
        "config": {"aws:region": "eu-west-1"},
        "steps": [step("same", root, root), *steps],
        "duration": 1_234_567_890,
        "changeSummary": {"same": 1},
        **more,
    }


def write(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def compared(folder: Path, *documents: Json) -> Comparison:
    """What one document of the engine, or two of programs, say."""
    loaded: list[Any] = [
        load(write(folder, f"{index}.json", document)) for index, document in enumerate(documents)
    ]
    return compare.digest(*loaded) if len(loaded) == 1 else compare.graphs(*loaded)


def reviewed(folder: Path, *documents: Json, reasons: dict[str, str] | None = None) -> Review:
    return review(compared(folder, *documents), reasons or {}, "eu-west-1", Usage())


def told(result: Review) -> list[tuple[str, str, str, bool]]:
    """Each finding: its section, the resource, what is said, and whether it needs an acknowledgement."""
    return [
        (item.section.name.lower(), item.change.name, "".join(item.text), item.guarded)
        for item in result.findings
    ]


def changed(folder: Path, type_: str, old: Json, new: Json, **more: Any) -> list[tuple[str, str, str, bool]]:
    """What is said of one resource whose inputs change."""
    result = reviewed(
        folder, graph(resource(type_, "it", old, **more)), graph(resource(type_, "it", new, **more))
    )
    return told(result)
