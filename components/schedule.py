"""A schedule of EventBridge Scheduler: calls a function, or sends to a topic or a queue, at set times.

Creates the schedule, a group that holds it alone and carries its tags, and a role that may reach the target
and nothing else, which only this group can take on.

Costs: $1 a million calls beyond the 14 million that are free each month, and what the target costs
(https://aws.amazon.com/eventbridge/pricing/). Warming a function every 5 minutes is 8,640 calls a month and
keeps one copy warm; `FunctionArgs.provisioned_concurrency` keeps as many as it says.

Won't do: run to the second (AWS calls within the minute), call exactly once (a call may come twice, and the
target has to bear that), or send to a FIFO topic, which needs a message group that Scheduler can't give.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import Children, Component, ComponentArgs, json_text
from components._links import Statement
from components._policies import permissions, trust
from components._schedule_expressions import UTC, check_expression, check_time_zone, is_once
from components.function import Function
from components.topic import Topic

__all__ = ["Schedule", "ScheduleArgs"]

# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
MAX_RETRIES = 185
MAX_RETRY_SECONDS = 86_400
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
MAX_PAYLOAD_BYTES = 262_144

_SERVICE = "scheduler.amazonaws.com"


class ScheduleArgs(ComponentArgs):
    """Arguments of `Schedule`."""

    children: ClassVar[Children] = {
        "schedule": lambda: aws.scheduler.Schedule,
        "group": lambda: aws.scheduler.ScheduleGroup,
        "role": aws.iam.Role,
        "policy": aws.iam.RolePolicy,
    }

    expression: str
    """When: `rate(5 minutes)`, `cron(0 3 * * ? *)` (minutes, hours, day of month, month, day of week, year)
    or, once, `at(2030-01-31T12:00:00)`.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""

    target: Function | Topic | aws.sqs.Queue
    """What is called or sent to: a function by its alias, asynchronously; a topic; a queue."""

    payload: Mapping[str, Any] | None = None
    """The object that the target gets as JSON, at most 256 KB; outputs may be in it. Unset: a notification of
    Scheduler's own. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""

    time_zone: Annotated[str, pydantic.Field(max_length=50)] = UTC
    """The IANA time zone of `expression`: `Europe/Berlin`. Where there is summer time, a call in the hour
    that is left out doesn't come, and in the hour that comes twice it comes once."""

    message_group: Annotated[str, pydantic.Field(pattern=r"^[!-~]{1,128}$")] | None = None
    """The message group of a FIFO queue, 1-128 characters; the queue needs content-based deduplication, too.
    Required for such a queue, and for nothing else."""

    start: pydantic.AwareDatetime | None = None
    """The moment before which nothing is called; a rate counts from it. Unset, from creation on."""

    end: pydantic.AwareDatetime | None = None
    """The moment after which nothing is called. The schedule stays; it counts, and does nothing."""

    flexible_window_minutes: Annotated[int, pydantic.Field(ge=1, le=1440)] | None = None
    """Minutes within which AWS may choose the moment, 1-1,440, so that not everything comes at once. Unset:
    within the minute.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html"""

    retries: Annotated[int, pydantic.Field(ge=0, le=MAX_RETRIES)] = MAX_RETRIES
    """How often a call that AWS could not deliver is tried again, 0-185; a function that fails is Lambda's
    business. For warming, 0: a late call warms nothing."""

    retry_seconds: Annotated[int, pydantic.Field(ge=60, le=MAX_RETRY_SECONDS)] = MAX_RETRY_SECONDS
    """For how long it is tried again, 60-86,400 seconds."""

    dead_letter: aws.sqs.Queue | None = None
    """The standard queue of this Region that gets calls which could not be delivered; unset, they are
    dropped. https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"""

    kms_keys: Sequence[aws.kms.Key] = ()
    """Customer keys of the queues here, which the role may use then; a topic's own key is known."""

    enabled: bool = True
    """Whether it runs."""

    description: Annotated[str, pydantic.Field(max_length=512)] | None = None
    """What the console shows, at most 512 characters."""

    @pydantic.field_validator("expression")
    @classmethod
    def _expression_is_one(cls, expression: str) -> str:
        return check_expression(expression)

    @pydantic.field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str) -> str:
        return check_time_zone(name)

    @pydantic.field_validator("payload")
    @classmethod
    def _payload_is_json(cls, payload: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if payload is None:
            return payload
        try:
            size = len(json.dumps(payload, default=_known_size, allow_nan=False).encode())
        except (TypeError, ValueError) as error:
            raise ValueError(f"must be JSON: {error}") from None
        if size > MAX_PAYLOAD_BYTES:
            raise ValueError(f"must be at most {MAX_PAYLOAD_BYTES:,} bytes as JSON, got {size:,}")
        return payload

    @pydantic.model_validator(mode="after")
    def _period_fits(self) -> ScheduleArgs:
        if is_once(self.expression) and (self.start or self.end):
            raise ValueError(
                f"start and end must be unset for {self.expression}: AWS ignores them for one moment"
            )
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"end must be after start, {_stamp(self.start)}, got {_stamp(self.end)}")
        return self

    @pydantic.model_validator(mode="after")
    def _queue_settings_have_a_queue(self) -> ScheduleArgs:
        queue = isinstance(self.target, aws.sqs.Queue)
        if self.message_group is not None and not queue:
            kind = type(self.target).__name__
            raise ValueError(f"message_group must be unset unless target is a queue, which {kind} is not")
        if self.kms_keys and not queue and self.dead_letter is None:
            raise ValueError("kms_keys must be empty unless target or dead_letter is a queue")
        return self


