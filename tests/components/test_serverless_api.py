"""ServerlessApi: routes, tokens, permissions, limits, logs and the domain.

What the emulator does not enforce is asserted here: permissions, throttles, access logs, timeouts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local.engine import Created
from components._base import ArgumentError
from components._cors import Cors
from components._domain import Domain
from components.function import Function
from components.serverless_api import Route, ServerlessApi, ServerlessApiArgs, Throttle
from support.apis import Run, answering, people
from support.recorder import UNKNOWN, RecordedProvider

API = "aws:apigatewayv2/api:Api"
STAGE = "aws:apigatewayv2/stage:Stage"
ROUTE = "aws:apigatewayv2/route:Route"
INTEGRATION = "aws:apigatewayv2/integration:Integration"
AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer"
PERMISSION = "aws:lambda/permission:Permission"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
DOMAIN = "aws:apigatewayv2/domainName:DomainName"
MAPPING = "aws:apigatewayv2/apiMapping:ApiMapping"
RECORD = "aws:route53/record:Record"


def api(routes: Mapping[str, Function | Route], **arguments: Any) -> ServerlessApi:
    return ServerlessApi("api", ServerlessApiArgs(routes=routes, **arguments))


def closed(**arguments: Any) -> ServerlessApi:
    return api({"POST /users": answering()}, user_pool=people(), **arguments)


def opened(**arguments: Any) -> ServerlessApi:
    return api({"GET /health": Route(answering(), public=True)}, **arguments)


def settled(preview: bool, value: str) -> str:
    """A computed value: known after an up alone."""
    return UNKNOWN if preview else value


def test_creates_one_http_api_that_deploys_by_itself(run: Run) -> None:
    graph = run(opened)
    assert graph.one(API, "api").inputs["protocolType"] == "HTTP"
    stage = graph.one(STAGE, "api").inputs
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)


def test_children_belong_to_the_component(run: Run) -> None:
    graph = run(closed)
    urn = graph.component("api").urn
    for type_ in (API, STAGE, ROUTE, INTEGRATION, AUTHORIZER, PERMISSION):
        assert graph.one(type_).parent == urn, type_
    assert graph.one(LOG_GROUP, "api-logs").parent == urn


def test_children_are_called_after_their_route(run: Run) -> None:
    routes = ["POST /users", "GET /users/{userId}", "$default", "ANY /files/{path+}"]
    graph = run(lambda: api(dict.fromkeys(routes, answering()), user_pool=people()))
    names = {"api-post-users", "api-get-users-one", "api-default", "api-any-files-all"}
    for type_ in (ROUTE, INTEGRATION, PERMISSION):
        assert {child.name for child in graph.all(type_)} == names


def test_every_route_wants_a_token_of_the_pool(run: Run, preview: bool) -> None:
    graph = run(closed)
    route = graph.one(ROUTE).inputs
    assert route["authorizationType"] == "JWT"
    assert route["authorizerId"] == settled(preview, "api-jwt-id")
    authorizer = graph.one(AUTHORIZER, "api-jwt").inputs
    assert authorizer["authorizerType"] == "JWT"
    assert authorizer["identitySources"] == ["$request.header.Authorization"]
    assert len(authorizer["jwtConfiguration"]["audiences"]) == 2


def test_a_public_route_wants_none(run: Run) -> None:
    def program() -> None:
        function = answering()
        api({"GET /health": Route(function, public=True), "POST /users": function}, user_pool=people())

    graph = run(program)
    health = graph.one(ROUTE, "api-get-health").inputs
    assert health["authorizationType"] == "NONE"
    assert "authorizerId" not in health
    assert graph.one(ROUTE, "api-post-users").inputs["authorizationType"] == "JWT"


def test_only_the_chosen_clients_are_audiences(run: Run, preview: bool) -> None:
    graph = run(lambda: closed(clients=["web"]))
    audiences = graph.one(AUTHORIZER).inputs["jwtConfiguration"]["audiences"]
    assert len(audiences) == 1
    assert preview or "web" in audiences[0]


def test_scopes_of_the_route_win_over_those_of_the_api(run: Run) -> None:
    def program() -> None:
        function = answering()
        routes = {"GET /a": function, "GET /b": Route(function, scopes=["users/write"])}
        api(routes, user_pool=people(), scopes=["users/read"])

    graph = run(program)
    assert graph.one(ROUTE, "api-get-a").inputs["authorizationScopes"] == ["users/read"]
    assert graph.one(ROUTE, "api-get-b").inputs["authorizationScopes"] == ["users/write"]


def test_integrations_call_the_alias_with_payload_2(run: Run, preview: bool) -> None:
    integration = run(closed).one(INTEGRATION).inputs
    assert integration["integrationType"] == "AWS_PROXY"
    assert integration["payloadFormatVersion"] == "2.0"
    assert integration["integrationUri"] == settled(preview, "create-user-live-invokeArn")
    assert integration["timeoutMilliseconds"] == 30_000


def test_a_route_may_have_its_caller_wait_less(run: Run) -> None:
    def program() -> None:
        slow = answering("slow", timeout_seconds=60)
        api({"POST /jobs": Route(slow, public=True, timeout_seconds=5)})

    assert run(program).one(INTEGRATION).inputs["timeoutMilliseconds"] == 5_000


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("GET /users/{userId}", "/$default/GET/users/{userId}"),
        ("POST /users", "/$default/POST/users"),
        ("GET /", "/$default/GET/"),
        ("ANY /files/{path+}", "/$default/*/files/{path+}"),
        ("$default", "/$default/$default"),
    ],
)
def test_the_permission_is_for_this_route_of_this_stage_alone(
    run: Run,
    preview: bool,
    key: str,
    path: str,
) -> None:
    permission = run(lambda: api({key: answering()}, user_pool=people())).one(PERMISSION).inputs
    assert permission == {
        "action": "lambda:InvokeFunction",
        "function": settled(preview, "create-user-name"),
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": settled(preview, f"api-executionArn{path}"),
    }


def test_every_integration_has_its_permission(run: Run) -> None:
    def program() -> None:
        one, other = answering("one"), answering("other")
        api({"GET /a": one, "GET /b": other, "GET /c": one}, user_pool=people())

    graph = run(program)
    names = [permission.name for permission in graph.all(PERMISSION)]
    assert sorted(names) == sorted(integration.name for integration in graph.all(INTEGRATION))
    assert len(names) == 3


def test_the_stage_throttles_and_a_route_may_differ(run: Run) -> None:
    def program() -> None:
        function = answering()
        routes = {
            "GET /a": function,
            "GET /b": Route(function, throttle=Throttle(rate_limit=3, burst_limit=4)),
        }
        api(routes, user_pool=people(), throttle=Throttle(rate_limit=1, burst_limit=2))

    graph = run(program)
    stage = graph.one(STAGE)
    assert stage.inputs["defaultRouteSettings"] == {
        "throttlingRateLimit": 1.0,
        "throttlingBurstLimit": 2,
        "detailedMetricsEnabled": False,
    }
    assert stage.inputs["routeSettings"] == [
        {
            "routeKey": "GET /b",
            "throttlingRateLimit": 3.0,
            "throttlingBurstLimit": 4,
            "detailedMetricsEnabled": False,
        }
    ]
    assert {route.urn for route in graph.all(ROUTE)} <= set(stage.dependencies)


def test_the_stage_throttles_without_being_told(run: Run) -> None:
    settings = run(opened).one(STAGE).inputs["defaultRouteSettings"]
    assert settings["throttlingRateLimit"] == 100
    assert settings["throttlingBurstLimit"] == 200


def test_access_logs_are_json_in_a_log_group_of_its_own(run: Run, preview: bool) -> None:
    graph = run(lambda: opened(log_retention_days=7))
    group = graph.one(LOG_GROUP, "api-logs").inputs
    assert group == {"namePrefix": "/aws/vendedlogs/apis/api-", "retentionInDays": 7}
    settings = graph.one(STAGE).inputs["accessLogSettings"]
    assert settings["destinationArn"] == settled(
        preview, "arn:aws:cloudwatch:eu-west-1:123456789012:api-logs"
    )
    fields = json.loads(settings["format"])
    assert {
        "requestId",
        "ip",
        "requestTime",
        "httpMethod",
        "routeKey",
        "status",
        "protocol",
        "responseLength",
        "integrationError",
        "integrationLatency",
        "authorizerError",
    } <= fields.keys()


def test_access_logs_hold_neither_paths_nor_queries_nor_tokens(run: Run) -> None:
    text = run(opened).one(STAGE).inputs["accessLogSettings"]["format"]
    assert not re.search(r"query|\$context\.path|header|claims|token", text, re.IGNORECASE)


def test_cors_is_what_was_said(run: Run) -> None:
    cors = Cors(
        allow_origins=["https://app.example.com"],
        allow_methods=["GET", "POST"],
        allow_headers=["authorization"],
        expose_headers=["location"],
        allow_credentials=True,
        max_age_seconds=60,
    )
    assert run(lambda: opened(cors=cors)).one(API).inputs["corsConfiguration"] == {
        "allowOrigins": ["https://app.example.com"],
        "allowMethods": ["GET", "POST"],
        "allowHeaders": ["authorization"],
        "exposeHeaders": ["location"],
        "allowCredentials": True,
        "maxAge": 60,
    }


def test_without_cors_no_other_page_may_call(run: Run) -> None:
    assert "corsConfiguration" not in run(opened).one(API).inputs


def test_a_domain_closes_the_default_address(run: Run) -> None:
    def program() -> None:
        certificate = aws.acm.Certificate("certificate", domain_name="api.example.com")
        domain = Domain(name="api.example.com", certificate=certificate, hosted_zone_id="Z1")
        pulumi.export("url", opened(domain=domain).url)

    graph = run(program)
    assert graph.one(API).inputs["disableExecuteApiEndpoint"] is True
    name = graph.one(DOMAIN, "api").inputs
    assert name["domainName"] == "api.example.com"
    assert name["domainNameConfiguration"]["securityPolicy"] == "TLS_1_2"
    assert name["domainNameConfiguration"]["endpointType"] == "REGIONAL"
    assert graph.outputs["url"] == "https://api.example.com"
    assert graph.one(MAPPING, "api").parent == graph.component("api").urn
    record_ = graph.one(RECORD, "api").inputs
    assert (record_["zoneId"], record_["name"], record_["type"]) == ("Z1", "api.example.com", "A")


def test_the_domains_record_points_at_aws_own_name(
    run: Run,
    preview: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create = RecordedProvider.create

    def as_aws(provider: RecordedProvider, type_: str, *others: Any) -> Created:
        created = create(provider, type_, *others)
        if type_ == DOMAIN:
            created.outputs["domainNameConfiguration"] |= {
                "targetDomainName": "d-1.aws",
                "hostedZoneId": "Z2",
            }
        return created

    monkeypatch.setattr(RecordedProvider, "create", as_aws)
    domain = Domain(name="api.example.com", certificate="arn", hosted_zone_id="Z1")
    graph = run(lambda: opened(domain=domain))
    assert graph.one(RECORD).inputs["aliases"] == [
        {
            "name": settled(preview, "d-1.aws"),
            "zoneId": settled(preview, "Z2"),
            "evaluateTargetHealth": False,
        }
    ]


def test_a_domain_without_a_zone_leaves_dns_alone(run: Run) -> None:
    domain = Domain(name="api.example.com", certificate="arn:aws:acm:eu-west-1:123456789012:certificate/1")
    graph = run(lambda: opened(domain=domain))
    assert not graph.all(RECORD)
    configuration = graph.one(DOMAIN).inputs["domainNameConfiguration"]
    assert configuration["certificateArn"] == "arn:aws:acm:eu-west-1:123456789012:certificate/1"


def test_without_a_domain_the_default_address_stays_open(run: Run) -> None:
    graph = run(opened)
    assert graph.one(API).inputs["disableExecuteApiEndpoint"] is False
    assert not graph.all(DOMAIN)


def test_outputs_are_unknown_until_the_api_exists(run: Run, preview: bool) -> None:
    def program() -> None:
        made = opened()
        pulumi.export("url", made.url)
        pulumi.export("stage", made.stage_name)

    graph = run(program)
    assert graph.outputs["url"] == settled(preview, "api-invokeUrl")
    assert graph.outputs["stage"] == "$default"
    assert graph.component("api").outputs == {
        "url": settled(preview, "api-invokeUrl"),
        "apiId": settled(preview, "api-id"),
        "stageName": "$default",
        "executionArn": settled(preview, "api-executionArn"),
    }


def test_the_url_has_no_slash_at_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    create = RecordedProvider.create

    def as_aws(provider: RecordedProvider, type_: str, *others: Any) -> Created:
        created = create(provider, type_, *others)
        if type_ == STAGE:
            created.outputs["invokeUrl"] = "https://id.execute-api.eu-west-1.amazonaws.com/"
        return created

    monkeypatch.setattr(RecordedProvider, "create", as_aws)
    graph = run(lambda: pulumi.export("url", opened().url))
    assert graph.outputs["url"] in (UNKNOWN, "https://id.execute-api.eu-west-1.amazonaws.com")


def test_overrides_reach_every_child_of_a_kind(run: Run) -> None:
    graph = run(lambda: opened(overrides={"api": {"version": "7"}, "route": {"operation_name": "Health"}}))
    assert graph.one(API).inputs["version"] == "7"
    assert graph.one(ROUTE).inputs["operationName"] == "Health"


def refused(run: Run, program: Callable[[], Any]) -> str:
    with pytest.raises(ArgumentError) as raised:
        run(program)
    return str(raised.value)


def test_refuses_a_closed_route_without_a_user_pool(run: Run) -> None:
    text = refused(run, lambda: api({"GET /users": answering()}))
    assert "'GET /users'" in text
    assert "pass user_pool" in text
    assert "public=True" in text


def test_refuses_an_authorizer_that_no_route_uses(run: Run) -> None:
    assert "no route would use it" in refused(run, lambda: opened(user_pool=people()))


def test_refuses_an_api_without_routes(run: Run) -> None:
    assert "at least one route" in refused(run, lambda: api({}))


def test_names_both_routes_that_collide(run: Run) -> None:
    routes = ["GET /users/{id}", "GET /users/{userId}"]
    text = refused(run, lambda: api(dict.fromkeys(routes, answering()), user_pool=people()))
    assert text.startswith("ServerlessApiArgs.routes 'GET /users/{id}' and 'GET /users/{userId}'")


def test_refuses_a_path_that_api_gateway_would_refuse(run: Run) -> None:
    text = refused(run, lambda: api({"GET /users/": answering()}, user_pool=people()))
    assert text == "ServerlessApiArgs.routes['GET /users/'] must not end with '/'; write '/users'"


def test_refuses_a_function_that_outlives_its_caller(run: Run) -> None:
    text = refused(run, lambda: api({"GET /x": answering("slow", timeout_seconds=31)}, user_pool=people()))
    assert "'slow' may run 31" in text
    assert "timeout_seconds=30" in text


def test_refuses_scopes_on_a_public_route(run: Run) -> None:
    text = refused(run, lambda: api({"GET /x": Route(answering(), public=True, scopes=["a"])}))
    assert "public route" in text


@pytest.mark.parametrize("scope", ["two words", "", 'a"b', "a\\b", "tab\t"])
def test_refuses_a_scope_that_is_none(run: Run, scope: str) -> None:
    assert "scopes must be printable" in refused(run, lambda: closed(scopes=[scope]))


def test_refuses_more_scopes_than_aws(run: Run) -> None:
    text = refused(run, lambda: closed(scopes=[f"s{number}" for number in range(11)]))
    assert "scopes must be 0-10, got 11" in text


def test_refuses_a_client_that_the_pool_does_not_have(run: Run) -> None:
    assert "clients must be among app, web, got 'tv'" in refused(run, lambda: closed(clients=["tv"]))


def test_refuses_an_empty_list_of_clients(run: Run) -> None:
    assert "clients must name 1-50" in refused(run, lambda: closed(clients=[]))


def test_refuses_clients_without_a_pool(run: Run) -> None:
    assert "need user_pool" in refused(run, lambda: opened(clients=["web"]))


def test_refuses_unknown_arguments(run: Run) -> None:
    assert "is not an argument" in refused(run, lambda: opened(colour="red"))
    assert "is not an argument" in refused(run, lambda: Route(answering(), open=True))


def test_refuses_a_timeout_beyond_thirty_seconds(run: Run) -> None:
    text = refused(run, lambda: Route(answering(), timeout_seconds=31))
    assert text == "Route.timeout_seconds must be 1-30 seconds, got 31"


@pytest.mark.parametrize("argument", ["allow_origins", "allow_methods", "allow_headers", "expose_headers"])
def test_refuses_wildcards_with_credentials(argument: str) -> None:
    values = {"allow_origins": ["https://a.example"], "allow_methods": ["GET"], argument: ["*"]}
    with pytest.raises(ArgumentError, match=f"{argument} must list its values"):
        Cors(allow_credentials=True, **values)  # type: ignore[arg-type] # one dictionary for four arguments


@pytest.mark.parametrize(
    "origin", ["app.example.com", "https://app.example.com/", "https://", "https://*.example.com", "", "null"]
)
def test_refuses_an_origin_that_no_browser_sends(origin: str) -> None:
    with pytest.raises(ArgumentError, match="scheme://host"):
        Cors(allow_origins=[origin], allow_methods=["GET"])


@pytest.mark.parametrize("origin", ["*", "https://*", "http://localhost:5173", "capacitor://localhost"])
def test_takes_origins_that_browsers_send(origin: str) -> None:
    assert list(Cors(allow_origins=[origin], allow_methods=["GET"]).allow_origins) == [origin]


@given(st.integers())
def test_preflight_answers_are_kept_a_day_at_most(seconds: int) -> None:
    if 0 <= seconds <= 86_400:
        assert (
            Cors(allow_origins=["*"], allow_methods=["*"], max_age_seconds=seconds).max_age_seconds == seconds
        )
    else:
        with pytest.raises(ArgumentError, match=re.escape(f"must be 0-86,400 seconds, got {seconds}")):
            Cors(allow_origins=["*"], allow_methods=["*"], max_age_seconds=seconds)


@pytest.mark.parametrize(
    "name", ["Api.example.com", "https://api.example.com", "*.example.com", "api", "a..b"]
)
def test_refuses_a_domain_that_is_no_host_name(name: str) -> None:
    with pytest.raises(ArgumentError, match="must be a lower-case host name"):
        Domain(name=name, certificate="arn")


@pytest.mark.parametrize("limits", [{"rate_limit": 0, "burst_limit": 1}, {"rate_limit": 1, "burst_limit": 0}])
def test_refuses_a_throttle_that_lets_nothing_through(limits: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="must be at least 1, got 0"):
        Throttle(**limits)
