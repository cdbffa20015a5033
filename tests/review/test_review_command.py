"""`backplane review` as a person or a workflow runs it: what is printed, and the exit status."""

import json
from pathlib import Path

import pytest
import typer
from review_previews import (
    FUNCTION,
    ROLE_POLICY,
    ROUTE,
    TABLE,
    UNKNOWN,
    Json,
    digest,
    graph,
    resource,
    state,
    step,
    urn,
    write,
)
from typer.testing import CliRunner, Result

from backplane.review import command

GOLDEN = Path(__file__).with_name("golden")
USERS = urn(TABLE, "users")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: backplane\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    return CliRunner().invoke(app, ["review", *arguments])


def previews(folder: Path, old: Json, new: Json) -> tuple[str, str]:
    return str(write(folder, "old.json", old)), str(write(folder, "new.json", new))


@pytest.fixture
def lost(project: Path) -> tuple[str, str]:
    return previews(project, graph(resource(TABLE, "users")), graph())


def test_two_previews_are_compared_and_the_markdown_is_printed(lost: tuple[str, str]) -> None:
    result = run(*lost)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("### Review of `backplane/prod`\n")


def test_a_guard_ends_with_3_and_names_each_resource(lost: tuple[str, str]) -> None:
    result = run(*lost, "--guard")
    assert result.exit_code == 3
    assert result.stdout.startswith("### Review of")
    assert result.stderr == f"not acknowledged: {USERS}\n"


def test_a_guard_passes_what_is_acknowledged_in_the_stack_s_file(
    lost: tuple[str, str], project: Path
) -> None:
    text = f"config:\n  backplane:acknowledge:\n    - urn: {USERS}\n      reason: moved\n"
    (project / "Pulumi.prod.yaml").write_text(text)
    assert run(*lost, "--guard").exit_code == 0


def test_the_configuration_of_another_place_counts_where_it_is_named(
    lost: tuple[str, str], project: Path
) -> None:
    other = project / "head.yaml"
    other.write_text(f"config:\n  backplane:acknowledge:\n    - {{urn: '{USERS}', reason: moved}}\n")
    assert run(*lost, "--guard", "--config", str(other)).exit_code == 0


def test_a_guard_passes_where_nothing_hurts(project: Path) -> None:
    old, new = previews(project, graph(), graph(resource(TABLE, "users")))
    assert run(old, new, "--guard").exit_code == 0


def test_a_guard_does_not_pass_a_preview_that_failed(project: Path) -> None:
    diagnostics = [{"severity": "error", "message": "error: no credentials"}]
    path = write(project, "preview.json", digest(diagnostics=diagnostics))
    result = run(str(path), "--guard")
    assert (result.exit_code, result.stderr) == (3, "no credentials\n")


def test_markdown_goes_to_a_file_and_json_to_standard_output(lost: tuple[str, str], project: Path) -> None:
    result = run(*lost, "--out", "comment.md", "--json")
    assert json.loads(result.stdout)["counts"] == {"delete": 1}
    assert (project / "comment.md").read_text().startswith("### Review of")


def test_the_engine_s_preview_is_read_alone(project: Path) -> None:
    path = write(project, "preview.json", digest(step("delete", state(TABLE, "users"))))
    result = run(str(path), "--guard")
    assert result.exit_code == 3
    assert "is deleted, and with it go data" in result.stdout


def test_the_region_comes_from_the_command_the_preview_or_the_file(project: Path) -> None:
    path = str(write(project, "preview.json", digest(step("create", None, state("aws:kms/key:Key", "k")))))
    regions = [
        json.loads(run(path, "--json", *more).stdout)["money"]["region"]
        for more in ((), ("--region", "us-east-1"))
    ]
    assert regions == ["eu-west-1", "us-east-1"]


