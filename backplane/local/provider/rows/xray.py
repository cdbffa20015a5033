"""X-Ray, which the emulator doesn't have: inputs are checked, and nothing is traced."""

from __future__ import annotations

from backplane.local.provider.table import Row, Template

_WHY = "nothing is traced"
_RULE = (
    "attributes",
    "fixedRate",
    "host",
    "httpMethod",
    "priority",
    "reservoirSize",
    "resourceArn",
    "ruleName",
    "serviceName",
    "serviceType",
    "urlPath",
    "version",
)

ROWS = (
    Row(
        type="aws:xray/group:Group",
        service="xray",
        create="CreateGroup",
        called=False,
        id="in.groupName",
        outputs={"arn": Template("arn:aws:xray:{region}:{account}:group/{in[groupName]}/LOCAL")},
        defaults={"insightsConfiguration": {"insightsEnabled": False, "notificationsEnabled": False}},
        not_emulated=_WHY,
    ),
    Row(
        type="aws:xray/samplingRule:SamplingRule",
        service="xray",
        create="CreateSamplingRule",
        called=False,
        id="in.ruleName",
        rename={name: f"SamplingRule.{name}" for name in _RULE},
        outputs={"arn": Template("arn:aws:xray:{region}:{account}:sampling-rule/{in[ruleName]}")},
        not_emulated=_WHY,
    ),
)
