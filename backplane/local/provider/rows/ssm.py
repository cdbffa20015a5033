"""Parameters of Systems Manager."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Read, Row

_PATH = "(starts_with(id, '/') && id || join('', ['/', id]))"
_ARN = f"join('', ['arn:aws:ssm:', region, ':', account, ':parameter', {_PATH}])"

ROWS = (
    Row(
        type="aws:ssm/parameter:Parameter",
        service="ssm",
        create="PutParameter",
        id="in.name",
        name=Naming(limit=2048),
        rename={"insecureValue": "Value"},
        dropped={"arn": "an output"},
        outputs={"arn": _ARN, "value": "in.value || in.insecureValue || out.Value"},
        defaults={
            "dataType": "text",
            "hasValueWo": False,
            "insecureValue": "",
            "keyId": "",
            "tier": "Standard",
        },
        read=Read(
            operation="GetParameter", given={"Name": "id", "WithDecryption": "`true`"}, result="Parameter"
        ),
    ),
)
