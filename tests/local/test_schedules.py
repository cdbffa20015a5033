"""A schedule calls its function and sends to its queue, for real.

The emulator looks for due schedules every ten seconds; here it looks ten times a second, and all else is as
it comes. What this does not prove: the role's rights and trust, which the emulator doesn't ask for, and that
it is the alias that is called: the emulator calls the function behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from backplane.local.emulator import Emulator
from components import Function, FunctionArgs, Schedule, ScheduleArgs
from support.running import Runner
from support.waiting import until

PAST = "at(2020-01-31T12:00:00)"
IMPATIENT = """
import sys

if "hypercorn" in sys.orig_argv:  # the server, and not the functions that inherit its environment
    import ministack.services.scheduler

    ministack.services.scheduler._SCHEDULE_TICK_INTERVAL = 0.1
"""
JOB = """
import json


def handler(event, context):
    print(json.dumps({"swept": event}))
"""


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Runner]:
    """An emulator whose schedules don't keep a test waiting."""
    (tmp_path / "sitecustomize.py").write_text(IMPATIENT)
    (tmp_path / "job.py").write_text(JOB)
    with Emulator(environment={"PYTHONPATH": str(tmp_path)}) as running:
        yield Runner(tmp_path, running.endpoint)


def test_a_schedule_calls_its_function_with_the_payload_unless_it_is_disabled(impatient: Runner) -> None:
    def program() -> None:
        job = Function("job", FunctionArgs(handler="job.handler"))
        Schedule("sweep", ScheduleArgs(expression=PAST, target=job, payload={"tables": ["users"]}))
        Schedule("never", ScheduleArgs(expression=PAST, target=job, payload={"no": 1}, enabled=False))
        pulumi.export("logs", job.log_group.name)

    group = impatient(program).outputs["logs"]

    def lines() -> list[dict[str, object]]:
        events = impatient.client("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(event["message"]) for event in events if '"swept"' in event["message"]]

    until(lambda: bool(lines()))
    assert [line["swept"] for line in lines()] == [{"tables": ["users"]}]


def test_a_schedule_sends_the_payload_to_a_queue(impatient: Runner) -> None:
    def program() -> None:
        queue = aws.sqs.Queue("jobs")
        Schedule("sweep", ScheduleArgs(expression=PAST, target=queue, payload={"sweep": True}))
        pulumi.export("url", queue.url)

    url = impatient(program).outputs["url"]

    got = impatient.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [json.loads(message["Body"]) for message in got] == [{"sweep": True}]
