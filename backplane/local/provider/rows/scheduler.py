"""Schedules of EventBridge Scheduler, and their groups."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row

_NOT_RETRIED = "what can't be delivered is dropped at once"

ROWS = (
    Row(
        type="aws:scheduler/scheduleGroup:ScheduleGroup",
        service="scheduler",
        create="CreateScheduleGroup",
        id="in.name",
        name=Naming(limit=64, prefix_input="namePrefix"),
        outputs={"arn": "out.ScheduleGroupArn"},
        defaults={"creationDate": "", "lastModificationDate": "", "state": "ACTIVE"},
    ),
    Row(
        type="aws:scheduler/schedule:Schedule",
        service="scheduler",
        create="CreateSchedule",
        id="join('/', [in.groupName || 'default', in.name])",
        name=Naming(limit=64, prefix_input="namePrefix"),
        rename={
            "target.ecsParameters.networkConfiguration": "NetworkConfiguration.awsvpcConfiguration",
            "target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList",
        },
        outputs={"arn": "out.ScheduleArn"},
        defaults={"actionAfterCompletion": "NONE", "groupName": "default"},
        inputs_not_emulated={
            "flexibleTimeWindow.maximumWindowInMinutes": "runs at the beginning of its window",
            "scheduleExpressionTimezone": "times are read as UTC",
            "target.deadLetterConfig": _NOT_RETRIED,
            "target.retryPolicy": _NOT_RETRIED,
            "target.roleArn": "the role's rights are not asked for",
        },
    ),
)
