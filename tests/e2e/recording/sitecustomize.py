"""Writes down each IAM decision of an emulator, as a line of JSON in the file that IAM_RECORD names.

Python imports this module when the server starts, because its folder is on the server's PYTHONPATH. The
decisions are those of the emulator's own evaluator, so an action is what IAM calls it, whatever the protocol:
each item of a transaction with its table, an index and not its table, `execute-api:ManageConnections`.
"""

import json
import os
from pathlib import Path
from typing import Any

RECORD = os.environ.pop("IAM_RECORD", "")
os.environ.pop("PYTHONPATH", None)  # the Lambda workers inherit the environment, and are not to run this


def record(path: Path) -> None:
    """Have `enforce`, through which every request of the server goes, tell what it decides."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id

    decide = iam_evaluator.enforce
    lines = path.open("a", buffering=1)

    def enforce(
        access_key_id: str, iam_action: str, *args: Any, resource_arn: str = "*", **named: Any
    ) -> Any:
        refusal = decide(access_key_id, iam_action, *args, resource_arn=resource_arn, **named)
        caller = iam_evaluator.resolve_credential(access_key_id or "", get_account_id())
        principal = getattr(caller, "principal_arn", "")
        if ":assumed-role/" in principal:
            role = principal.split("/")[1]
            decision = {
                "role": role,
                "action": iam_action,
                "resource": resource_arn,
                "allowed": refusal is None,
            }
            lines.write(json.dumps(decision) + "\n")
        return refusal

    iam_evaluator.enforce = enforce


if RECORD:
    record(Path(RECORD))
