"""A function may do what its links say, logs where its group is, and is called through `live`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._base import ArgumentError
from components._links import Condition, Link, Statement
from components.data_table import DataTable, DataTableArgs, Index
from components.function import RESERVED_ENVIRONMENT, Function, FunctionArgs
from components.python_layer import PythonLayer, PythonLayerArgs
from components.topic import Topic, TopicArgs
from support.recorder import UNKNOWN, Graph, record

ALIAS = "aws:lambda/alias:Alias"
FUNCTION = "aws:lambda/function:Function"
LAYER = "aws:lambda/layerVersion:LayerVersion"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
TOPIC = "aws:sns/topic:Topic"
WARM = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
HANDLER = "handlers.hello.handler"
OWN_LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": [ARN.format("cloudwatch", "hello-logs:*")],
}
TRACES = {
    "Effect": "Allow",
    "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    "Resource": ["*"],
}

both = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers/hello.py").write_text(
        "from handlers import words\n\ndef handler(e, c):\n    pass\n"
    )
    (tmp_path / "handlers/words.py").write_text("HELLO = 'hello'\n")
    (tmp_path / "handlers/unused.py").write_text("")
    (tmp_path / "requirements.txt").write_text("demo==1.0 --hash=sha256:00\n")
    return tmp_path


def declare(project: Path, *, preview: bool = False, **values: Any) -> Graph:
    return record(
        lambda: Function("hello", FunctionArgs(**{"handler": HANDLER, **values})),
        preview=preview,
        root=project,
    )


def statements(graph: Graph, name: str = "hello-policy") -> list[dict[str, Any]]:
    document = json.loads(graph.one(POLICY, name).inputs["policy"])
    assert document["Version"] == "2012-10-17"
    found: list[dict[str, Any]] = document["Statement"]
    return found


def grant(actions: Sequence[str], *arns: pulumi.Input[str], **environment: pulumi.Input[str]) -> Link:
    return Link((Statement(tuple(actions), tuple(arns)),), environment)


def refusal(**values: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        FunctionArgs(**{"handler": HANDLER, **values})
    return str(caught.value)


@both
def test_creates_the_function_with_all_that_it_needs(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview)
    parent = graph.component("hello").urn
    children = {(item.type, item.name) for item in graph.resources if item.parent == parent}
    assert children == {
        (FUNCTION, "hello"),
        (ROLE, "hello-role"),
        (POLICY, "hello-policy"),
        (LOG_GROUP, "hello-logs"),
        (ALIAS, "hello-live"),
    }


@both
def test_safe_defaults(project: Path, preview: bool) -> None:
    inputs = declare(project, preview=preview).one(FUNCTION).inputs
    assert inputs["architectures"] == ["arm64"]
    assert inputs["runtime"] == "python3.13"
    assert inputs["handler"] == HANDLER
    assert inputs["publish"] is True
    assert inputs["tracingConfig"] == {"mode": "Active"}
    assert not {"environment", "layers", "snapStart", "deadLetterConfig", "kmsKeyArn"} & set(inputs)
    assert "reservedConcurrentExecutions" not in inputs


@both
def test_declares_what_its_links_allow_by_names_that_a_preview_knows(project: Path, preview: bool) -> None:
    def program() -> None:
        table = DataTable(
            "users", DataTableArgs(partition_key="id", indexes=[Index("by-age", partition_key="age")])
        )
        letters = Topic("users", TopicArgs(kms_key=aws.kms.Key("key")))
        links = [table.link("PutItem", "GetItem"), table.link("Query", index="by-age")]
        Function("hello", FunctionArgs(handler=HANDLER, links=links, dead_letter=letters))

    access = record(program, preview=preview, root=project).component("hello").inputs["access"]
    assert [(item["Action"], item["Resource"]) for item in access] == [
        (["dynamodb:GetItem", "dynamodb:PutItem"], ["table/users"]),
        (["dynamodb:Query"], ["table/users/index/by-age"]),
        (["kms:Decrypt", "kms:GenerateDataKey"], ["key/users"]),
        (["sns:Publish"], ["topic/users"]),
    ]


def test_declares_nothing_where_that_would_not_be_all(project: Path) -> None:
    overridden = declare(project, overrides={"policy": {"policy": "{}"}})
    assert "access" not in overridden.component("hello").inputs

    def unnamed() -> None:
        key = aws.kms.Key("key")
        Function("hello", FunctionArgs(handler=HANDLER, links=[grant(["kms:Sign"], key.arn)]))

    assert "access" not in record(unnamed, root=project).component("hello").inputs


@both
def test_each_argument_reaches_its_own_input(project: Path, preview: bool) -> None:
    graph = declare(
        project,
        preview=preview,
        memory_mb=1024,
        timeout_seconds=29,
        ephemeral_storage_mb=513,
        runtime="python3.12",
        architecture="x86_64",
        reserved_concurrency=7,
        provisioned_concurrency=3,
        description="Says hello",
        tracing=False,
        log_retention_days=90,
    )
    inputs = graph.one(FUNCTION).inputs
    assert inputs["memorySize"] == 1024
    assert inputs["timeout"] == 29
    assert inputs["ephemeralStorage"] == {"size": 513}
    assert inputs["runtime"] == "python3.12"
    assert inputs["architectures"] == ["x86_64"]
    assert inputs["reservedConcurrentExecutions"] == 7
    assert inputs["description"] == "Says hello"
    assert inputs["tracingConfig"] == {"mode": "PassThrough"}
    assert graph.one(LOG_GROUP).inputs["retentionInDays"] == 90
    assert graph.one(WARM).inputs["provisionedConcurrentExecutions"] == 3


@both
def test_packs_only_what_the_handler_imports(project: Path, preview: bool) -> None:
    code = declare(project, preview=preview).one(FUNCTION).inputs["code"]
    assert {name: asset.path for name, asset in code.assets.items()} == {
        "handlers/hello.py": "handlers/hello.py",
        "handlers/words.py": "handlers/words.py",
    }


def test_packs_from_a_directory_below_the_root(project: Path) -> None:
    graph = declare(project, source_directory="handlers", handler="words.HELLO", include=["unused.py"])
    code = graph.one(FUNCTION).inputs["code"]
    assert {name: asset.path for name, asset in code.assets.items()} == {
        "unused.py": "handlers/unused.py",
        "words.py": "handlers/words.py",
    }


def test_writes_nothing_into_the_project(project: Path) -> None:
    before = sorted(project.rglob("*"))
    declare(project)
    assert sorted(project.rglob("*")) == before


@both
def test_only_lambda_may_take_on_the_role(project: Path, preview: bool) -> None:
    trust = json.loads(declare(project, preview=preview).one(ROLE).inputs["assumeRolePolicy"])
    assert trust["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_without_links_it_may_write_its_logs_and_traces_only(project: Path) -> None:
    assert statements(declare(project)) == [OWN_LOGS, TRACES]


def test_without_tracing_it_may_not_write_traces(project: Path) -> None:
    assert statements(declare(project, tracing=False)) == [OWN_LOGS]


def test_grants_exactly_its_links(project: Path) -> None:
    links = [
        grant(["dynamodb:PutItem"], "arn:a"),
        grant(["dynamodb:GetItem"], "arn:b"),
        grant(["dynamodb:Query"], "arn:a/index/one"),
    ]
    assert statements(declare(project, links=links, tracing=False)) == [
        {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:b"]},
        {"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": ["arn:a"]},
        {"Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": ["arn:a/index/one"]},
        OWN_LOGS,
    ]


def test_the_same_actions_on_several_resources_are_one_statement(project: Path) -> None:
    links = [
        grant(["dynamodb:PutItem", "dynamodb:GetItem"], "arn:b"),
        grant(["dynamodb:GetItem"], "arn:a", "arn:a"),
        grant(["dynamodb:PutItem"], "arn:a"),
    ]
    assert statements(declare(project, links=links, tracing=False)) == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": ["arn:a", "arn:b"],
        },
        OWN_LOGS,
    ]


def test_a_condition_holds_for_its_own_statement_alone(project: Path) -> None:
    conditions = (
        Condition("StringLike", "s3:prefix", ("b/*", "a/*")),
        Condition("StringLike", "s3:delimiter", ("/",)),
        Condition("Bool", "aws:SecureTransport", ("true",)),
    )
    listing = Link((Statement(("s3:ListBucket",), ("arn:bucket",), conditions),))
    links = [listing, grant(["s3:GetBucketLocation"], "arn:bucket"), grant(["s3:ListBucket"], "arn:other")]
    assert statements(declare(project, links=links, tracing=False)) == [
        OWN_LOGS,
        {"Effect": "Allow", "Action": ["s3:GetBucketLocation"], "Resource": ["arn:bucket"]},
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:bucket"],
            "Condition": {
                "Bool": {"aws:SecureTransport": ["true"]},
                "StringLike": {"s3:delimiter": ["/"], "s3:prefix": ["a/*", "b/*"]},
            },
        },
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:other"]},
    ]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_policy_does_not_depend_on_the_order_of_links(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("project")
    (root / "main.py").write_text("def handler(event, context):\n    pass\n")
    granted = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["s:A", "s:B", "t:C"]), st.sampled_from(["arn:1", "arn:2", "arn:3"])),
            max_size=5,
        )
    )
    links = [grant([action], arn) for action, arn in granted]
    shuffled = data.draw(st.permutations(links))
    one, two = (declare(root, handler="main.handler", links=list(item)) for item in (links, shuffled))
    assert one.one(POLICY).inputs["policy"] == two.one(POLICY).inputs["policy"]
    allowed = {
        (action, arn)
        for statement in statements(one)
        for action in statement["Action"]
        for arn in statement["Resource"]
    }
    own = {
        (action, arn) for item in (OWN_LOGS, TRACES) for action in item["Action"] for arn in item["Resource"]
    }
    assert allowed == {*granted, *own}


def test_the_policy_is_unknown_before_its_arns_are(project: Path) -> None:
    assert declare(project, preview=True).one(POLICY).inputs["policy"] == UNKNOWN


@both
def test_the_log_group_is_its_own_and_kept_for_a_while(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview)
    group = graph.one(LOG_GROUP)
    assert group.inputs == {"namePrefix": "/aws/lambda/hello-", "retentionInDays": 30}
    name = UNKNOWN if preview else "hello-logs-name"
    assert graph.one(FUNCTION).inputs["loggingConfig"] == {"logFormat": "JSON", "logGroup": name}


@both
def test_never_runs_without_its_policy_and_its_log_group(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview)
    needed = {graph.one(type_).urn for type_ in (POLICY, LOG_GROUP, ROLE)}
    assert needed <= set(graph.one(FUNCTION).dependencies)


@both
def test_live_is_the_published_version(project: Path, preview: bool) -> None:
    alias = declare(project, preview=preview).one(ALIAS, "hello-live")
    assert alias.inputs == {
        "name": "live",
        "functionName": UNKNOWN if preview else "hello-name",
        "functionVersion": UNKNOWN if preview else "hello-version",
    }


@both
def test_registers_what_callers_need(project: Path, preview: bool) -> None:
    outputs = declare(project, preview=preview).component("hello").outputs
    known = {
        "functionName": "hello-name",
        "functionArn": ARN.format("lambda", "hello"),
        "aliasArn": ARN.format("lambda", "hello-live"),
        "invokeArn": "hello-live-invokeArn",
    }
    assert outputs == (dict.fromkeys(known, UNKNOWN) if preview else known)


@both
def test_warm_copies_stand_behind_live(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview, provisioned_concurrency=2)
    warm = graph.one(WARM, "hello-warm")
    assert warm.parent == graph.component("hello").urn
    assert warm.inputs["qualifier"] == "live"
    assert warm.inputs["functionName"] == (UNKNOWN if preview else "hello-name")
    assert graph.one(ALIAS).urn in warm.dependencies


@both
def test_snap_start_is_for_published_versions(project: Path, preview: bool) -> None:
    graph = declare(project, preview=preview, snap_start=True)
    assert graph.one(FUNCTION).inputs["snapStart"] == {"applyOn": "PublishedVersions"}
    assert graph.all(WARM) == []


def with_topic(project: Path, *, preview: bool, publishers: Sequence[str] = ()) -> Graph:
    def program() -> None:
        topic = Topic("failed", TopicArgs(publishers=publishers))
        Function("hello", FunctionArgs(handler=HANDLER, dead_letter=topic, tracing=False))

    return record(program, preview=preview, root=project)


@both
def test_failed_calls_go_to_the_dead_letter_topic(project: Path, preview: bool) -> None:
    inputs = with_topic(project, preview=preview).one(FUNCTION).inputs
    assert inputs["deadLetterConfig"] == {"targetArn": UNKNOWN if preview else ARN.format("sns", "failed")}
    assert "environment" not in inputs


def test_may_publish_to_its_dead_letter_topic_only(project: Path) -> None:
    assert statements(with_topic(project, preview=False)) == [
        OWN_LOGS,
        {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [ARN.format("sns", "failed")]},
    ]


def test_may_use_the_key_of_its_dead_letter_topic(project: Path) -> None:
    graph = with_topic(project, preview=False, publishers=["events.amazonaws.com"])
    key = graph.one("aws:kms/key:Key").outputs["arn"]
    expected = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": [key]}
    assert expected in statements(graph)


@both
def test_environment_is_that_of_links_and_its_own(project: Path, preview: bool) -> None:
    link = grant(["s:A"], "arn:1", USERS_TABLE="users")
    graph = declare(project, preview=preview, links=[link], environment={"LOG_LEVEL": "info"})
    variables = graph.one(FUNCTION).inputs["environment"]["variables"]
    assert variables == {"LOG_LEVEL": "info", "USERS_TABLE": "users"}


def test_environment_may_be_encrypted_with_a_customer_key(project: Path) -> None:
    def program() -> None:
        key = aws.kms.Key("secret")
        Function("hello", FunctionArgs(handler=HANDLER, environment={"LEVEL": "1"}, kms_key=key))

    graph = record(program, root=project)
    assert graph.one(FUNCTION).inputs["kmsKeyArn"] == ARN.format("kms", "secret")
    assert statements(graph) == [OWN_LOGS, TRACES]


def test_refuses_a_variable_that_a_link_sets(project: Path) -> None:
    link = grant(["s:A"], "arn:1", USERS_TABLE="users")
    with pytest.raises(ArgumentError, match="environment of 'hello' sets USERS_TABLE, which a link sets"):
        declare(project, links=[link], environment={"USERS_TABLE": "mine"})


def test_refuses_two_links_that_set_one_variable(project: Path) -> None:
    links = [grant(["s:A"], "arn:1", X_ARN="one"), grant(["s:A"], "arn:2", X_ARN="two")]
    with pytest.raises(ArgumentError, match="hello: two links set X_ARN"):
        declare(project, links=links)


def test_counts_the_environment_in_bytes(project: Path) -> None:
    fits = {"AA": "é" * 2047}
    assert declare(project, environment=fits).one(FUNCTION).inputs["environment"]["variables"] == fits
    with pytest.raises(ArgumentError, match="at most 4,096 bytes, names and values together, got 4,097"):
        declare(project, environment={"AAA": "é" * 2047})


def with_layers(project: Path, *, preview: bool, **values: Any) -> Graph:
    def program() -> None:
        layers = [
            PythonLayer(name, PythonLayerArgs(requirements="requirements.txt")) for name in ("one", "two")
        ]
        Function("hello", FunctionArgs(**{"handler": HANDLER, "layers": layers, **values}))

    return record(program, preview=preview, root=project)


def test_layers_are_attached_in_order(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.python_layer.Lock.build", lambda lock, cache, _: lock.path(cache))
    inputs = with_layers(project, preview=False).one(FUNCTION).inputs
    assert inputs["layers"] == [ARN.format("lambda", "one"), ARN.format("lambda", "two")]


def test_a_layer_that_is_not_built_yet_is_unknown_in_preview(project: Path) -> None:
    assert with_layers(project, preview=True).one(FUNCTION).inputs["layers"] == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"architecture": "x86_64"}, "this function runs python3.13 on x86_64; give both the same"),
        ({"runtime": "python3.12"}, "this function runs python3.12 on arm64; give both the same"),
    ],
)
def test_refuses_a_layer_for_another_platform(project: Path, values: Mapping[str, str], text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        with_layers(project, preview=True, **values)
    assert str(caught.value).startswith("FunctionArgs.layers: 'one' is built for python3.13 on arm64 and ")
    assert text in str(caught.value)


def test_refuses_a_sixth_layer(project: Path) -> None:
    def program() -> None:
        layer = PythonLayer("one", PythonLayerArgs(requirements="requirements.txt"))
        Function("hello", FunctionArgs(handler=HANDLER, layers=[layer] * 6))

    with pytest.raises(ArgumentError, match=r"FunctionArgs.layers must be 0-5, got 6"):
        record(program, preview=True, root=project)


def linked(project: Path, verbs: Sequence[str], *, preview: bool) -> Graph:
    def program() -> None:
        callee = Function("hello", FunctionArgs(handler=HANDLER))
        Function("caller-one", FunctionArgs(handler=HANDLER, links=[callee.link(*verbs)], tracing=False))

    return record(program, preview=preview, root=project)


@both
def test_link_tells_the_caller_where_live_is(project: Path, preview: bool) -> None:
    variables = linked(project, ["InvokeFunction"], preview=preview).one(FUNCTION, "caller-one").inputs
    expected = UNKNOWN if preview else ARN.format("lambda", "hello-live")
    assert variables["environment"] == {"variables": {"HELLO_FUNCTION_ARN": expected}}


def test_link_grants_invoke_on_live_only(project: Path) -> None:
    graph = linked(project, ["InvokeFunction"], preview=False)
    assert statements(graph, "caller-one-policy")[0] == {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": [ARN.format("lambda", "hello-live")],
    }


@pytest.mark.parametrize("verbs", [[], ["Invoke"], ["InvokeFunction", "*"]])
def test_link_refuses_other_verbs(project: Path, verbs: Sequence[str]) -> None:
    with pytest.raises(ArgumentError, match="verbs must be among InvokeFunction"):
        linked(project, verbs, preview=True)


@pytest.mark.parametrize(
    ("child", "type_", "argument", "key"),
    [
        ("function", FUNCTION, {"memory_size": 131}, "memorySize"),
        ("role", ROLE, {"max_session_duration": 3601}, "maxSessionDuration"),
        ("policy", POLICY, {"name": "fixed"}, "name"),
        ("log_group", LOG_GROUP, {"log_group_class": "INFREQUENT_ACCESS"}, "logGroupClass"),
        ("alias", ALIAS, {"description": "now"}, "description"),
        ("provisioned_concurrency", WARM, {"skip_destroy": True}, "skipDestroy"),
    ],
)
def test_overrides_reach_the_child(
    project: Path, child: str, type_: str, argument: Mapping[str, Any], key: str
) -> None:
    graph = declare(project, preview=True, provisioned_concurrency=1, overrides={child: argument})
    assert [graph.one(type_).inputs[key]] == list(argument.values())


def test_children_do_not_inherit_the_callers_options(project: Path) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(depends_on=[aws.kms.Key("first")])
        Function("hello", FunctionArgs(handler=HANDLER), options)

    graph = record(program, preview=True, root=project)
    assert all(not item.aliases and not item.protect for item in graph.resources)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"handler": "handlers.hello.bye"}, "handlers/hello.py defines no 'bye'; its functions are: handler"),
        ({"handler": "handlers.nothing.handler"}, "there is no handlers/nothing.py"),
        ({"source_directory": "nowhere"}, "FunctionArgs.source_directory must be a directory, got"),
        ({"include": ["*.html"]}, "include: '*.html' matches no file"),
    ],
)
def test_refuses_a_wrong_package_before_any_resource(
    project: Path, values: Mapping[str, Any], message: str
) -> None:
    created: list[str] = []

    def program() -> None:
        pulumi.runtime.register_stack_transformation(record_type(created))
        pulumi.ComponentResource("test:index:Before", "before")
        Function("hello", FunctionArgs(**{"handler": HANDLER, **values}))

    with pytest.raises(ArgumentError) as caught:
        record(program, root=project)
    assert message in str(caught.value)
    assert created == ["test:index:Before"]


def record_type(created: list[str]) -> Callable[[pulumi.ResourceTransformationArgs], None]:
    def note(args: pulumi.ResourceTransformationArgs) -> None:
        created.append(args.type_)

    return note


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"memory_mb": 127}, "FunctionArgs.memory_mb must be 128-10,240 MB, got 127"),
        ({"memory_mb": 10_241}, "FunctionArgs.memory_mb must be 128-10,240 MB, got 10241"),
        ({"timeout_seconds": 0}, "FunctionArgs.timeout_seconds must be 1-900 seconds, got 0"),
        ({"timeout_seconds": 901}, "FunctionArgs.timeout_seconds must be 1-900 seconds, got 901"),
        ({"ephemeral_storage_mb": 511}, "FunctionArgs.ephemeral_storage_mb must be 512-10,240 MB, got 511"),
        ({"reserved_concurrency": -1}, "FunctionArgs.reserved_concurrency must be at least 0, got -1"),
        ({"provisioned_concurrency": 0}, "FunctionArgs.provisioned_concurrency must be at least 1, got 0"),
        ({"runtime": "python3.10"}, "FunctionArgs.runtime must be one of 'python3.11', 'python3.12'"),
        ({"architecture": "arm"}, "FunctionArgs.architecture must be one of 'arm64', 'x86_64', got 'arm'"),
        ({"log_retention_days": 31}, "FunctionArgs.log_retention_days must be one of 1, 3, 5, 7"),
        ({"handler": "handler"}, "FunctionArgs.handler must be module.function, 1-128 characters"),
        ({"handler": "a/b.handler"}, "FunctionArgs.handler must be module.function, 1-128 characters"),
        ({"handler": f"a.{'b' * 127}"}, "FunctionArgs.handler must be module.function, 1-128 characters"),
        ({"memory": 128}, "FunctionArgs.memory is not an argument; FunctionArgs takes architecture, "),
        ({"overrides": {"rule": {}}}, "FunctionArgs.overrides must name one of alias, function, log_group"),
        ({"timeout_seconds": "10"}, "FunctionArgs.timeout_seconds must be 1-900 seconds, got '10'"),
    ],
)
def test_refuses_wrong_arguments(values: Mapping[str, Any], message: str) -> None:
    assert refusal(**values).startswith(message)


def test_refuses_snap_start_with_provisioned_concurrency() -> None:
    message = refusal(snap_start=True, provisioned_concurrency=5)
    assert message.startswith(
        "FunctionArgs.snap_start excludes provisioned_concurrency (got True and 5): drop "
    )


def test_refuses_snap_start_before_python_3_12() -> None:
    assert "python3.12 or newer, got 'python3.11'" in refusal(snap_start=True, runtime="python3.11")


def test_refuses_snap_start_with_more_storage() -> None:
    assert "ephemeral_storage_mb of 512, got 513" in refusal(snap_start=True, ephemeral_storage_mb=513)


def test_refuses_more_warm_copies_than_may_run() -> None:
    message = refusal(provisioned_concurrency=5, reserved_concurrency=4)
    assert "provisioned_concurrency must be at most reserved_concurrency, 4, got 5" in message


@pytest.mark.parametrize("name", sorted(RESERVED_ENVIRONMENT - {"_HANDLER", "_X_AMZN_TRACE_ID"}))
@pytest.mark.parametrize("by", ["environment", "links"])
def test_refuses_variables_that_lambda_sets(name: str, by: Literal["environment", "links"]) -> None:
    value: Any = {name: "x"} if by == "environment" else [Link((), {name: "x"})]
    assert f"environment must leave {name} to Lambda" in refusal(**{by: value})


@given(name=st.text(max_size=8))
def test_accepts_a_variable_name_exactly_where_lambda_does(name: str) -> None:
    first, rest = name[:1], name[1:]
    allowed = (
        first.isascii()
        and first.isalpha()
        and rest != ""
        and all(c.isascii() and (c.isalnum() or c == "_") for c in rest)
    )
    if allowed:
        assert FunctionArgs(handler=HANDLER, environment={name: "x"}).environment == {name: "x"}
    else:
        assert "environment names must be letters" in refusal(environment={name: "x"})


@given(memory=st.integers(-10, 20_000), timeout=st.integers(-10, 2_000), storage=st.integers(0, 20_000))
def test_accepts_sizes_exactly_where_lambda_does(memory: int, timeout: int, storage: int) -> None:
    values = {"memory_mb": memory, "timeout_seconds": timeout, "ephemeral_storage_mb": storage}
    wrong = [
        name
        for name, ok in (
            ("memory_mb", 128 <= memory <= 10_240),
            ("timeout_seconds", 1 <= timeout <= 900),
            ("ephemeral_storage_mb", 512 <= storage <= 10_240),
        )
        if not ok
    ]
    if wrong:
        lines = refusal(**values).splitlines()
        assert [line.split(" ")[0] for line in lines] == [f"FunctionArgs.{name}" for name in wrong]
    else:
        assert FunctionArgs(handler=HANDLER, **values).memory_mb == memory  # type: ignore[arg-type]  # plain ints
