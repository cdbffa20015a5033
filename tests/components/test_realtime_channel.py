"""RealtimeChannel: routes, the authorizer, permissions, connections, links, deployments and logs.

What the emulator does not enforce is asserted here: permissions, throttles, access logs, route responses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local.engine import Created
from components._base import ArgumentError
from components._channel_routes import channel_slug, check_channel_routes
from components._throttle import Throttle
from components.function import Function, FunctionArgs
from components.realtime_channel import ChannelRoute, RealtimeChannel, RealtimeChannelArgs
from components.user_pool import UserPool, UserPoolArgs, UserPoolClient
from support.recorder import UNKNOWN, Graph, RecordedProvider, record

API = "aws:apigatewayv2/api:Api"
STAGE = "aws:apigatewayv2/stage:Stage"
DEPLOYMENT = "aws:apigatewayv2/deployment:Deployment"
ROUTE = "aws:apigatewayv2/route:Route"
RESPONSE = "aws:apigatewayv2/routeResponse:RouteResponse"
INTEGRATION = "aws:apigatewayv2/integration:Integration"
AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer"
PERMISSION = "aws:lambda/permission:Permission"
FUNCTION = "aws:lambda/function:Function"
POLICY = "aws:iam/rolePolicy:RolePolicy"
TABLE = "aws:dynamodb/table:Table"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ACCOUNT = "aws:apigateway/account:Account"

Run = Callable[..., Graph]


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def preview(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return None\n")
    return tmp_path


@pytest.fixture
def run(preview: bool, root: Path) -> Run:
    return lambda program: record(program, preview=preview, root=root)


@pytest.fixture
def up(root: Path) -> Run:
    """For what is only known after an up: the policies' text."""
    return lambda program: record(program, root=root)


def handler(**arguments: Any) -> FunctionArgs:
    return FunctionArgs(**{"handler": "app.handler", **arguments})


def channel(name: str = "realtime", **arguments: Any) -> RealtimeChannel:
    own = {role: handler() for role in ("authorizer", "connect", "disconnect", "default")}
    pool = UserPool("people", UserPoolArgs(clients={"app": UserPoolClient()}))
    return RealtimeChannel(name, RealtimeChannelArgs(**{"user_pool": pool, **own, **arguments}))


def settled(preview: bool, value: str) -> str:
    """A computed value: known after an up alone."""
    return UNKNOWN if preview else value


def statements(graph: Graph, function: str) -> list[tuple[list[str], list[str]]]:
    """What a function may do beyond writing its own logs and traces."""
    policy = json.loads(graph.one(POLICY, f"{function}-policy").inputs["policy"])
    return [
        (statement["Action"], statement["Resource"])
        for statement in policy["Statement"]
        if not any(action.startswith(("logs:", "xray:")) for action in statement["Action"])
    ]


def variables(graph: Graph, function: str) -> dict[str, Any]:
    values = graph.one(FUNCTION, function).inputs.get("environment", {})
    return dict(values.get("variables", {}))


