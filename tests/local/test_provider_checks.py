from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backplane.local import wire
from backplane.local.engine import ProgramError
from backplane.local.provider import AwsProvider, plan
from backplane.local.provider.rows import row_of
from support.running import REGION, Runner

TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
ATTRIBUTES = [{"name": "id", "type": "S"}]


@pytest.fixture
def provider() -> AwsProvider:
    return AwsProvider(Path(), config={"aws:region": REGION})


def refusal(provider: AwsProvider, type_: str, inputs: dict[str, Any]) -> str:
    with pytest.raises(ProgramError) as failure:
        provider.check(type_, "thing", inputs)
    return str(failure.value)


def test_an_unknown_type_is_refused_with_the_file_to_edit(provider: AwsProvider) -> None:
    said = refusal(provider, "aws:pipes/pipe:Pipe", {})

    assert "aws:pipes/pipe:Pipe is not known" in said
    assert "backplane/local/provider/rows/pipes.py" in said


def test_an_unknown_nested_input_is_refused_with_its_path_and_the_file_to_edit(provider: AwsProvider) -> None:
    inputs = {"hashKey": "id", "attributes": ATTRIBUTES, "ttl": {"enabled": True, "speed": "fast"}}

    said = refusal(provider, TABLE, inputs)

    assert "'ttl.speed'" in said
    assert "backplane/local/provider/rows/dynamodb.py" in said


def test_an_unknown_input_is_refused_even_when_its_value_is_not_known_yet(provider: AwsProvider) -> None:
    said = refusal(provider, TABLE, {"hashKey": "id", "attributes": ATTRIBUTES, "importTable": wire.UNKNOWN})

    assert "'importTable'" in said


def test_a_value_that_botocore_would_refuse_is_refused_in_a_preview(provider: AwsProvider) -> None:
    inputs = {"role": wire.UNKNOWN, "timeout": "soon", "code": wire.Archive(path="nowhere")}

    assert "Timeout, value: soon" in refusal(provider, FUNCTION, inputs)


def test_a_missing_member_is_refused_in_a_preview(provider: AwsProvider) -> None:
    assert 'Missing required parameter in input: "Code"' in refusal(
        provider, FUNCTION, {"role": wire.UNKNOWN}
    )


def test_what_only_aws_fills_inside_an_input_is_unknown_in_a_preview(provider: AwsProvider) -> None:
    given = {"domainName": "a.example", "domainNameConfiguration": {"certificateArn": "c"}}

    known = provider.preview("aws:apigatewayv2/domainName:DomainName", given)

    assert known["domainName"] == "a.example"
    assert known["domainNameConfiguration"] == {
        "certificateArn": "c",
        "hostedZoneId": wire.UNKNOWN,
        "targetDomainName": wire.UNKNOWN,
    }
    assert given["domainNameConfiguration"] == {"certificateArn": "c"}


def test_metric_maths_reaches_the_call() -> None:
    metric = {"namespace": "AWS/Lambda", "metricName": "Errors", "period": 60, "stat": "Sum"}
    queries = [
        {"id": "rate", "expression": "errors * 2", "returnData": True},
        {"id": "errors", "metric": {**metric, "dimensions": {"FunctionName": "work"}}},
    ]
    row = row_of("aws:cloudwatch/metricAlarm:MetricAlarm")

    made = plan.make(row, "rate", {"metricQueries": queries}, lambda _: b"")

    wanted = {
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Dimensions": [{"Name": "FunctionName", "Value": "work"}],
    }
    assert made.first.parameters["Metrics"] == [
        {"Id": "rate", "Expression": "errors * 2", "ReturnData": True},
        {"Id": "errors", "MetricStat": {"Metric": wanted, "Period": 60, "Stat": "Sum"}},
    ]


def test_a_preview_does_not_read_the_code(provider: AwsProvider) -> None:
    provider.check(FUNCTION, "work", {"role": "r", "code": wire.Archive(path="not/built/yet.zip")})


def test_a_preview_calls_nothing(provider: AwsProvider) -> None:
    with pytest.raises(ProgramError, match="can't be called in a preview"):
        provider.create("aws:sqs/queue:Queue", "jobs", {}, {})


def test_what_is_not_emulated_is_listed_in_a_preview_too(provider: AwsProvider) -> None:
    work = {"role": "r", "code": wire.Archive(path=".")}
    provider.check(FUNCTION, "traced", {**work, "tracingConfig": {"mode": "Active"}, "layers": ["l"]})
    provider.check(FUNCTION, "plain", {**work, "tracingConfig": {"mode": "PassThrough"}})

    assert provider.not_emulated == [
        "aws.lambda.Function layers: uploaded, not attached: functions see the packages of this machine",
        "aws.lambda.Function tracingConfig.mode: no traces",
        "aws.lambda.Function: runs on this machine's Python or Node, whatever runtime it declares",
    ]