class Schedule(Component):
    """Calls one target at set times.

    Children: `schedule`, `group`, `role`, `policy`.
    """

    schedule: aws.scheduler.Schedule
    """The main child."""

    group: aws.scheduler.ScheduleGroup
    """Holds this schedule alone: AWS lets a role trust a group, not a schedule, and tags groups alone. An
    account has up to 500 in a Region."""

    role: aws.iam.Role
    """What Scheduler takes on to reach the target."""

    policy: aws.iam.RolePolicy
    """All that the role may do."""

    schedule_arn: pulumi.Output[str]
    """ARN of the schedule."""

    schedule_name: pulumi.Output[str]
    """Physical name."""

    group_name: pulumi.Output[str]
    """Physical name of the group, which metrics carry."""

    def __init__(self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.group = aws.scheduler.ScheduleGroup(
            f"{name}-group", **args.overriding("group"), opts=self._child()
        )
        self.role = self._create_role(args)
        self.policy = aws.iam.RolePolicy(
            f"{name}-policy",
            **args.overriding("policy", role=self.role.name, policy=permissions(_statements(args))),
            opts=self._child(),
        )
        self.schedule = aws.scheduler.Schedule(
            name,
            **args.overriding(
                "schedule",
                group_name=self.group.name,
                schedule_expression=args.expression,
                schedule_expression_timezone=None if args.time_zone == UTC else args.time_zone,
                start_date=args.start and _stamp(args.start),
                end_date=args.end and _stamp(args.end),
                flexible_time_window=_window(args.flexible_window_minutes),
                state="ENABLED" if args.enabled else "DISABLED",
                description=args.description,
                target=_target(args, self.role.arn),
            ),
            # A call that came before its permission would be denied.
            opts=self._child(depends_on=[self.policy]),
        )
        self.schedule_arn, self.schedule_name = self.schedule.arn, self.schedule.name
        self.group_name = self.group.name
        self.register_outputs(
            {
                "scheduleArn": self.schedule_arn,
                "scheduleName": self.schedule_name,
                "groupName": self.group_name,
            }
        )

    def _create_role(self, args: ScheduleArgs) -> aws.iam.Role:
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        # The group and never the schedule, which AWS does not tell IAM:
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        condition = {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": self.group.arn}}
        return aws.iam.Role(
            f"{self.name}-role",
            **args.overriding("role", assume_role_policy=trust(_SERVICE, condition)),
            opts=self._child(),
        )


def _statements(args: ScheduleArgs) -> list[Statement]:
    """What the role may do: reach the target, and the queue of dead letters."""
    target = args.target
    statements: list[Statement] = []
    if isinstance(target, Function):
        statements += target.link("InvokeFunction").statements
    elif isinstance(target, Topic):
        statements += target.link("Publish").statements
    queues = [queue for queue in (target, args.dead_letter) if isinstance(queue, aws.sqs.Queue)]
    statements += [Statement(("sqs:SendMessage",), (queue.arn,)) for queue in queues]
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    statements += [Statement(("kms:Decrypt", "kms:GenerateDataKey"), (key.arn,)) for key in args.kms_keys]
    return statements


def _target(args: ScheduleArgs, role_arn: pulumi.Input[str]) -> dict[str, Any]:
    retry_policy = {
        "maximum_retry_attempts": args.retries,
        "maximum_event_age_in_seconds": args.retry_seconds,
    }
    target: dict[str, Any] = {"arn": _arn(args.target), "role_arn": role_arn, "retry_policy": retry_policy}
    if args.payload is not None:
        target["input"] = json_text(args.payload)
    if args.dead_letter is not None:
        target["dead_letter_config"] = {"arn": args.dead_letter.arn}
    if args.message_group is not None:
        target["sqs_parameters"] = {"message_group_id": args.message_group}
    return target


def _arn(target: Function | Topic | aws.sqs.Queue) -> pulumi.Output[str]:
    if isinstance(target, Function):
        return target.alias_arn
    return target.topic_arn if isinstance(target, Topic) else target.arn


def _window(minutes: int | None) -> dict[str, Any]:
    if minutes is None:
        return {"mode": "OFF"}
    return {"mode": "FLEXIBLE", "maximum_window_in_minutes": minutes}


def _stamp(moment: dt.datetime) -> str:
    """As AWS writes it: UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _known_size(value: object) -> str:
    if isinstance(value, pulumi.Output):
        return ""
    raise TypeError(f"{type(value).__name__} is not JSON")
