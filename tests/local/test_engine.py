from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from backplane.local import wire
from backplane.local.engine import ProgramError, _masked
from support.recorder import record
from support.running import Runner

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
)


def table(name: str, **arguments: Any) -> aws.dynamodb.Table:
    return aws.dynamodb.Table(
        name,
        attributes=[{"name": "id", "type": "S"}],
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        **arguments,
    )


def test_computed_outputs_are_unknown_in_a_preview_and_inputs_are_not(preview: Runner) -> None:
    def program() -> None:
        users = table("users")
        pulumi.export("arn", users.arn)
        pulumi.export("partitionKey", users.hash_key)

    outputs = preview(program).outputs

    assert outputs["arn"] is wire.UNKNOWN
    assert outputs["partitionKey"] == "id"


def test_a_resource_made_inside_apply_is_absent_from_the_preview(preview: Runner, up: Runner) -> None:
    def program() -> None:
        table("users").arn.apply(lambda _: aws.sqs.Queue("inside") and None)

    assert [resource.name for resource in preview(program).resources] == ["users"]
    assert {resource.name for resource in up(program).resources} == {"users", "inside"}


def test_a_plain_policy_document_over_an_unknown_arn_fails_in_preview_alone_as_on_the_real_engine(
    preview: Runner, up: Runner
) -> None:
    def program() -> None:
        queue = aws.sqs.Queue("jobs")
        document = aws.iam.get_policy_document(
            statements=[{"actions": ["sqs:SendMessage"], "resources": [queue.arn]}]
        )
        aws.iam.Policy("send", policy=document.json)

    up(program)
    with pytest.raises(AssertionError, match="get can only be used"):  # the SDK's words for an unknown answer
        preview(program)


def test_the_output_form_of_a_policy_document_is_unknown_in_a_preview(preview: Runner, up: Runner) -> None:
    def program() -> None:
        queue = aws.sqs.Queue("jobs", name="policy-document-jobs")
        document = aws.iam.get_policy_document_output(
            statements=[{"actions": ["sqs:SendMessage"], "resources": [queue.arn]}]
        )
        pulumi.export("document", document.json)

    assert preview(program).outputs["document"] is wire.UNKNOWN
    (statement,) = json.loads(up(program).outputs["document"])["Statement"]
    assert statement["Resource"] == "arn:aws:sqs:eu-west-1:000000000000:policy-document-jobs"


def test_two_resources_of_one_name_are_refused(preview: Runner) -> None:
    def program() -> None:
        table("users")
        table("users")

    with pytest.raises(ProgramError, match="two resources have this type, parent and name"):
        preview(program)


def test_a_resource_that_fails_names_itself_and_the_fix(up: Runner) -> None:
    def program() -> None:
        aws.iam.Role("worker", name="only-one", assume_role_policy=TRUST)
        aws.iam.Role("other", name="only-one", assume_role_policy=TRUST)

    with pytest.raises(ProgramError, match=r"Role '(worker|other)': iam:CreateRole answered") as failure:
        up(program)

    assert "make it unique" in str(failure.value)


def test_nothing_is_declared_after_a_failure(up: Runner) -> None:
    def program() -> None:
        good = aws.iam.Role("good", name="taken", assume_role_policy=TRUST)
        bad = aws.iam.Role("bad", name=good.name, assume_role_policy=TRUST)
        aws.sqs.Queue("after", name=bad.arn.apply(lambda _: "after-a-failure"))

    with pytest.raises(ProgramError, match="'bad'"):
        up(program)

    assert not up.client("sqs").list_queues(QueueNamePrefix="after-a-failure").get("QueueUrls")


def test_a_secret_stays_secret_in_outputs_that_come_from_it(up: Runner) -> None:
    def program() -> None:
        parameter = aws.ssm.Parameter("key", type="SecureString", value=pulumi.Output.secret("hunter2"))
        pulumi.export("value", parameter.value)
        pulumi.export("name", parameter.name)

    outputs = up(program).engine.outputs

    assert outputs["value"] == wire.Secret("hunter2")
    assert not isinstance(outputs["name"], wire.Secret)


def test_an_error_does_not_tell_a_secret(preview: Runner) -> None:
    def program() -> None:
        memory: Any = pulumi.Output.secret("hunter2")
        aws.lambda_.Function("worker", role="r", memory_size=memory)

    with pytest.raises(ProgramError, match=r"parameter MemorySize, value: \[secret\]") as failure:
        preview(program)

    assert "hunter2" not in str(failure.value)


def test_a_secret_inside_an_object_is_masked_in_the_error() -> None:
    inputs = {"a": [{"b": wire.Secret({"c": "hunter2"})}], "d": "public"}

    assert _masked("got hunter2 and public", inputs) == "got [secret] and public"


def test_an_explicit_provider_decides_region_and_account(up: Runner) -> None:
    def program() -> None:
        there = aws.Provider("there", region="us-west-2", access_key="111122223333", secret_key="x")
        pulumi.export("arn", table("elsewhere", opts=pulumi.ResourceOptions(provider=there)).arn)

    arn, _, name = up(program).outputs["arn"].rpartition("/")

    assert arn == "arn:aws:dynamodb:us-west-2:111122223333:table"
    assert up.client("dynamodb", "us-west-2", "111122223333").list_tables()["TableNames"] == [name]
    assert name not in up.client("dynamodb").list_tables()["TableNames"]


def test_a_provider_setting_that_is_not_known_is_refused(up: Runner) -> None:
    def program() -> None:
        strange = aws.Provider("strange", region="eu-west-1", http_proxy="http://127.0.0.1:1")
        table("users", opts=pulumi.ResourceOptions(provider=strange))

    with pytest.raises(ProgramError, match="provider setting httpProxy is not known here"):
        up(program)


def test_default_tags_of_a_provider_reach_the_resource(up: Runner) -> None:
    def program() -> None:
        tagging = aws.Provider("tagging", region="eu-west-1", default_tags={"tags": {"team": "a", "b": "c"}})
        users = table("users", tags={"b": "own"}, opts=pulumi.ResourceOptions(provider=tagging))
        pulumi.export("all", users.tags_all)

    assert up(program).outputs["all"] == {"team": "a", "b": "own"}


@pytest.mark.parametrize(
    ("break_", "what"),
    [
        (lambda: pulumi.StackReference("other/stack/dev"), "only Pulumi keeps"),
        (lambda: aws.glue.Job("job", role_arn="r", command={"scriptLocation": "s"}), "add its row to ROWS"),
    ],
)
def test_what_this_engine_cannot_do_is_said(preview: Runner, break_: Callable[[], Any], what: str) -> None:
    with pytest.raises(ProgramError, match=what):
        preview(break_)


def test_the_graph_has_parents_dependencies_and_protection() -> None:
    def program() -> None:
        users = table("users", opts=pulumi.ResourceOptions(protect=True))
        opts = pulumi.ResourceOptions(parent=users, depends_on=[users])
        aws.sqs.Queue("jobs", opts=opts)

    graph = record(program)
    queue, users = graph.one("aws:sqs/queue:Queue"), graph.one("aws:dynamodb/table:Table")

    assert (queue.parent, queue.dependencies, users.protect) == (users.urn, (users.urn,), True)
    assert queue.urn == ("urn:pulumi:test::backplane::aws:dynamodb/table:Table$aws:sqs/queue:Queue::jobs")