@pytest.mark.parametrize(
    ("type_", "given"),
    [("aws:sns/topicPolicy:TopicPolicy", "arn"), ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl")],
)
def test_only_the_demand_for_tls_is_left_out_of_a_policy_and_listed(
    provider: AwsProvider, type_: str, given: str
) -> None:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    others = [
        {"Effect": "Allow", "Principal": "*", "Action": "a"},
        {"Effect": "Deny", "Principal": "*", "Action": "b"},
        {"Effect": "Deny", "Principal": "*", "Action": "c", "Condition": {**insecure, "IpAddress": {}}},
    ]
    tls = {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": insecure}
    inputs = {given: "x", "policy": json.dumps({"Version": "2012-10-17", "Statement": [tls, *others]})}

    made = plan.make(row_of(type_), "p", inputs, lambda _: b"")
    provider.check(type_, "p", inputs)

    (sent,) = (text for text in _texts(made.first.parameters) if text.startswith("{"))
    assert json.loads(sent)["Statement"] == others
    (note,) = provider.not_emulated
    assert "TLS" in note


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_a_policy_without_a_demand_for_tls_is_not_listed(provider: AwsProvider) -> None:
    provider.check("aws:sns/topicPolicy:TopicPolicy", "p", {"arn": "x", "policy": "{}"})

    assert provider.not_emulated == []


def test_no_region_is_said_with_the_fix() -> None:
    with pytest.raises(ProgramError, match="add `aws:region`"):
        AwsProvider(Path()).invoke("aws:index/getRegion:getRegion", {}, {})


def test_an_unknown_data_source_is_refused_with_the_file_to_edit(provider: AwsProvider) -> None:
    with pytest.raises(ProgramError, match="aws:ec2/getAmi:getAmi is not known here; add it to"):
        provider.invoke("aws:ec2/getAmi:getAmi", {}, {})


def test_region_and_account_of_data_sources_are_the_providers(provider: AwsProvider) -> None:
    caller = provider.invoke(
        "aws:index/getCallerIdentity:getCallerIdentity",
        {},
        {"region": "us-east-1", "accessKey": "111122223333"},
    )
    region = provider.invoke("aws:index/getRegion:getRegion", {}, {})

    assert (caller["accountId"], region["region"]) == ("111122223333", REGION)


def test_a_service_of_aws_is_where_it_answers() -> None:
    def address(provider: AwsProvider) -> str:
        found = provider.invoke("aws:index/getService:getService", {"serviceId": "cognito-idp"}, {})
        assert (found["serviceId"], found["region"]) == ("cognito-idp", REGION)
        return str(found["dnsName"])

    config = {"aws:region": REGION}
    assert address(AwsProvider(Path(), config=config)) == f"cognito-idp.{REGION}.amazonaws.com"
    assert address(AwsProvider(Path(), endpoint="http://127.0.0.1:4566", config=config)) == "127.0.0.1:4566"


def test_a_gone_emulator_is_said_plainly() -> None:
    provider = AwsProvider(Path(), endpoint="http://127.0.0.1:1", config={"aws:region": REGION})

    with pytest.raises(ProgramError) as failure:
        provider.create("aws:sqs/queue:Queue", "jobs", {}, {})

    assert str(failure.value) == (
        "sqs:CreateQueue got no answer: the emulator at http://127.0.0.1:1 is gone; "
        "start it again with `make up`"
    )


def test_code_that_is_not_there_is_said_with_its_path(up: Runner) -> None:
    provider = AwsProvider(up.folder, endpoint=up.endpoint, config=up.config)
    inputs = {"role": "r", "code": wire.Archive(assets={"a.py": wire.Asset(path="gone.py")})}

    with pytest.raises(ProgramError, match=r"gone\.py can't be read: No such file"):
        provider.create(FUNCTION, "work", inputs, {})


def test_a_resource_that_is_not_there_is_not_read(up: Runner) -> None:
    provider = AwsProvider(up.folder, endpoint=up.endpoint, config=up.config)

    with pytest.raises(ProgramError, match="dynamodb:DescribeTable answered ResourceNotFoundException"):
        provider.read(TABLE, "nowhere", {})
    with pytest.raises(ProgramError, match="can't be looked up; add `read` to its row"):
        provider.read("aws:sns/topicPolicy:TopicPolicy", "x", {})


def test_the_hosts_own_aws_settings_have_no_say(
    up: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile other]\nregion = us-gov-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    provider = AwsProvider(up.folder, endpoint=up.endpoint, config=up.config)

    created = provider.create("aws:sqs/queue:Queue", "jobs", {}, {})

    assert created.outputs["arn"].startswith("arn:aws:sqs:eu-west-1:000000000000:jobs-")


def test_a_type_of_another_provider_is_told_from_one_without_a_row() -> None:
    with pytest.raises(ProgramError, match="of another provider; here only pulumi_aws runs"):
        row_of("random:index/randomId:RandomId")
