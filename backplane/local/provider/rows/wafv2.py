"""AWS WAF."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row

ROWS = (
    Row(
        type="aws:wafv2/webAcl:WebAcl",
        service="wafv2",
        create="CreateWebACL",
        id="out.Summary.Id",
        name=Naming(limit=128, prefix_input="namePrefix"),
        dropped={},
        outputs={"arn": "out.Summary.ARN", "lockToken": "out.Summary.LockToken"},
        defaults={"applicationIntegrationUrl": "", "capacity": 0},
        not_emulated="stored, not done: no request is inspected",
    ),
)