def test_creates_a_websocket_api_that_routes_by_action(run: Run) -> None:
    graph = run(channel)
    api = graph.one(API, "realtime").inputs
    assert (api["protocolType"], api["routeSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")


def test_children_belong_to_the_component(run: Run) -> None:
    graph = run(channel)
    urn = graph.component("realtime").urn
    for type_ in (API, STAGE, DEPLOYMENT, ROUTE, RESPONSE, INTEGRATION, AUTHORIZER, PERMISSION):
        assert {child.parent for child in graph.all(type_)} == {urn}, type_
    for name in ("connections", "connect", "disconnect", "default", "authorizer"):
        assert graph.component(f"realtime-{name}").parent == urn


def test_each_route_has_its_function_integration_and_permission(run: Run) -> None:
    graph = run(lambda: channel(routes={"sendMessage": handler()}))
    names = {f"realtime-{name}" for name in ("connect", "disconnect", "default", "send-message")}
    assert {route.name for route in graph.all(ROUTE)} == names
    assert {integration.name for integration in graph.all(INTEGRATION)} == names
    assert {permission.name for permission in graph.all(PERMISSION)} == {*names, "realtime-authorizer"}
    assert {function.name for function in graph.all(FUNCTION)} == {*names, "realtime-authorizer"}
    keys = {route.inputs["routeKey"] for route in graph.all(ROUTE)}
    assert keys == {"$connect", "$disconnect", "$default", "sendMessage"}


def test_integrations_call_their_own_alias(run: Run, preview: bool) -> None:
    graph = run(channel)
    for role in ("connect", "disconnect", "default"):
        integration = graph.one(INTEGRATION, f"realtime-{role}").inputs
        assert integration["integrationType"] == "AWS_PROXY"
        assert integration["integrationUri"] == settled(preview, f"realtime-{role}-live-invokeArn")
        assert integration["timeoutMilliseconds"] == 29_000
        target = graph.one(ROUTE, f"realtime-{role}").inputs["target"]
        assert target == settled(preview, f"integrations/realtime-{role}-id")


def test_only_the_handshake_is_authorised_and_by_the_query_token(run: Run, preview: bool) -> None:
    graph = run(lambda: channel(routes={"typing": handler()}))
    authorizer = graph.one(AUTHORIZER, "realtime-authorizer").inputs
    assert authorizer == {
        "apiId": settled(preview, "realtime-id"),
        "authorizerType": "REQUEST",
        "authorizerUri": settled(preview, "realtime-authorizer-live-invokeArn"),
        "identitySources": ["route.request.querystring.token"],
    }
    connect = graph.one(ROUTE, "realtime-connect").inputs
    assert connect["authorizationType"] == "CUSTOM"
    assert connect["authorizerId"] == settled(preview, "realtime-authorizer-id")
    for name in ("disconnect", "default", "typing"):
        route = graph.one(ROUTE, f"realtime-{name}").inputs
        assert route["authorizationType"] == "NONE"
        assert "authorizerId" not in route


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("connect", "live/$connect"),
        ("disconnect", "live/$disconnect"),
        ("default", "live/$default"),
        ("send-message", "live/sendMessage"),
        ("authorizer", "authorizers/realtime-authorizer-id"),
    ],
)
def test_the_permission_is_for_one_route_or_authorizer_alone(
    run: Run,
    preview: bool,
    name: str,
    source: str,
) -> None:
    graph = run(lambda: channel(routes={"sendMessage": handler()}))
    assert graph.one(PERMISSION, f"realtime-{name}").inputs == {
        "action": "lambda:InvokeFunction",
        "function": settled(preview, f"realtime-{name}-name"),
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": settled(preview, f"realtime-executionArn/{source}"),
    }


def test_answers_go_back_to_the_client(run: Run, preview: bool) -> None:
    graph = run(lambda: channel(routes={"typing": handler()}))
    for name in ("default", "typing"):
        assert graph.one(ROUTE, f"realtime-{name}").inputs["routeResponseSelectionExpression"] == "$default"
        response = graph.one(RESPONSE, f"realtime-{name}").inputs
        assert response["routeResponseKey"] == "$default"
        assert response["routeId"] == settled(preview, f"realtime-{name}-id")
    assert len(graph.all(RESPONSE)) == 2
    assert "routeResponseSelectionExpression" not in graph.one(ROUTE, "realtime-connect").inputs


def test_connections_expire_and_are_found_by_user(run: Run) -> None:
    table = run(channel).one(TABLE, "realtime-connections").inputs
    assert table["hashKey"] == "connectionId"
    assert table["ttl"] == {"attributeName": "expiresAt", "enabled": True}
    (index,) = table["globalSecondaryIndexes"]
    assert index["name"] == "userId-index"
    assert index["keySchemas"] == [{"attributeName": "userId", "keyType": "HASH"}]
    assert index["projectionType"] == "ALL"


@pytest.mark.parametrize("protected", [True, False])
def test_connections_are_protected_only_where_asked(run: Run, protected: bool) -> None:
    table = run(lambda: channel(protect_connections=protected)).one(TABLE)
    assert table.inputs["deletionProtectionEnabled"] is protected
    assert table.protect is protected