WRONG = {
    "one of a program": (["old.json"], "old.json: is a preview by `backplane preview`"),
    "two of the engine": (["engine.json", "engine.json"], "engine.json: is a preview by `pulumi preview`"),
    "one of each": (["old.json", "engine.json"], "engine.json: is a preview by `pulumi preview`"),
    "three": (["old.json"] * 3, "review takes one preview or two, got 3"),
    "no file": (["old.json", "none.json"], "none.json: can't be read: No such file or directory"),
    "usage": (["old.json", "old.json", "--usage", "none.yaml"], "none.yaml: can't be read"),
    "config": (["old.json", "old.json", "--config", "none.yaml"], "none.yaml: can't be read"),
    "out": (["old.json", "old.json", "--out", "none/comment.md"], "none/comment.md: can't be written"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_ends_with_2_and_one_line(project: Path, arguments: list[str], message: str) -> None:
    write(project, "old.json", graph(resource(TABLE, "users")))
    write(project, "engine.json", digest())
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


def test_a_wrong_acknowledgement_ends_with_2_and_names_file_and_key(
    lost: tuple[str, str], project: Path
) -> None:
    (project / "Pulumi.prod.yaml").write_text("config:\n  backplane:acknowledge: yes\n")
    result = run(*lost)
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Pulumi.prod.yaml: backplane:acknowledge must be a list of urn and reason"
    )


def test_a_stack_s_name_can_not_lead_to_another_file(project: Path) -> None:
    (project / "Pulumi.x").mkdir()
    (project / "secret.yaml").write_text("config: [not, a, mapping]")
    text = json.dumps(graph(resource(TABLE, "users"))).replace(":prod:", ":x/../secret:")
    path = str(write(project, "evil.json", text))
    assert run(path, path).exit_code == 0


def test_the_stack_accepts_acknowledgements() -> None:
    from stacks import settings

    config = {
        "aws:region": "eu-west-1",
        "backplane:backend": "site-communications",
        "backplane:tenant": "demo",
        "backplane:tier": "development",
        "backplane:runbookUrl": "https://runbooks.example.com/x",
        "backplane:acknowledge": json.dumps([{"urn": USERS, "reason": "moved"}]),
    }
    assert settings.check(config, "Pulumi.dev.yaml") == []


# Three whole comments, to be read as a person would. What they prove is proven beside them.

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)
API = "aws:apigatewayv2/api:Api"


def a_new_field() -> list[Json]:
    """A user gets a phone number: an index, three functions that know of it, and a route that looks it up."""

    def users(*fields: str) -> Json:
        return {
            "attributes": [{"name": name, "type": "S"} for name in ("userId", *fields)],
            "billingMode": "PAY_PER_REQUEST",
            "deletionProtectionEnabled": True,
            "hashKey": "userId",
            "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
            "globalSecondaryIndexes": [
                {"name": f"{name}-index", "hashKey": name, "projectionType": "ALL"} for name in fields
            ],
        }

    def functions(version: str) -> list[Json]:
        return [
            resource(
                FUNCTION, name, {"code": {"archive": f"{version}{name}"}, "memorySize": 256, "timeout": 10}
            )
            for name in ("create-user", "get-user", "update-user")
        ]

    api = resource(API, "api", {"protocolType": "HTTP"})
    table = resource(TABLE, "users", users("email"), protect=True)
    role = resource("aws:iam/role:Role", "find-user-role", {"assumeRolePolicy": TRUST})
    inputs = {
        "architectures": ["arm64"],
        "memorySize": 256,
        "timeout": 10,
        "tracingConfig": {"mode": "Active"},
    }
    function = resource(FUNCTION, "find-user", inputs, dependencies=[role["urn"]])
    needs = [role["urn"], table["urn"]]
    unknown = {"policy": UNKNOWN, "role": UNKNOWN}
    route = {"routeKey": "GET /users/by-phone/{phone}", "authorizationType": "JWT", "apiId": UNKNOWN}
    call = {
        "action": "lambda:InvokeFunction",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": UNKNOWN,
    }
    name = "api-get-users-by-phone-one"
    added = [
        role,
        function,
        resource(ROLE_POLICY, "find-user-policy", unknown, dependencies=needs),
        resource("aws:cloudwatch/logGroup:LogGroup", "find-user-logs", {"retentionInDays": 90}),
        resource("aws:lambda/alias:Alias", "find-user-live", {"functionVersion": UNKNOWN}),
        resource("aws:apigatewayv2/integration:Integration", name, {"apiId": UNKNOWN}),
        resource(ROUTE, name, route, dependencies=[api["urn"]]),
        resource("aws:lambda/permission:Permission", name, call, dependencies=[function["urn"]]),
    ]
    after = {**table, "inputs": users("email", "phone")}
    return [graph(api, table, *functions("old-")), graph(api, after, *functions("new-"), *added)]


