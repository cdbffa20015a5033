"""IAM documents: a role's policy out of links, and who may take a role on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from components._base import json_text
from components._links import Statement


def trust(service: str, condition: Mapping[str, Any] | None = None) -> pulumi.Output[str]:
    """Who may take a role on: one AWS service, on the condition that it acts for what is named there.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return document([{**allowed, "Condition": condition} if condition else allowed])


def document(statements: Iterable[Mapping[str, Any]]) -> pulumi.Output[str]:
    """A policy as JSON; what is an output in it may be unknown."""
    return json_text({"Version": "2012-10-17", "Statement": list(statements)})


def permissions(statements: Iterable[Statement]) -> pulumi.Output[str]:
    """What a role may do, from links: unknown as long as one ARN is."""
    pairs = [(statement, resource) for statement in statements for resource in statement.resources]
    demands = [(statement.actions, _conditions(statement)) for statement, _ in pairs]
    return pulumi.Output.all(*(resource for _, resource in pairs)).apply(
        lambda arns: json.dumps(
            _merged((actions, arn, demand) for (actions, demand), arn in zip(demands, arns, strict=True))
        )
    )


def access(statements: Iterable[Statement]) -> list[dict[str, Any]] | None:
    """What links allow, as the statements of a policy whose resources are names: a preview knows these.

    Nothing where one of the resources has no name: then only the policy says all.
    """
    allowances: list[tuple[tuple[str, ...], str, str]] = []
    for statement in statements:
        known = [resource for resource in statement.resources if isinstance(resource, str)]
        names = statement.names or known
        if len(names) != len(statement.resources):
            return None
        allowances += [(statement.actions, name, _conditions(statement)) for name in names]
    found: list[dict[str, Any]] = _merged(allowances)["Statement"]
    return found


def _conditions(statement: Statement) -> str:
    """The conditions as JSON: text can be compared, sorted and counted."""
    block: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        block.setdefault(condition.operator, {})[condition.key] = sorted(condition.values)
    return json.dumps(block, sort_keys=True)


def _merged(allowances: Iterable[tuple[tuple[str, ...], str, str]]) -> dict[str, Any]:
    """One statement for each set of actions, all in order: the same links give the same text in any order."""
    allowed: dict[tuple[str, str], set[str]] = {}
    for actions, arn, demand in allowances:
        allowed.setdefault((demand, arn), set()).update(actions)
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (demand, arn), wanted in sorted(allowed.items()):
        grouped.setdefault((demand, tuple(sorted(wanted))), []).append(arn)
    statements: list[dict[str, Any]] = []
    for (demand, actions), arns in sorted(grouped.items(), key=lambda item: (item[0][1], item[0][0])):
        statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": arns}
        if condition := json.loads(demand):
            statement["Condition"] = condition
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}