def test_each_function_gets_exactly_what_it_needs(up: Run) -> None:
    graph = up(channel)
    table = "arn:aws:dynamodb:eu-west-1:123456789012:realtime-connections"
    assert statements(graph, "realtime-connect") == [(["dynamodb:PutItem"], [table])]
    assert statements(graph, "realtime-disconnect") == [(["dynamodb:DeleteItem"], [table])]
    assert statements(graph, "realtime-default") == []
    assert statements(graph, "realtime-authorizer") == []


def test_each_function_is_told_what_it_needs(run: Run) -> None:
    graph = run(channel)
    assert variables(graph, "realtime-connect").keys() == {"REALTIME_CONNECTIONS_TABLE"}
    assert variables(graph, "realtime-disconnect").keys() == {"REALTIME_CONNECTIONS_TABLE"}
    assert variables(graph, "realtime-authorizer").keys() == {"USER_POOL_ISSUER", "USER_POOL_CLIENT_IDS"}
    assert not variables(graph, "realtime-default")


def test_links_of_the_caller_stay(run: Run) -> None:
    graph = run(lambda: channel(connect=handler(environment={"LEVEL": "high"})))
    assert variables(graph, "realtime-connect").keys() == {"LEVEL", "REALTIME_CONNECTIONS_TABLE"}


def test_a_route_may_be_given_more(up: Run) -> None:
    route = ChannelRoute(handler(), connections=["GetItem"], find_by_user=True, send=True)
    graph = up(lambda: channel(routes={"typing": route}))
    table = "arn:aws:dynamodb:eu-west-1:123456789012:realtime-connections"
    assert sorted(statements(graph, "realtime-typing")) == [
        (["dynamodb:GetItem"], [table]),
        (["dynamodb:Query"], [f"{table}/index/userId-index"]),
        (["execute-api:ManageConnections"], ["realtime-executionArn/live/POST/@connections/*"]),
    ]
    assert variables(graph, "realtime-typing").keys() == {"REALTIME_CONNECTIONS_TABLE", "REALTIME_ENDPOINT"}
    assert variables(graph, "realtime-typing")["REALTIME_ENDPOINT"] == "realtime-apiEndpoint/live"


@pytest.mark.parametrize(
    ("verb", "method"),
    [("PostToConnection", "POST"), ("GetConnection", "GET"), ("DeleteConnection", "DELETE")],
)
def test_grants_one_call_on_this_channels_connections(up: Run, verb: str, method: str) -> None:
    def program() -> None:
        link = channel().link(verb)
        Function("sender", handler(links=[link]))

    graph = up(program)
    resource = f"realtime-executionArn/live/{method}/@connections/*"
    assert statements(graph, "sender") == [(["execute-api:ManageConnections"], [resource])]
    assert variables(graph, "sender") == {"REALTIME_ENDPOINT": "realtime-invokeUrl"}


def test_refuses_to_link_an_unknown_verb(run: Run) -> None:
    text = refused(run, lambda: channel().link("Send"))
    assert "DeleteConnection, GetConnection, PostToConnection; got 'Send'" in text


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        (
            "wss://id.execute-api.eu-west-1.amazonaws.com/live",
            "https://id.execute-api.eu-west-1.amazonaws.com/live",
        ),
        ("ws://127.0.0.1:4566/_aws/execute-api/id/live", "http://127.0.0.1:4566/_aws/execute-api/id/live"),
    ],
)
def test_messages_are_posted_where_clients_connect(
    up: Run, monkeypatch: pytest.MonkeyPatch, url: str, endpoint: str
) -> None:
    create = RecordedProvider.create

    def as_aws(provider: RecordedProvider, type_: str, *others: Any) -> Created:
        created = create(provider, type_, *others)
        if type_ == STAGE:
            created.outputs["invokeUrl"] = url
        return created

    monkeypatch.setattr(RecordedProvider, "create", as_aws)
    outputs = up(channel).component("realtime").outputs
    assert (outputs["url"], outputs["managementEndpoint"]) == (url, endpoint)


