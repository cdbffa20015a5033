"""KMS keys and aliases."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Read, Row, Step, Template

ROWS = (
    Row(
        type="aws:kms/key:Key",
        service="kms",
        create="CreateKey",
        id="out.KeyId",
        rename={"customerMasterKeySpec": "KeySpec"},
        dropped={"deletionWindowInDays": "says what happens on deletion, and nothing is deleted here"},
        steps=(
            Step(
                operation="EnableKeyRotation",
                inputs=("enableKeyRotation", "rotationPeriodInDays"),
                signals=("enableKeyRotation",),
                given={"KeyId": "id"},
                when="in.enableKeyRotation",
            ),
            Step(
                operation="DisableKey",
                inputs=("isEnabled",),
                signals=("isEnabled",),
                given={"KeyId": "id"},
                when="in.isEnabled == `false`",
            ),
        ),
        result="KeyMetadata",
        lookups={
            "got": Read(
                operation="GetKeyPolicy", given={"KeyId": "id", "PolicyName": "'default'"}, result="Policy"
            )
        },
        outputs={"policy": "in.policy || got"},
        defaults={"description": "", "multiRegion": False, "rotationPeriodInDays": 365},
        read=Read(operation="DescribeKey", given={"KeyId": "id"}, result="KeyMetadata"),
        inputs_not_emulated={"enableKeyRotation=True": "keys stay the same"},
    ),
    Row(
        type="aws:kms/alias:Alias",
        service="kms",
        create="CreateAlias",
        id="in.name",
        name=Naming(limit=256, before="alias/", prefix_input="namePrefix"),
        rename={"name": "AliasName"},
        lookups={
            "key": Read(operation="DescribeKey", given={"KeyId": "in.targetKeyId"}, result="KeyMetadata")
        },
        outputs={"arn": Template("arn:aws:kms:{region}:{account}:{id}"), "targetKeyArn": "key.Arn"},
    ),
)
