"""What the REST side of API Gateway keeps for a whole account."""

from __future__ import annotations

from backplane.local.provider.table import Inputs, Row


def _account(inputs: Inputs) -> None:
    role = inputs.pop("cloudwatchRoleArn", "")
    inputs["patchOperations"] = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]


ROWS = (
    Row(
        type="aws:apigateway/account:Account",
        service="apigateway",
        create="UpdateAccount",
        id="'api-gateway-account'",
        reshape=_account,
        defaults={"apiKeyVersion": "", "cloudwatchRoleArn": "", "features": [], "throttleSettings": []},
        not_emulated="API Gateway writes no logs",
    ),
)
