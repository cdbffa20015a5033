"""CloudWatch Logs; Pulumi has it under `cloudwatch`."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row, Step, Template

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
)
