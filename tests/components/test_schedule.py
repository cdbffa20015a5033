"""A schedule reaches its one target when its expression says so, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components._schedule_expressions import check_cron, check_expression
from components.function import Function, FunctionArgs
from components.schedule import Schedule, ScheduleArgs
from components.topic import Topic, TopicArgs
from support.recorder import UNKNOWN, Graph, record

SCHEDULE = "aws:scheduler/schedule:Schedule"
GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
NOON = dt.datetime(2030, 1, 31, 12, 0, tzinfo=dt.UTC)
EXPRESSION = "ScheduleArgs.expression must "
RATE = "be rate(N minutes), rate(N hours) or rate(N days), N from 1 and the unit singular for 1, got "
CRON = "be cron(minutes hours day-of-month month day-of-week year), one space between, got "
AT = "be at(yyyy-mm-ddThh:mm:ss), a moment that exists, without a zone (that is time_zone), got "
ONE_QUESTION_MARK = "have '?' for day-of-month or for day-of-week, and for one of the two alone, got "

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def function() -> Function:
    return Function("job", FunctionArgs(handler="handlers.users.get.handler"))


def queue() -> aws.sqs.Queue:
    return aws.sqs.Queue("jobs")


def topic() -> Topic:
    return Topic("news", TopicArgs())


def graph(
    target: Callable[[], Any] = function,
    more: Callable[[], dict[str, Any]] = dict,
    *,
    preview: bool = False,
    **values: Any,
) -> Graph:
    def program() -> None:
        args = {"expression": "rate(5 minutes)", **values, **more()}
        Schedule("nightly", ScheduleArgs(target=target(), **args))

    return record(program, preview=preview)


def statements(found: Graph) -> list[Any]:
    policy = found.one(POLICY, "nightly-policy")
    assert policy.inputs["role"] == "nightly-role-name"
    document = json.loads(policy.inputs["policy"])
    assert {item["Effect"] for item in document["Statement"]} == {"Allow"}
    assert not [item for item in document["Statement"] if "Condition" in item]
    return [(item["Action"], item["Resource"]) for item in document["Statement"]]


def test_a_function_is_called_by_its_alias_and_by_nothing_else() -> None:
    found = graph()
    assert statements(found) == [(["lambda:InvokeFunction"], [ARN.format("lambda", "job-live")])]
    assert found.one(SCHEDULE).inputs["target"]["arn"] == ARN.format("lambda", "job-live")


def test_a_topic_is_published_to_and_nothing_else() -> None:
    found = graph(topic)
    assert statements(found) == [(["sns:Publish"], [ARN.format("sns", "news")])]
    assert found.one(SCHEDULE).inputs["target"]["arn"] == ARN.format("sns", "news")


def test_a_topics_own_key_may_be_used() -> None:
    found = graph(lambda: Topic("news", TopicArgs(publishers=["cloudwatch.amazonaws.com"])))
    assert statements(found) == [
        (["kms:Decrypt", "kms:GenerateDataKey"], [ARN.format("kms", "news-key")]),
        (["sns:Publish"], [ARN.format("sns", "news")]),
    ]


def test_a_queue_is_sent_to_and_nothing_else() -> None:
    found = graph(queue)
    assert statements(found) == [(["sqs:SendMessage"], [ARN.format("sqs", "jobs")])]
    assert "sqsParameters" not in found.one(SCHEDULE).inputs["target"]


def test_a_fifo_queue_gets_its_message_group() -> None:
    target = graph(queue, message_group="clean-up").one(SCHEDULE).inputs["target"]
    assert target["sqsParameters"] == {"messageGroupId": "clean-up"}


def test_dead_letters_go_to_their_queue_and_the_queues_key_may_be_used() -> None:
    found = graph(more=lambda: {"dead_letter": aws.sqs.Queue("lost"), "kms_keys": [aws.kms.Key("queues")]})
    assert statements(found) == [
        (["kms:Decrypt", "kms:GenerateDataKey"], [ARN.format("kms", "queues")]),
        (["lambda:InvokeFunction"], [ARN.format("lambda", "job-live")]),
        (["sqs:SendMessage"], [ARN.format("sqs", "lost")]),
    ]
    assert found.one(SCHEDULE).inputs["target"]["deadLetterConfig"] == {"arn": ARN.format("sqs", "lost")}


def test_only_this_schedules_group_in_this_account_takes_the_role_on() -> None:
    document = json.loads(graph().one(ROLE, "nightly-role").inputs["assumeRolePolicy"])
    assert document["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": "123456789012",
                    "aws:SourceArn": ARN.format("scheduler", "nightly-group"),
                }
            },
        }
    ]


@preview_and_up
def test_a_plain_schedule_runs_to_the_minute_in_its_own_group(*, preview: bool) -> None:
    found = graph(preview=preview)
    schedule = found.one(SCHEDULE, "nightly")
    assert schedule.inputs == {
        "groupName": UNKNOWN if preview else "nightly-group-name",
        "scheduleExpression": "rate(5 minutes)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "state": "ENABLED",
        "target": {
            "arn": UNKNOWN if preview else ARN.format("lambda", "job-live"),
            "roleArn": UNKNOWN if preview else ARN.format("iam", "nightly-role"),
            "retryPolicy": {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86_400},
        },
    }
    assert found.one(GROUP).name == "nightly-group"


@preview_and_up
def test_a_schedule_waits_for_its_permission(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(POLICY, "nightly-policy").urn in found.one(SCHEDULE).dependencies


@preview_and_up
def test_the_policies_are_unknown_as_long_as_the_arns_are(*, preview: bool) -> None:
    found = graph(preview=preview)
    policy = found.one(POLICY, "nightly-policy").inputs["policy"]
    trust = found.one(ROLE, "nightly-role").inputs["assumeRolePolicy"]
    assert (policy is UNKNOWN, trust is UNKNOWN) == (preview, preview)


@preview_and_up
def test_every_setting_reaches_the_schedule(*, preview: bool) -> None:
    inputs = (
        graph(
            preview=preview,
            expression="cron(0 3 ? * MON-FRI *)",
            time_zone="Europe/Berlin",
            start=NOON.astimezone(dt.timezone(dt.timedelta(hours=-5))),
            end=NOON + dt.timedelta(days=1),
            flexible_window_minutes=15,
            retries=2,
            retry_seconds=61,
            enabled=False,
            description="Sweeps up",
        )
        .one(SCHEDULE)
        .inputs
    )
    assert inputs["scheduleExpression"] == "cron(0 3 ? * MON-FRI *)"
    assert inputs["scheduleExpressionTimezone"] == "Europe/Berlin"
    assert (inputs["startDate"], inputs["endDate"]) == ("2030-01-31T12:00:00Z", "2030-02-01T12:00:00Z")
    assert inputs["flexibleTimeWindow"] == {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}
    assert inputs["target"]["retryPolicy"] == {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 61}
    assert (inputs["state"], inputs["description"]) == ("DISABLED", "Sweeps up")


@preview_and_up
def test_the_payload_is_json_with_its_outputs_filled_in(*, preview: bool) -> None:
    payload = {"warm": True, "queue": pulumi.Output.from_input("jobs"), "at": [1, {"deep": None}]}
    target = graph(preview=preview, payload=payload).one(SCHEDULE).inputs["target"]
    assert json.loads(target["input"]) == {"warm": True, "queue": "jobs", "at": [1, {"deep": None}]}


@preview_and_up
def test_an_unknown_output_makes_the_payload_unknown(*, preview: bool) -> None:
    found = graph(more=lambda: {"payload": {"queue": queue().name}}, preview=preview)
    text = found.one(SCHEDULE).inputs["target"]["input"]
    assert text is UNKNOWN if preview else json.loads(text) == {"queue": "jobs-name"}


def test_an_override_replaces_what_the_component_says() -> None:
    inputs = graph(overrides={"schedule": {"action_after_completion": "DELETE"}}).one(SCHEDULE).inputs
    assert inputs["actionAfterCompletion"] == "DELETE"


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "rate(90 days)",
        "cron(*/15 * * * ? *)",
        "cron(0 9 ? * MON-FRI *)",
        "cron(0,30 8-17 1,15 JAN,JUL ? 2030-2040)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 ? * 6L *)",
        "cron(0 0 ? * TUE#2 *)",
        "cron(5/10 0/2 1-7/2 2/3 ? 1970/5)",
        "at(2032-02-29T23:59:59)",
    ],
)
def test_aws_own_forms_are_taken(expression: str) -> None:
    assert check_expression(expression) == expression


def field_error(field: str, text: str, cron: str) -> str:
    ranges = {
        "minutes": "0-59, '*', lists, ascending ranges and steps of these",
        "hours": "0-23, '*', lists, ascending ranges and steps of these",
        "day-of-month": "1-31, '*', lists, ascending ranges and steps of these, '?', L or 15W",
        "month": "1-12 or JAN-DEC, '*', lists, ascending ranges and steps of these",
        "day-of-week": "1-7 or SUN-SAT, '*', lists, ascending ranges and steps of these, '?', L, 6L or 2#1",
        "year": "1970-2199, '*', lists, ascending ranges and steps of these",
    }
    return f"have {field} of {ranges[field]}, got {text!r} in {cron!r}"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "hourly",
            "be such as rate(5 minutes), cron(0 12 * * ? *) or at(2030-01-31T12:00:00), got 'hourly'",
        ),
        ("rate(0 minutes)", RATE + "'rate(0 minutes)'"),
        ("rate(1 minutes)", RATE + "'rate(1 minutes)'"),
        ("rate(5 minute)", RATE + "'rate(5 minute)'"),
        ("rate(10 seconds)", RATE + "'rate(10 seconds)'"),
        ("at(2031-02-29T00:00:00)", AT + "'at(2031-02-29T00:00:00)'"),
        ("at(2030-01-31T12:00:00Z)", AT + "'at(2030-01-31T12:00:00Z)'"),
        ("at(2030-01-31 12:00)", AT + "'at(2030-01-31 12:00)'"),
        ("cron(0 12 * * ?)", CRON + "'cron(0 12 * * ?)'"),
        ("cron(0  12 * * ? *)", CRON + "'cron(0  12 * * ? *)'"),
        ("cron(0 12 * * * *)", ONE_QUESTION_MARK + "'cron(0 12 * * * *)'"),
        ("cron(0 12 ? * ? *)", ONE_QUESTION_MARK + "'cron(0 12 ? * ? *)'"),
        ("cron(60 12 * * ? *)", field_error("minutes", "60", "cron(60 12 * * ? *)")),
        ("cron(? 12 * * ? *)", field_error("minutes", "?", "cron(? 12 * * ? *)")),
        ("cron(0 22-2 * * ? *)", field_error("hours", "22-2", "cron(0 22-2 * * ? *)")),
        ("cron(0 */0 * * ? *)", field_error("hours", "*/0", "cron(0 */0 * * ? *)")),
        ("cron(0 0 32W * ? *)", field_error("day-of-month", "32W", "cron(0 0 32W * ? *)")),
        ("cron(0 0 1,L * ? *)", field_error("day-of-month", "1,L", "cron(0 0 1,L * ? *)")),
        ("cron(0 0 1 Jan ? *)", field_error("month", "Jan", "cron(0 0 1 Jan ? *)")),
        ("cron(0 0 ? * 0 *)", field_error("day-of-week", "0", "cron(0 0 ? * 0 *)")),
        ("cron(0 0 ? * 2#6 *)", field_error("day-of-week", "2#6", "cron(0 0 ? * 2#6 *)")),
        ("cron(0 0 1 1 ? 1969)", field_error("year", "1969", "cron(0 0 1 1 ? 1969)")),
        ("cron(0 0 1 1-2-3 ? *)", field_error("month", "1-2-3", "cron(0 0 1 1-2-3 ? *)")),
        (f"cron({'0,' * 200}0 0 1 1 ? *)", "be 1-256 characters, got 417 characters"),
    ],
)
def test_rejects_what_aws_would_refuse(expression: str, message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        graph(expression=expression)
    assert str(refusal.value) == EXPRESSION + message


def item(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    ends = st.tuples(number, number).map(sorted)
    body = st.one_of(number.map(str), ends.map(lambda pair: f"{pair[0]}-{pair[1]}"), st.just("*"))
    step = st.one_of(st.just(""), st.integers(1, min(high, 9999)).map("/{}".format))
    return st.tuples(body, step).map("".join)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    return st.lists(item(low, high), min_size=1, max_size=3).map(",".join)


FIELDS = {"minutes": (0, 59), "hours": (0, 23), "days": (1, 31), "months": (1, 12), "years": (1970, 2199)}
CRONS = st.tuples(*(field(*bounds) for bounds in FIELDS.values()), field(1, 7), st.booleans()).map(
    lambda f: f"cron({f[0]} {f[1]} {f[2] if f[6] else '?'} {f[3]} {'?' if f[6] else f[5]} {f[4]})"
)


@given(CRONS)
def test_every_cron_of_allowed_numbers_is_taken(expression: str) -> None:
    assert check_cron(expression) == expression


@given(CRONS, st.integers(0, 5), st.integers(2200, 9999).map(str))
def test_a_number_out_of_every_range_is_refused_wherever_it_stands(
    expression: str, position: int, wrong: str
) -> None:
    parts = expression[5:-1].split(" ")
    parts[position] = wrong
    with pytest.raises(ValueError, match=wrong):
        check_cron(f"cron({' '.join(parts)})")


@given(st.text(max_size=40) | st.from_regex(r"(rate|cron|at)\([0-9A-Z*?/,#: -]{0,30}\)", fullmatch=True))
def test_any_text_is_taken_or_refused_in_one_line(text: str) -> None:
    try:
        assert check_expression(text) == text
    except ValueError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both ways are right


@given(st.integers(-5, 10**6), st.sampled_from(["minute", "hour", "day"]), st.booleans())
def test_a_rate_agrees_with_its_number(number: int, unit: str, plural: bool) -> None:
    expression = f"rate({number} {unit}{'s' if plural else ''})"
    if number >= 1 and plural == (number != 1):
        assert check_expression(expression) == expression
    else:
        with pytest.raises(ValueError, match="must be rate"):
            check_expression(expression)


@given(st.sampled_from(sorted(zoneinfo.available_timezones())))
def test_every_time_zone_is_taken(zone: str) -> None:
    assert graph(queue, time_zone=zone).one(SCHEDULE).inputs.get("scheduleExpressionTimezone", "UTC") == zone


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"time_zone": "europe/berlin"},
            "ScheduleArgs.time_zone must be an IANA time zone such as 'Europe/Berlin', got 'europe/berlin'",
        ),
        (
            {"expression": "at(2030-01-31T12:00:00)", "end": NOON},
            (
                "ScheduleArgs.start and end must be unset for at(2030-01-31T12:00:00): AWS ignores them for "
                "one moment"
            ),
        ),
        (
            {"start": NOON, "end": NOON},
            "ScheduleArgs.end must be after start, 2030-01-31T12:00:00Z, got 2030-01-31T12:00:00Z",
        ),
        (
            {"message_group": "jobs"},
            "ScheduleArgs.message_group must be unset unless target is a queue, which Function is not",
        ),
        (
            {"flexible_window_minutes": 1441},
            "ScheduleArgs.flexible_window_minutes must be 1-1,440 minutes, got 1441",
        ),
        ({"retries": 186}, "ScheduleArgs.retries must be 0-185, got 186"),
        ({"retry_seconds": 59}, "ScheduleArgs.retry_seconds must be 60-86,400 seconds, got 59"),
        (
            {"payload": {"at": NOON}},
            "ScheduleArgs.payload must be JSON: datetime is not JSON",
        ),
        (
            {"payload": {"text": "x" * 262_144}},
            "ScheduleArgs.payload must be at most 262,144 bytes as JSON, got 262,156",
        ),
    ],
)
def test_rejects_in_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        graph(**wrong)
    assert str(refusal.value) == message


def test_rejects_keys_without_a_queue() -> None:
    with pytest.raises(ArgumentError) as refusal:
        graph(more=lambda: {"kms_keys": [aws.kms.Key("queues")]})
    assert str(refusal.value) == (
        "ScheduleArgs.kms_keys must be empty unless target or dead_letter is a queue"
    )


def test_rejects_a_naive_moment() -> None:
    with pytest.raises(ArgumentError, match=r"ScheduleArgs\.start.*timezone"):
        graph(start=NOON.replace(tzinfo=None))
