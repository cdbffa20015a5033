"""Resource policies, as far as plain HTTP can keep them."""

from __future__ import annotations

import json
from typing import Any

from backplane.local.provider.table import Inputs

TLS_NOT_EMULATED = {
    "policy~aws:SecureTransport": "statements that demand TLS are left out: requests are plain HTTP here"
}
"""For `table.Row.inputs_not_emulated`."""

_DEMANDS = (
    {"Bool": {"aws:SecureTransport": "false"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
)


def without_tls(inputs: Inputs) -> None:
    """Take the statements out of the input `policy` that deny what doesn't come over TLS.

    The emulator enforces them, and would deny every request to this machine's plain HTTP.
    """
    policy = inputs.get("policy")
    if not isinstance(policy, str):
        return
    try:
        document: dict[str, Any] = json.loads(policy)
        statements: list[dict[str, Any]] = document["Statement"]
        kept = [statement for statement in statements if not _demands_tls(statement)]
    except (ValueError, LookupError, TypeError, AttributeError):
        return  # no policy, as the service will say
    inputs["policy"] = json.dumps({**document, "Statement": kept})


def _demands_tls(statement: dict[str, Any]) -> bool:
    return statement.get("Effect") == "Deny" and statement.get("Condition") in _DEMANDS