def a_replaced_table() -> list[Json]:
    """A table of production that gets another key; the real engine refuses, and says so."""
    base = {
        "attributes": [{"name": "userId", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "deletionProtectionEnabled": True,
        "hashKey": "userId",
        "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
    }
    old = state(TABLE, "users", base, id="users-1a2b3c4", protect=True, retainOnDelete=False)
    changed = {**base, "hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}
    new = state(TABLE, "users", changed, protect=True)
    why = {"diffReasons": ["attributes", "hashKey"], "replaceReasons": ["hashKey"]}
    detail = {"hashKey": {"kind": "update-replace", "inputDiff": False}}
    function = state(FUNCTION, "get-user", {"environment": {"variables": {"USERS_TABLE": "users-1a2b3c4"}}})
    later = state(
        FUNCTION,
        "get-user",
        {"environment": {"variables": {"USERS_TABLE": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}},
    )
    message = (
        f'error: unable to replace resource "{USERS}"\nas it is currently marked for protection. To '
        "unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run "
        "`pulumi up`"
    )
    return [
        digest(
            step("create-replacement", None, new, detailedDiff=detail, **why),
            step("replace", old, new, detailedDiff=detail, **why),
            step("delete-replaced", old, None, **why),
            step("update", function, later, diffReasons=["environment"]),
            diagnostics=[{"urn": USERS, "message": message, "severity": "error"}],
        )
    ]


def a_widened_policy() -> list[Json]:
    """Another action, all resources, and a publisher whose account isn't asked for any more."""
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/users-1a2b3c4"

    def policy(actions: list[str], where: str) -> str:
        logs = {
            "Effect": "Allow",
            "Action": "logs:PutLogEvents",
            "Resource": "arn:aws:logs:eu-west-1:123456789012:log-group:x:*",
        }
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": actions, "Resource": where}, logs],
            }
        )

    def publish(**more: object) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:123456789012:alerts-5d6e7f8",
            **more,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    pairs = [
        (
            ROLE_POLICY,
            "get-user-policy",
            policy(["dynamodb:GetItem"], table),
            policy(["dynamodb:GetItem", "dynamodb:DeleteItem"], table),
        ),
        (
            ROLE_POLICY,
            "list-messages-policy",
            policy(["dynamodb:Query"], table),
            policy(["dynamodb:Query"], "*"),
        ),
        (
            "aws:sns/topicPolicy:TopicPolicy",
            "alerts-policy",
            publish(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
            publish(),
        ),
    ]
    return [
        digest(
            *(
                step(
                    "update",
                    state(type_, name, {"policy": old}),
                    state(type_, name, {"policy": new}),
                    diffReasons=["policy"],
                )
                for type_, name, old, new in pairs
            )
        )
    ]


COMMENTS = {"new-field": a_new_field, "replaced-table": a_replaced_table, "widened-policy": a_widened_policy}


@pytest.mark.parametrize("name", COMMENTS)
def test_a_whole_comment_is_the_one_that_is_written_down(
    name: str, project: Path, request: pytest.FixtureRequest
) -> None:
    paths = [
        str(write(project, f"{index}.json", document)) for index, document in enumerate(COMMENTS[name]())
    ]
    result = run(*paths)
    assert result.exit_code == 0
    file = GOLDEN / f"{name}.md"
    if request.config.getoption("--write-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(result.stdout)
    assert file.read_text() == result.stdout, (
        f"{file.name} differs: run pytest tests/review --write-golden and review it"
    )


@pytest.mark.parametrize(("name", "status"), [("new-field", 0), ("replaced-table", 3), ("widened-policy", 3)])
def test_only_what_hurts_stops_a_guard(name: str, status: int, project: Path) -> None:
    paths = [
        str(write(project, f"{index}.json", document)) for index, document in enumerate(COMMENTS[name]())
    ]
    assert run(*paths, "--guard").exit_code == status
