"""Route 53 zones and records."""

from __future__ import annotations

import uuid
from typing import Any

from backplane.local.provider.table import Inputs, Match, Naming, Row, Template

_NO_ANSWERS = "stored, with no name server to answer"
_ZONE_ID = Match("out.HostedZone.Id", r"([^/]+)$")


def _zone(inputs: Inputs) -> None:
    inputs["CallerReference"] = str(uuid.uuid4())
    inputs["HostedZoneConfig"] = {"Comment": inputs.pop("comment", "Managed by Pulumi")}


def _record(inputs: Inputs) -> None:
    zone = inputs.pop("zoneId")
    values = inputs.pop("records", None)
    targets = inputs.pop("aliases", None)
    record: dict[str, Any] = dict(inputs)
    inputs.clear()
    if isinstance(values, list):
        record["ResourceRecords"] = [{"Value": value} for value in values]
    if isinstance(targets, list) and targets and isinstance(targets[0], dict):
        target = targets[0]
        record["AliasTarget"] = {
            "DNSName": target.get("name"),
            "HostedZoneId": target.get("zoneId"),
            "EvaluateTargetHealth": target.get("evaluateTargetHealth"),
        }
    inputs["HostedZoneId"] = zone
    inputs["ChangeBatch"] = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}


ROWS = (
    Row(
        type="aws:route53/zone:Zone",
        service="route53",
        create="CreateHostedZone",
        id=_ZONE_ID,
        name=Naming(limit=1024),
        reshape=_zone,
        dropped={
            "forceDestroy": "says what happens on deletion, and nothing is deleted here",
            "tags": "kept by Pulumi; the emulator's zones take none when they are created",
        },
        outputs={
            "arn": Template("arn:aws:route53:::hostedzone/{id}"),
            "zoneId": "id",
            "nameServers": "out.DelegationSet.NameServers",
            "primaryNameServer": "out.DelegationSet.NameServers[0]",
        },
        defaults={
            "comment": "Managed by Pulumi",
            "enableAcceleratedRecovery": False,
            "nameServers": [],
            "primaryNameServer": "",
        },
        not_emulated=_NO_ANSWERS,
    ),
    Row(
        type="aws:route53/record:Record",
        service="route53",
        create="ChangeResourceRecordSets",
        id="join('_', [in.zoneId, in.name, in.type])",
        reshape=_record,
        dropped={"allowOverwrite": "records are always overwritten here"},
        outputs={"fqdn": "in.name"},
        defaults={"allowOverwrite": False},
        not_emulated=_NO_ANSWERS,
    ),
)
