"""CloudWatch Logs; Pulumi has it under `cloudwatch`."""

from __future__ import annotations

from backplane.local.provider.table import Inputs, Naming, Row, Step, Template

_NO_DELIVERY = "stored, not done: nothing is delivered"


def _delivery(inputs: Inputs) -> None:
    """The SDK has a list of the one configuration."""
    found = inputs.get("s3DeliveryConfigurations")
    if isinstance(found, list):
        inputs["s3DeliveryConfigurations"] = found[0] if found else None


ROWS = (
    Row(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        create="CreateLogGroup",
        id="in.name",
        name=Naming(limit=512, prefix_input="namePrefix"),
        rename={"name": "logGroupName"},
        dropped={"skipDestroy": "says what happens on deletion, and nothing is deleted here"},
        steps=(
            Step(
                operation="PutRetentionPolicy",
                inputs=("retentionInDays",),
                given={"logGroupName": "id"},
                when="in.retentionInDays > `0`",  # 0 is for ever
            ),
        ),
        outputs={"arn": Template("arn:aws:logs:{region}:{account}:log-group:{id}")},
        defaults={"deletionProtectionEnabled": False, "logGroupClass": "STANDARD"},
    ),
    Row(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        service="logs",
        create="PutMetricFilter",
        id="in.name",
        name=Naming(limit=512),
        rename={
            "name": "filterName",
            "pattern": "filterPattern",
            "metricTransformation": "metricTransformations",
            "metricTransformation.name": "metricName",
            "metricTransformation.namespace": "metricNamespace",
            "metricTransformation.value": "metricValue",
        },
        defaults={"applyOnTransformedLogs": False},
        not_emulated="counts nothing",
    ),
    Row(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        service="logs",
        create="PutResourcePolicy",
        id="in.policyName || in.resourceArn",
        outputs={
            "policyScope": "in.resourceArn && 'RESOURCE' || 'ACCOUNT'",
            "revisionId": "out.revisionId",
        },
        defaults={"revisionId": ""},
        not_emulated="stored, not enforced: who may write logs is not asked",
    ),
    Row(
        type="aws:cloudwatch/logDeliverySource:LogDeliverySource",
        service="logs",
        create="PutDeliverySource",
        id="in.name",
        name=Naming(limit=60),
        result="deliverySource",
        not_emulated=_NO_DELIVERY,
    ),
    Row(
        type="aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        service="logs",
        create="PutDeliveryDestination",
        id="in.name",
        name=Naming(limit=60),
        result="deliveryDestination",
    ),
    Row(
        type="aws:cloudwatch/logDelivery:LogDelivery",
        service="logs",
        create="CreateDelivery",
        id="out.id",
        result="delivery",
        reshape=_delivery,
        rename={"s3DeliveryConfigurations": "s3DeliveryConfiguration"},
        defaults={"fieldDelimiter": "", "recordFields": [], "s3DeliveryConfigurations": []},
    ),
)
