"""Application Auto Scaling, which the emulator doesn't have: inputs are checked, and nothing scales."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row, Template

_WHY = "nothing scales"

ROWS = (
    Row(
        type="aws:appautoscaling/target:Target",
        service="application-autoscaling",
        create="RegisterScalableTarget",
        called=False,
        not_emulated=_WHY,
        id="in.resourceId",
        outputs={
            "arn": Template(
                "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{in[resourceId]}"
            ),
            "roleArn": Template(
                "arn:aws:iam::{account}:role/aws-service-role/"
                "{in[serviceNamespace]}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling"
            ),
        },
        defaults={"suspendedState": {}},
    ),
    Row(
        type="aws:appautoscaling/policy:Policy",
        service="application-autoscaling",
        create="PutScalingPolicy",
        called=False,
        not_emulated=_WHY,
        id="in.name",
        name=Naming(limit=256),
        rename={"name": "PolicyName"},
        outputs={
            "arn": Template(
                "arn:aws:autoscaling:{region}:{account}:scalingPolicy:"
                "resource/{in[serviceNamespace]}/{in[resourceId]}:policyName/{in[name]}"
            )
        },
        defaults={"alarmArns": []},
    ),
)