def test_outputs_are_unknown_until_the_channel_exists(run: Run, preview: bool) -> None:
    assert run(channel).component("realtime").outputs == {
        "url": settled(preview, "realtime-invokeUrl"),
        "managementEndpoint": settled(preview, "realtime-invokeUrl"),
        "apiId": settled(preview, "realtime-id"),
        "stageName": "live",
        "executionArn": settled(preview, "realtime-executionArn"),
    }


def test_the_stage_serves_the_deployment_with_limits(run: Run, preview: bool) -> None:
    stage = run(lambda: channel(throttle=Throttle(rate_limit=3, burst_limit=4))).one(STAGE, "realtime").inputs
    assert stage["name"] == "live"
    assert stage["deploymentId"] == settled(preview, "realtime-id")
    assert stage["defaultRouteSettings"] == {
        "throttlingRateLimit": 3.0,
        "throttlingBurstLimit": 4,
        "loggingLevel": "OFF",
        "dataTraceEnabled": False,
    }


def test_the_deployment_waits_for_every_route_and_response(run: Run) -> None:
    graph = run(lambda: channel(routes={"typing": handler()}))
    needed = {child.urn for type_ in (ROUTE, RESPONSE) for child in graph.all(type_)}
    assert needed <= set(graph.one(DEPLOYMENT, "realtime").dependencies)


def triggers(graph: Graph) -> dict[str, str]:
    return dict(graph.one(DEPLOYMENT).inputs["triggers"])


def test_the_routes_trigger_is_known_before_anything_exists(run: Run, preview: bool) -> None:
    found = triggers(run(channel))
    assert re.fullmatch(r"[0-9a-f]{64}", found["routes"])
    assert (found["targets"] == UNKNOWN) is preview


def test_a_new_route_makes_a_new_deployment(run: Run) -> None:
    before, after = triggers(run(channel)), triggers(run(lambda: channel(routes={"typing": handler()})))
    assert before["routes"] != after["routes"]


def test_the_same_routes_keep_their_deployment(run: Run) -> None:
    assert triggers(run(channel)) == triggers(run(channel))


def test_an_overridden_integration_makes_a_new_deployment(up: Run) -> None:
    overrides = {"integration": {"timeout_milliseconds": 1_000}}
    assert triggers(up(channel))["targets"] != triggers(up(lambda: channel(overrides=overrides)))["targets"]


def test_access_logs_are_json_in_a_log_group_of_their_own(run: Run, preview: bool) -> None:
    graph = run(lambda: channel(log_retention_days=7))
    group = graph.one(LOG_GROUP, "realtime-logs").inputs
    assert group == {"namePrefix": "/aws/vendedlogs/apis/realtime-", "retentionInDays": 7}
    settings = graph.one(STAGE).inputs["accessLogSettings"]
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:realtime-logs"
    assert settings["destinationArn"] == settled(preview, arn)
    fields = json.loads(settings["format"])
    assert {
        "requestId",
        "ip",
        "requestTime",
        "eventType",
        "routeKey",
        "status",
        "connectionId",
    } <= fields.keys()
    assert not re.search(r"query|header|token|principal", settings["format"], re.IGNORECASE)


def test_without_access_logs_there_is_no_log_group(run: Run) -> None:
    graph = run(lambda: channel(access_logs=False))
    assert "accessLogSettings" not in graph.one(STAGE).inputs
    assert "realtime-logs" not in {group.name for group in graph.all(LOG_GROUP)}


def test_the_accounts_log_role_is_left_alone(run: Run) -> None:
    assert not run(channel).all(ACCOUNT)


