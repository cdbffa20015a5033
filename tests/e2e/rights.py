"""What the functions of a backend may do, and what they did."""

import fnmatch
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e.running import Backend

RUNTIME = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""What Lambda does on behalf of a function. The emulator does it too, without asking IAM."""


@dataclass(frozen=True, order=True)
class Right:
    action: str
    resource: str
    """An ARN; of what may be done, with `*` where AWS has no narrower form."""

    def covers(self, other: "Right") -> bool:
        return self.action == other.action and fnmatch.fnmatchcase(other.resource, self.resource)


@dataclass(frozen=True)
class Decision:
    role: str
    right: Right
    allowed: bool


class Decisions:
    """What IAM has decided since a moment."""

    def __init__(self, backend: Backend, *, from_start: bool = False) -> None:
        self._record = backend.command.record
        self._start = 0 if from_start else self._record.stat().st_size

    def __iter__(self) -> Iterator[Decision]:
        with self._record.open("rb") as lines:
            lines.seek(self._start)
            for line in lines:
                if line.endswith(b"\n"):
                    entry = json.loads(line)
                    right = Right(entry["action"], entry["resource"])
                    yield Decision(entry["role"], right, entry["allowed"])

    def of(self, role: str, *, allowed: bool) -> set[Right]:
        return {entry.right for entry in self if entry.role == role and entry.allowed is allowed}


def granted(backend: Backend, function: str) -> set[Right]:
    """What the function's code may do: its role's rights without those that the Lambda service needs."""
    role = backend.role(function)
    attached = backend.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [], "a managed policy grants what no link declares"
    found = {right for document in _documents(backend, role).values() for right in _rights(document)}
    delivery = _delivery(backend, backend.functions[function].get("DeadLetterConfig", {}).get("TargetArn"))
    return {right for right in found - delivery if right.action not in RUNTIME}


def _delivery(backend: Backend, letters: str | None) -> set[Right]:
    """What Lambda needs, in the function's name, to hand over calls that failed for good."""
    if letters is None:
        return set()
    needed = {Right("sns:Publish", letters), Right("sqs:SendMessage", letters)}
    if ":sns:" in letters:
        topic = backend.client("sns").get_topic_attributes(TopicArn=letters)["Attributes"]
        key = topic.get("KmsMasterKeyId", "")
        found = backend.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"] if key else key
        needed |= {Right(f"kms:{action}", found) for action in ("Decrypt", "GenerateDataKey")}
    return needed


def unused(rights: Iterable[Right], used: Iterable[Right]) -> set[Right]:
    """The rights that nothing used."""
    done = list(used)
    return {right for right in rights if not any(right.covers(each) for each in done)}


def uncovered(used: Iterable[Right], rights: Iterable[Right]) -> set[Right]:
    """What was used although no right says so."""
    allowed = list(rights)
    return {each for each in used if not any(right.covers(each) for right in allowed)}


@contextmanager
def without(backend: Backend, function: str, right: Right) -> Iterator[None]:
    """Takes one right out of the function's policies."""
    role = backend.role(function)
    documents = _documents(backend, role)
    try:
        for name, document in documents.items():
            _put(backend, role, name, [each for each in _rights(document) if each != right])
        yield
    finally:
        for name, document in documents.items():
            _put(backend, role, name, _rights(document))


@contextmanager
def added(backend: Backend, function: str, right: Right) -> Iterator[None]:
    """Grants one right more."""
    role = backend.role(function)
    _put(backend, role, "one-more", [right])
    try:
        yield
    finally:
        backend.iam.delete_role_policy(RoleName=role, PolicyName="one-more")


def _documents(backend: Backend, role: str) -> dict[str, Any]:
    names = backend.iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {
        name: backend.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
    }


def _rights(document: Any) -> list[Right]:
    found = []
    for statement in document["Statement"]:
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource"}, statement
        assert statement["Effect"] == "Allow", statement
        for action in _listed(statement["Action"]):
            assert "*" not in action, statement
            found += [Right(action, resource) for resource in _listed(statement["Resource"])]
    return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _put(backend: Backend, role: str, name: str, rights: list[Right]) -> None:
    statements = [
        {"Effect": "Allow", "Action": [each.action], "Resource": [each.resource]} for each in rights
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    backend.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
