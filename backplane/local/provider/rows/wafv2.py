"""AWS WAF."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row, Template

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
    Row(
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        service="wafv2",
        create="AssociateWebACL",
        id=Template("{in[webAclArn]},{in[resourceArn]}"),
        not_emulated="stored, not done: no request is inspected",
    ),
)