def test_one_stack_may_create_the_accounts_log_role_which_then_stays(run: Run, preview: bool) -> None:
    graph = run(lambda: channel(create_account_log_role=True))
    account = graph.one(ACCOUNT, "realtime-account-logs")
    role = graph.one("aws:iam/role:Role", "realtime-account-logs")
    attachment = graph.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "realtime-account-logs")
    assert account.retain_on_delete
    assert role.retain_on_delete
    assert attachment.retain_on_delete
    arn = "arn:aws:iam:eu-west-1:123456789012:realtime-account-logs"
    assert account.inputs["cloudwatchRoleArn"] == settled(preview, arn)
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert attachment.inputs["policyArn"].endswith("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
    assert attachment.urn in account.dependencies
    assert account.urn in graph.one(STAGE).dependencies


def test_overrides_reach_their_children(run: Run) -> None:
    overrides = {"api": {"version": "7"}, "connections": {"table_class": "STANDARD_INFREQUENT_ACCESS"}}
    graph = run(lambda: channel(overrides=overrides))
    assert graph.one(API).inputs["version"] == "7"
    assert graph.one(TABLE).inputs["tableClass"] == "STANDARD_INFREQUENT_ACCESS"


def refused(run: Run, program: Callable[[], Any]) -> str:
    with pytest.raises(ArgumentError) as raised:
        run(program)
    return str(raised.value)


@pytest.mark.parametrize("key", ["$connect", "$custom", "", "send message", "9lives", "send-", "a/b", "é"])
def test_refuses_a_route_key_that_is_no_name(run: Run, key: str) -> None:
    assert f"routes[{key!r}] must be letters" in refused(run, lambda: channel(routes={key: handler()}))


@pytest.mark.parametrize("key", ["connect", "Authorizer", "connections", "default", "disconnect"])
def test_refuses_the_names_of_its_own_parts(run: Run, key: str) -> None:
    assert "rename it" in refused(run, lambda: channel(routes={key: handler()}))


def test_names_both_routes_that_share_a_name(run: Run) -> None:
    text = refused(run, lambda: channel(routes={"sendMessage": handler(), "send_message": handler()}))
    assert "'sendMessage' and 'send_message' would both be called 'send-message'" in text


@pytest.mark.parametrize("role", ["authorizer", "connect", "disconnect", "default"])
def test_refuses_a_function_that_api_gateway_does_not_wait_for(run: Run, role: str) -> None:
    text = refused(run, lambda: channel(**{role: handler(timeout_seconds=30)}))
    assert f"RealtimeChannelArgs.{role}: " in text
    assert "29 seconds" in text
    assert text.endswith("got 30")


def test_refuses_a_log_role_without_logs(run: Run) -> None:
    assert "needs access_logs" in refused(
        run, lambda: channel(access_logs=False, create_account_log_role=True)
    )


def test_refuses_a_name_that_leaves_no_room_for_its_parts_before_anything_exists(run: Run) -> None:
    text = refused(run, lambda: channel("r" * 29))
    assert "must be 1-28 characters" in text
    assert "connections" in text
    assert "must be 1-7 characters" in refused(run, lambda: channel("realtime", routes={"a" * 32: handler()}))


def test_refuses_a_verb_that_the_connections_table_does_not_have(run: Run) -> None:
    route = ChannelRoute(handler(), connections=["Fetch"])
    assert "got 'Fetch'" in refused(run, lambda: channel(routes={"typing": route}))


def test_refuses_unknown_arguments(run: Run) -> None:
    assert "is not an argument" in refused(run, lambda: channel(idle_minutes=5))
    with pytest.raises(ArgumentError, match="is not an argument"):
        ChannelRoute(handler(), post=True)


@given(st.from_regex(r"[a-zA-Z][a-zA-Z0-9]*([_-][a-zA-Z0-9]+)*", fullmatch=True))
def test_every_route_key_has_a_component_name(key: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", channel_slug(key))


@given(st.lists(st.text(alphabet="aB_-9$", max_size=4), max_size=4, unique=True))
def test_routes_are_told_apart_by_name_or_refused(keys: list[str]) -> None:
    try:
        check_channel_routes(keys)
    except ValueError as error:
        assert any(repr(key) in str(error) for key in keys)  # noqa: PT017 - both outcomes are right
    else:
        assert len({channel_slug(key) for key in keys}) == len(keys)


def test_exports_what_clients_and_stacks_need(run: Run) -> None:
    def program() -> None:
        made = channel()
        pulumi.export("functions", sorted(made.functions))
        pulumi.export("connections", made.connections.name)

    outputs = run(program).outputs
    assert outputs["functions"] == ["$connect", "$default", "$disconnect", "authorizer"]
    assert outputs["connections"] == "realtime-connections"
