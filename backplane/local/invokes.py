"""Data sources that are answered without asking the emulator, so that a preview knows them too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from backplane.local.engine import ProgramError

_FIELDS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def invoke(
    token: str, arguments: Mapping[str, Any], *, region: str, account: str, endpoint: str | None
) -> dict[str, Any]:
    """The answer of a data source, by its token.

    Args:
        token: the data source's.
        arguments: what it is asked.
        region: where the provider works.
        account: for whom.
        endpoint: the emulator's address, which stands in for each service of AWS; none in a preview.

    Raises:
        ProgramError: a data source that nobody has written down here.
    """
    answers: dict[str, Callable[[], dict[str, Any]]] = {
        "aws:index/getRegion:getRegion": lambda: _region(arguments.get("region") or region),
        "aws:index/getCallerIdentity:getCallerIdentity": lambda: {
            "accountId": account,
            "arn": f"arn:aws:iam::{account}:root",
            "userId": account,
            "id": account,
        },
        "aws:index/getService:getService": lambda: _service(arguments, region, endpoint),
        "aws:index/getPartition:getPartition": lambda: {
            "partition": "aws",
            "dnsSuffix": "amazonaws.com",
            "reverseDnsPrefix": "com.amazonaws",
            "id": "aws",
        },
        "aws:iam/getPolicyDocument:getPolicyDocument": lambda: _policy_document(arguments),
    }
    if token not in answers:
        raise ProgramError(f"the data source {token} is not known here; add it to {__name__}")
    return answers[token]()


def _region(region: str) -> dict[str, Any]:
    return {
        "region": region,
        "name": region,
        "id": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _service(arguments: Mapping[str, Any], region: str, endpoint: str | None) -> dict[str, Any]:
    """A service of AWS, at the address where it answers here."""
    where, service = arguments.get("region") or region, arguments["serviceId"]
    name = f"{service}.{where}.amazonaws.com"
    reverse = ".".join(reversed(name.split(".")))
    return {
        "dnsName": urlsplit(endpoint).netloc if endpoint else name,
        "partition": "aws",
        "region": where,
        "reverseDnsName": reverse,
        "reverseDnsPrefix": "com.amazonaws",
        "serviceId": service,
        "supported": True,
        "id": reverse,
    }


def _policy_document(arguments: Mapping[str, Any]) -> dict[str, Any]:
    statements = [_statement(statement) for statement in arguments.get("statements") or []]
    document = {"Version": arguments.get("version") or "2012-10-17", "Statement": statements}
    text = json.dumps(document, indent=2)
    minified = json.dumps(document, separators=(",", ":"))
    return {"json": text, "minifiedJson": minified, "id": hashlib.sha256(text.encode()).hexdigest()}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"Effect": "Allow"}
    for source, target in _FIELDS.items():
        if statement.get(source):
            answer[target] = _one(statement[source])
    for source, target in _PRINCIPALS.items():
        for principal in statement.get(source) or []:
            answer.setdefault(target, {})[principal["type"]] = _one(principal["identifiers"])
    for condition in statement.get("conditions") or []:
        test = answer.setdefault("Condition", {}).setdefault(condition["test"], {})
        test[condition["variable"]] = _one(condition["values"])
    return answer


def _one(value: Any) -> Any:
    """A list of one is written as that one, and a longer list sorted, as the AWS provider does."""
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else sorted(value)
