"""ServerlessApi(kind="rest"): its tree, checks, keys, cache, errors, stage and permissions; what it refuses.

What the emulator does not enforce is asserted here: permissions, caches, AWS WAF, access logs, timeouts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from backplane.local.engine import Resource
from components._base import ArgumentError
from components._cors import Cors
from components._domain import Domain
from components.authorizer import Authorizer, AuthorizerArgs
from components.function import Function, FunctionArgs
from components.serverless_api import (
    Cache,
    Quota,
    Route,
    RouteCache,
    ServerlessApi,
    ServerlessApiArgs,
    Throttle,
    UsagePlan,
)
from components.tagging import register_tags
from support.apis import Run, answering, people
from support.recorder import UNKNOWN, Graph, record

API = "aws:apigateway/restApi:RestApi"
RESOURCE = "aws:apigateway/resource:Resource"
METHOD = "aws:apigateway/method:Method"
INTEGRATION = "aws:apigateway/integration:Integration"
MODEL = "aws:apigateway/model:Model"
VALIDATOR = "aws:apigateway/requestValidator:RequestValidator"
AUTHORIZER = "aws:apigateway/authorizer:Authorizer"
ERROR = "aws:apigateway/response:Response"
DEPLOYMENT = "aws:apigateway/deployment:Deployment"
STAGE = "aws:apigateway/stage:Stage"
SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
KEY = "aws:apigateway/apiKey:ApiKey"
PLAN = "aws:apigateway/usagePlan:UsagePlan"
PLAN_KEY = "aws:apigateway/usagePlanKey:UsagePlanKey"
PERMISSION = "aws:lambda/permission:Permission"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ACCOUNT = "aws:apigateway/account:Account"
DOMAIN = "aws:apigateway/domainName:DomainName"
MAPPING = "aws:apigateway/basePathMapping:BasePathMapping"
RECORD = "aws:route53/record:Record"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"

SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
SCOPE = "aws.cognito.signin.user.admin"


def rules(name: str = "rules", **arguments: Any) -> Authorizer:
    return Authorizer(name, AuthorizerArgs(function=FunctionArgs(handler="app.handler"), **arguments))


def api(routes: Mapping[str, Function | Route], **arguments: Any) -> ServerlessApi:
    return ServerlessApi("api", ServerlessApiArgs(kind="rest", routes=routes, **arguments))


def opened(key: str = "GET /things/{id}", /, **route: Any) -> ServerlessApi:
    return api({key: Route(answering(), public=True, **route)})


def settled(preview: bool, value: str) -> str:
    """A computed value: known after an up alone."""
    return UNKNOWN if preview else value


def everything() -> None:
    """An API with all that one can have."""
    create = answering()
    web_acl = aws.wafv2.WebAcl(
        "acl",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config={
            "cloudwatch_metrics_enabled": False,
            "metric_name": "acl",
            "sampled_requests_enabled": False,
        },
    )
    api(
        {
            "POST /things": Route(create, body_schema=SCHEMA, required_headers=["idempotency-key"]),
            "GET /things/{id}": Route(create, public=True, api_key=True, cache=RouteCache()),
            "GET /": Route(create, authorizer=rules()),
        },
        user_pool=people(),
        scopes=[SCOPE],
        cors=Cors(allow_origins=["https://app.example.com"], allow_methods=["GET"]),
        usage_plans=[UsagePlan("partners", keys=["acme"], quota=Quota(limit=1000, period="DAY"))],
        cache=Cache(),
        web_acl=web_acl,
        tracing=True,
        create_account_log_role=True,
        domain=Domain(name="api.example.com", certificate="arn", hosted_zone_id="Z1"),
    )


def own(graph: Graph) -> list[Resource]:
    urn = graph.component("api").urn
    return [item for item in graph.resources if item.parent == urn]


def test_every_child_belongs_to_the_component_and_carries_its_name_and_the_tags(run: Run) -> None:
    def program() -> None:
        register_tags({"tenant": "demo"})
        everything()

    graph = run(program)
    kinds = {item.type for item in own(graph)}
    for kind in (API, RESOURCE, METHOD, INTEGRATION, MODEL, VALIDATOR, AUTHORIZER, ERROR, DEPLOYMENT, STAGE):
        assert kind in kinds
    for kind in (SETTINGS, KEY, PLAN, PLAN_KEY, PERMISSION, LOG_GROUP, ACCOUNT, DOMAIN, MAPPING, ASSOCIATION):
        assert kind in kinds
    assert [item.name for item in own(graph) if not re.match(r"api(-|$)", item.name)] == []
    for kind in (API, STAGE, KEY, PLAN, DOMAIN, LOG_GROUP):
        assert {item.inputs["tags"]["tenant"] for item in graph.all(kind)} == {"demo"}


def test_a_preview_declares_what_an_up_creates(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return None\n")
    previewed, created = (record(everything, preview=it, root=tmp_path) for it in (True, False))
    assert {item.urn for item in previewed.resources} == {item.urn for item in created.resources}


def test_the_api_is_regional(run: Run) -> None:
    inputs = run(opened).one(API, "api").inputs
    assert inputs["endpointConfiguration"] == {"types": "REGIONAL"}
    assert inputs["disableExecuteApiEndpoint"] is False
    assert "minimumCompressionSize" not in inputs


def test_answers_are_compressed_from_a_size_on(run: Run) -> None:
    graph = run(lambda: api({"GET /": Route(answering(), public=True)}, minimum_compression_bytes=0))
    assert graph.one(API).inputs["minimumCompressionSize"] == "0"


def test_paths_share_their_beginnings(run: Run, preview: bool) -> None:
    keys = ["GET /users", "GET /users/{id}", "POST /users/{id}/messages", "ANY /files/{rest+}", "GET /"]
    graph = run(lambda: api(dict.fromkeys(keys, Route(answering(), public=True))))
    tree = {item.name: item.inputs for item in graph.all(RESOURCE)}
    assert {name: inputs["pathPart"] for name, inputs in tree.items()} == {
        "api-users": "users",
        "api-users-one": "{id}",
        "api-users-one-messages": "messages",
        "api-files": "files",
        "api-files-all": "{rest+}",
    }
    assert tree["api-users"]["parentId"] == settled(preview, "api-rootResourceId")
    assert tree["api-users-one-messages"]["parentId"] == settled(preview, "api-users-one-id")
    assert graph.one(METHOD, "api-get").inputs["resourceId"] == settled(preview, "api-rootResourceId")
    assert graph.one(METHOD, "api-any-files-all").inputs["httpMethod"] == "ANY"


def test_integrations_call_the_alias_and_wait_as_long_as_they_can(run: Run, preview: bool) -> None:
    inputs = run(opened).one(INTEGRATION, "api-get-things-one").inputs
    assert (inputs["type"], inputs["integrationHttpMethod"]) == ("AWS_PROXY", "POST")
    assert inputs["uri"] == settled(preview, "create-user-live-invokeArn")
    assert inputs["timeoutMilliseconds"] == 29_000


def test_a_route_may_have_its_caller_wait_less(run: Run) -> None:
    assert run(lambda: opened(timeout_seconds=5)).one(INTEGRATION).inputs["timeoutMilliseconds"] == 5_000


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("GET /users/{userId}", "/live/GET/users/*"),
        ("POST /users", "/live/POST/users"),
        ("GET /", "/live/GET/"),
        ("ANY /files/{path+}", "/live/*/files/*"),
    ],
)
def test_the_permission_is_for_this_route_of_this_stage_alone(
    run: Run, preview: bool, key: str, path: str
) -> None:
    assert run(lambda: opened(key)).one(PERMISSION).inputs == {
        "action": "lambda:InvokeFunction",
        "function": settled(preview, "create-user-name"),
        "qualifier": "live",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": settled(preview, f"api-executionArn{path}"),
    }


def test_the_user_pools_access_tokens_open_a_route(run: Run, preview: bool) -> None:
    graph = run(lambda: api({"GET /a": answering()}, user_pool=people(), scopes=[SCOPE]))
    authorizer = graph.one(AUTHORIZER, "api-cognito").inputs
    assert authorizer["type"] == "COGNITO_USER_POOLS"
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    assert authorizer["providerArns"] == [
        settled(preview, "arn:aws:cognito:eu-west-1:123456789012:people"),
    ]
    method = graph.one(METHOD, "api-get-a").inputs
    assert method["authorization"] == "COGNITO_USER_POOLS"
    assert method["authorizerId"] == settled(preview, "api-cognito-id")
    assert method["authorizationScopes"] == [SCOPE]


def test_a_public_route_asks_nobody(run: Run) -> None:
    method = run(opened).one(METHOD).inputs
    assert method["authorization"] == "NONE"
    assert "authorizerId" not in method


def test_a_lambda_authorizer_is_asked_with_the_request(run: Run, preview: bool) -> None:
    sources = ["request.header.x-tenant", "request.querystring.key"]
    graph = run(
        lambda: api(
            {"GET /a": answering()}, authorizer=rules(identity_sources=sources, result_ttl_seconds=60)
        )
    )
    authorizer = graph.one(AUTHORIZER, "api-authorizer-rules").inputs
    assert authorizer["type"] == "REQUEST"
    assert authorizer["authorizerUri"] == settled(preview, "rules-function-live-invokeArn")
    assert authorizer["identitySource"] == "method.request.header.x-tenant,method.request.querystring.key"
    assert authorizer["authorizerResultTtlInSeconds"] == 60
    method = graph.one(METHOD).inputs
    assert method["authorization"] == "CUSTOM"
    assert method["authorizerId"] == settled(preview, "api-authorizer-rules-id")
    permission = graph.one(PERMISSION, "api-authorizer-rules").inputs
    assert permission["function"] == settled(preview, "rules-function-name")
    assert permission["qualifier"] == "live"
    assert permission["sourceArn"] == settled(preview, "api-executionArn/authorizers/api-authorizer-rules-id")


def test_a_body_is_checked_whatever_its_content_type_says(run: Run) -> None:
    graph = run(lambda: opened("POST /user-groups", body_schema=SCHEMA))
    (model,) = graph.all(MODEL)
    assert re.fullmatch("[A-Za-z0-9]+", model.inputs["name"])
    assert json.loads(model.inputs["schema"]) == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        **SCHEMA,
    }
    method = graph.one(METHOD).inputs
    assert method["requestModels"] == dict.fromkeys(["application/json", "$default"], model.inputs["name"])
    validator = graph.one(VALIDATOR, "api-body").inputs
    assert (validator["validateRequestBody"], validator["validateRequestParameters"]) == (True, False)


def test_models_of_different_routes_have_different_names(run: Run) -> None:
    keys = ["POST /a1", "POST /a/1", "POST /a-1", "POST /A1", "PUT /a1"]
    graph = run(lambda: api(dict.fromkeys(keys, Route(answering(), public=True, body_schema=SCHEMA))))
    assert len({model.inputs["name"] for model in graph.all(MODEL)}) == len(keys)
    assert len(graph.all(VALIDATOR)) == 1


def test_parameters_and_headers_are_required(run: Run, preview: bool) -> None:
    graph = run(lambda: opened(required_query=["q"], required_headers=["x-a"]))
    method = graph.one(METHOD).inputs
    assert method["requestParameters"] == {
        "method.request.querystring.q": True,
        "method.request.header.x-a": True,
    }
    assert method["requestValidatorId"] == settled(preview, "api-parameters-id")
    validator = graph.one(VALIDATOR).inputs
    assert (validator["validateRequestBody"], validator["validateRequestParameters"]) == (False, True)


def test_both_checks_share_a_validator(run: Run) -> None:
    graph = run(lambda: opened("POST /a", body_schema=SCHEMA, required_query=["q"]))
    validator = graph.one(VALIDATOR, "api-body-and-parameters").inputs
    assert (validator["validateRequestBody"], validator["validateRequestParameters"]) == (True, True)


def test_a_route_without_checks_has_no_validator(run: Run) -> None:
    graph = run(opened)
    assert not graph.all(VALIDATOR)
    assert not {"requestValidatorId", "requestModels"} & set(graph.one(METHOD).inputs)


def test_keys_belong_to_their_plan_and_the_plan_to_the_stage(run: Run, preview: bool) -> None:
    plans = [
        UsagePlan(
            "partners",
            keys=["acme", "globex"],
            throttle=Throttle(rate_limit=3, burst_limit=4),
            quota=Quota(limit=1000, period="MONTH"),
        ),
        UsagePlan("guests", keys=["guest"]),
    ]
    graph = run(lambda: api({"GET /a": Route(answering(), public=True, api_key=True)}, usage_plans=plans))
    assert graph.one(METHOD).inputs["apiKeyRequired"] is True
    assert {key.name for key in graph.all(KEY)} == {"api-key-acme", "api-key-globex", "api-key-guest"}
    assert not [key for key in graph.all(KEY) if "value" in key.inputs]
    partners, guests = (graph.one(PLAN, f"api-plan-{name}").inputs for name in ("partners", "guests"))
    assert partners["apiStages"] == [{"apiId": settled(preview, "api-id"), "stage": "live"}]
    assert partners["quotaSettings"] == {"limit": 1000, "period": "MONTH"}
    assert partners["throttleSettings"] == {"rateLimit": 3.0, "burstLimit": 4}
    assert not {"quotaSettings", "throttleSettings"} & set(guests)
    assert graph.one(PLAN_KEY, "api-key-guest").inputs == {
        "keyId": settled(preview, "api-key-guest-id"),
        "keyType": "API_KEY",
        "usagePlanId": settled(preview, "api-plan-guests-id"),
    }


def test_one_callers_answer_is_never_anothers(run: Run) -> None:
    def program() -> None:
        create = answering()
        cache = RouteCache(ttl_seconds=60, query=["status"], headers=["accept-language"])
        ruled = rules(identity_sources=["request.querystring.who"])
        api(
            {
                "GET /mine/{id}": Route(create, cache=cache),
                "GET /ruled": Route(create, authorizer=ruled, cache=RouteCache()),
                "GET /keyed": Route(create, public=True, api_key=True, cache=RouteCache()),
                "GET /fresh": create,
            },
            user_pool=people(),
            scopes=[SCOPE],
            cache=Cache(size_gb="1.6"),
            usage_plans=[UsagePlan("partners", keys=["acme"])],
        )

    graph = run(program)
    keys = {item.name: item.inputs.get("cacheKeyParameters") for item in graph.all(INTEGRATION)}
    assert keys == {
        "api-get-mine-one": [
            "method.request.path.id",
            "method.request.header.Authorization",
            "method.request.querystring.status",
            "method.request.header.accept-language",
        ],
        "api-get-ruled": ["method.request.querystring.who"],
        "api-get-keyed": ["method.request.header.x-api-key"],
        "api-get-fresh": None,
    }
    method = graph.one(METHOD, "api-get-mine-one").inputs
    assert method["requestParameters"] == {
        "method.request.path.id": True,
        "method.request.header.Authorization": False,
        "method.request.querystring.status": False,
        "method.request.header.accept-language": False,
    }
    stage = graph.one(STAGE).inputs
    assert (stage["cacheClusterEnabled"], stage["cacheClusterSize"]) == (True, "1.6")
    settings = {item.inputs["methodPath"]: item.inputs["settings"] for item in graph.all(SETTINGS)}
    assert settings["*/*"]["cachingEnabled"] is False
    assert settings["mine/{id}/GET"]["cachingEnabled"] is True
    assert settings["mine/{id}/GET"]["cacheTtlInSeconds"] == 60
    assert settings["mine/{id}/GET"]["cacheDataEncrypted"] is True
    assert settings["mine/{id}/GET"]["requireAuthorizationForCacheControl"] is True
    assert settings["mine/{id}/GET"]["throttlingRateLimit"] == 100
    assert "fresh/GET" not in settings


def test_the_stage_throttles_and_a_route_may_differ(run: Run) -> None:
    def program() -> None:
        create = answering()
        own_limits = Throttle(rate_limit=3, burst_limit=4)
        routes = {
            "GET /": Route(create, public=True, throttle=own_limits),
            "ANY /a/{b}": Route(create, public=True, throttle=own_limits),
            "GET /c": Route(create, public=True),
        }
        api(routes, throttle=Throttle(rate_limit=1, burst_limit=2))

    settings = {item.inputs["methodPath"]: item.inputs["settings"] for item in run(program).all(SETTINGS)}
    others = {"metricsEnabled": False, "loggingLevel": "OFF", "dataTraceEnabled": False}
    limits = {"throttlingRateLimit": 3.0, "throttlingBurstLimit": 4, **others}
    assert settings == {
        "*/*": {"throttlingRateLimit": 1.0, "throttlingBurstLimit": 2, **others},
        "~1/GET": limits,
        "a/{b}/ANY": limits,
    }


def test_access_logs_are_json_without_paths_queries_and_tokens(run: Run, preview: bool) -> None:
    graph = run(opened)
    settings = graph.one(STAGE).inputs["accessLogSettings"]
    assert settings["destinationArn"] == settled(
        preview, "arn:aws:cloudwatch:eu-west-1:123456789012:api-logs"
    )
    assert json.loads(settings["format"])["routeKey"] == "$context.httpMethod $context.resourcePath"
    assert not re.search(r"query|\$context\.path|header|claims|token", settings["format"], re.IGNORECASE)
    assert not graph.all(ACCOUNT)


def test_the_stage_waits_for_the_accounts_log_role(run: Run) -> None:
    graph = run(lambda: api({"GET /": Route(answering(), public=True)}, create_account_log_role=True))
    account = graph.one(ACCOUNT, "api-account-logs")
    assert account.retain_on_delete
    assert account.urn in graph.one(STAGE).dependencies


def test_an_api_may_go_without_access_logs(run: Run) -> None:
    graph = run(lambda: api({"GET /": Route(answering(), public=True)}, access_logs=False))
    assert "accessLogSettings" not in graph.one(STAGE).inputs
    assert not graph.all(LOG_GROUP) or graph.one(LOG_GROUP).name == "create-user-logs"


def test_requests_are_traced_when_asked(run: Run) -> None:
    assert run(opened).one(STAGE).inputs["xrayTracingEnabled"] is False
    traced = run(lambda: api({"GET /": Route(answering(), public=True)}, tracing=True))
    assert traced.one(STAGE).inputs["xrayTracingEnabled"] is True


@pytest.mark.parametrize("given", ["object", "arn"])
def test_a_web_acl_stands_before_the_stage(run: Run, preview: bool, given: str) -> None:
    arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/acl/1"

    def program() -> None:
        acl = aws.wafv2.WebAcl(
            "acl",
            scope="REGIONAL",
            default_action={"allow": {}},
            visibility_config={
                "cloudwatch_metrics_enabled": False,
                "metric_name": "acl",
                "sampled_requests_enabled": False,
            },
        )
        api({"GET /": Route(answering(), public=True)}, web_acl=acl if given == "object" else arn)

    made = settled(preview, "arn:aws:wafv2:eu-west-1:123456789012:acl")
    assert run(program).one(ASSOCIATION, "api").inputs == {
        "resourceArn": settled(preview, "arn:aws:apigateway:eu-west-1:123456789012:api"),
        "webAclArn": made if given == "object" else arn,
    }


def errors(graph: Graph) -> dict[str, dict[str, Any]]:
    return {item.inputs["responseType"]: item.inputs for item in graph.all(ERROR)}


def test_the_gateways_own_answers_are_problem_documents(run: Run) -> None:
    found = errors(run(everything))
    assert set(found) == {
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "MISSING_AUTHENTICATION_TOKEN",
        "THROTTLED",
        "UNAUTHORIZED",
        "ACCESS_DENIED",
        "INVALID_API_KEY",
        "QUOTA_EXCEEDED",
        "BAD_REQUEST_BODY",
        "BAD_REQUEST_PARAMETERS",
    }
    for kind, inputs in found.items():
        parameters, template = inputs["responseParameters"], inputs["responseTemplates"]["application/json"]
        assert parameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://app.example.com'"
        document = json.loads(template.replace("$context.error.messageString", '"said"'))
        assert {"type", "title", "detail", "requestId"} <= set(document), kind
        assert document.get("status") == (int(inputs["statusCode"]) if "statusCode" in inputs else None)


def test_only_answers_that_can_happen_are_written(run: Run) -> None:
    assert set(errors(run(opened))) == {
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "MISSING_AUTHENTICATION_TOKEN",
        "THROTTLED",
    }


def test_preflight_requests_are_answered_for_each_path(run: Run) -> None:
    def program() -> None:
        create = answering()
        routes = {
            "GET /": Route(create, public=True),
            "POST /a/{b}": Route(create, public=True),
            "GET /own": Route(create, public=True),
            "OPTIONS /own": Route(create, public=True),
        }
        cors = Cors(
            allow_origins=["https://app.example.com"],
            allow_methods=["GET", "POST"],
            allow_headers=["authorization"],
            allow_credentials=True,
            max_age_seconds=60,
        )
        api(routes, cors=cors)

    graph = run(program)
    answers = {
        item.name: item.inputs for item in graph.all("aws:apigateway/integrationResponse:IntegrationResponse")
    }
    assert set(answers) == {"api-preflight", "api-preflight-a-one"}
    assert answers["api-preflight"]["responseParameters"] == {
        "method.response.header.Access-Control-Allow-Origin": "'https://app.example.com'",
        "method.response.header.Access-Control-Allow-Methods": "'GET,POST'",
        "method.response.header.Access-Control-Allow-Headers": "'authorization'",
        "method.response.header.Access-Control-Allow-Credentials": "'true'",
        "method.response.header.Access-Control-Max-Age": "'60'",
    }
    assert graph.one(METHOD, "api-preflight").inputs["authorization"] == "NONE"
    assert graph.one(INTEGRATION, "api-preflight").inputs["type"] == "MOCK"
    assert graph.one(STAGE).inputs["variables"] == {
        "corsAllowOrigin": "https://app.example.com",
        "corsAllowCredentials": "true",
    }


def test_any_origin_is_a_word_in_the_stages_variables(run: Run) -> None:
    cors = Cors(allow_origins=["*"], allow_methods=["*"], expose_headers=["*"])
    graph = run(lambda: api({"GET /": Route(answering(), public=True)}, cors=cors))
    assert graph.one(STAGE).inputs["variables"] == {"corsAllowOrigin": "any", "corsExposeHeaders": "any"}


def test_without_cors_no_page_may_call(run: Run) -> None:
    graph = run(opened)
    assert {item.inputs["httpMethod"] for item in graph.all(METHOD)} == {"GET"}
    assert "variables" not in graph.one(STAGE).inputs
    assert not [
        name for inputs in errors(graph).values() for name in inputs["responseParameters"] if "Access" in name
    ]


def triggers(run: Run, program: Callable[[], Any]) -> dict[str, str]:
    found: dict[str, str] = run(program).one(DEPLOYMENT, "api").inputs["triggers"]
    return found


def test_the_deployment_waits_for_all_that_it_serves(run: Run) -> None:
    graph = run(everything)
    served = {
        item.urn
        for kind in (RESOURCE, METHOD, INTEGRATION, MODEL, VALIDATOR, AUTHORIZER, ERROR)
        for item in graph.all(kind)
    }
    assert served <= set(graph.one(DEPLOYMENT).dependencies)


@pytest.mark.parametrize(
    "changed",
    [
        {"body_schema": SCHEMA},
        {"required_query": ["q"]},
        {"timeout_seconds": 5},
        {"authorizer": True},
    ],
    ids=str,
)
def test_a_changed_route_makes_a_new_deployment(run: Run, changed: dict[str, Any]) -> None:
    def program() -> None:
        route = dict(changed)
        if route.pop("authorizer", False):
            api({"GET /things/{id}": Route(answering(), authorizer=rules(), **route)})
        else:
            opened(**route)

    same, other = triggers(run, opened), triggers(run, program)
    assert same == triggers(run, opened)
    assert same["definition"] != other["definition"]


def test_changed_errors_and_overrides_make_a_new_deployment(run: Run) -> None:
    def with_(**arguments: Any) -> dict[str, str]:
        return triggers(run, lambda: api({"GET /things/{id}": Route(answering(), public=True)}, **arguments))

    plain = with_()["definition"]
    cors = Cors(allow_origins=["https://a.example"], allow_methods=["GET"])
    overrides = {"integration": {"content_handling": "CONVERT_TO_TEXT"}}
    assert len({plain, with_(cors=cors)["definition"], with_(overrides=overrides)["definition"]}) == 3


def test_what_a_deployment_does_not_serve_makes_no_new_one(run: Run) -> None:
    def throttled() -> None:
        api(
            {"GET /things/{id}": Route(answering(), public=True)},
            throttle=Throttle(rate_limit=7, burst_limit=8),
            tracing=True,
            log_retention_days=7,
        )

    assert triggers(run, throttled) == triggers(run, opened)


def test_a_domain_closes_the_default_address(run: Run, preview: bool) -> None:
    def program() -> None:
        certificate = aws.acm.Certificate("certificate", domain_name="api.example.com")
        domain = Domain(name="api.example.com", certificate=certificate, hosted_zone_id="Z1")
        made = api({"GET /": Route(answering(), public=True)}, domain=domain)
        pulumi.export("url", made.url)

    graph = run(program)
    assert graph.one(API).inputs["disableExecuteApiEndpoint"] is True
    name = graph.one(DOMAIN, "api").inputs
    assert (name["domainName"], name["securityPolicy"]) == ("api.example.com", "TLS_1_2")
    assert name["endpointConfiguration"] == {"types": "REGIONAL"}
    assert name["regionalCertificateArn"] == settled(
        preview, "arn:aws:acm:eu-west-1:123456789012:certificate"
    )
    assert graph.one(MAPPING, "api").inputs["stageName"] == "live"
    alias = {
        "name": settled(preview, "api-regionalDomainName"),
        "zoneId": settled(preview, "api-regionalZoneId"),
        "evaluateTargetHealth": False,
    }
    assert graph.one(RECORD).inputs["aliases"] == [alias]
    assert graph.outputs["url"] == "https://api.example.com"


def test_outputs_are_those_of_an_http_api(run: Run, preview: bool) -> None:
    graph = run(lambda: pulumi.export("name", opened().api_name))
    assert graph.component("api").outputs == {
        "url": settled(preview, "api-invokeUrl"),
        "apiId": settled(preview, "api-id"),
        "stageName": "live",
        "executionArn": settled(preview, "api-executionArn"),
    }
    assert graph.outputs["name"] == settled(preview, "api-name")


def test_overrides_are_those_of_the_kind(run: Run) -> None:
    graph = run(
        lambda: api(
            {"GET /a": Route(answering(), public=True)},
            overrides={"api": {"binary_media_types": ["image/png"]}, "route": {"operation_name": "A"}},
        )
    )
    assert graph.one(API).inputs["binaryMediaTypes"] == ["image/png"]
    assert graph.one(METHOD).inputs["operationName"] == "A"


def refused(run: Run, program: Callable[[], Any]) -> str:
    with pytest.raises(ArgumentError) as raised:
        run(program)
    return str(raised.value)


def on_http(**arguments: Any) -> ServerlessApi:
    routes = {"GET /a": Route(answering(), public=True)}
    return ServerlessApi("api", ServerlessApiArgs(routes=routes, **arguments))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"usage_plans": [UsagePlan("partners", keys=["acme"])]}, "knows no API keys"),
        ({"cache": Cache()}, "has no cache"),
        ({"web_acl": "arn"}, "can't stand behind AWS WAF"),
        ({"tracing": True}, "sends no traces"),
        ({"minimum_compression_bytes": 0}, "compresses nothing"),
        ({"create_account_log_role": True}, "logs without the account's role"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_http_api_names_the_kind_that_can(run: Run, arguments: dict[str, Any], reason: str) -> None:
    (name,) = arguments
    text = refused(run, lambda: on_http(**arguments))
    assert text == f'ServerlessApiArgs.{name} needs kind="rest": an HTTP API {reason}'


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"body_schema": SCHEMA}, "checks no bodies"),
        ({"required_query": ["q"]}, "checks no parameters"),
        ({"required_headers": ["h"]}, "checks no headers"),
        ({"api_key": True}, "knows no API keys"),
        ({"cache": RouteCache()}, "has no cache"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_route_of_an_http_api_names_the_kind_that_can(
    run: Run, arguments: dict[str, Any], reason: str
) -> None:
    (name,) = arguments

    def program() -> None:
        routes = {"GET /a": Route(answering(), public=True, **arguments)}
        ServerlessApi("api", ServerlessApiArgs(routes=routes))

    text = refused(run, program)
    assert text == f"ServerlessApiArgs.routes['GET /a'].{name} needs kind=\"rest\": an HTTP API {reason}"


def test_a_rest_api_names_the_kind_that_can(run: Run) -> None:
    cases: dict[str, Callable[[], Any]] = {
        "routes['$default'] needs kind=\"http\"": lambda: opened("$default"),
        'clients needs kind="http"': lambda: api(
            {"GET /a": answering()}, user_pool=people(), scopes=[SCOPE], clients=["web"]
        ),
        'takes any token of the pool, which needs kind="http"': lambda: api(
            {"GET /a": answering()}, user_pool=people()
        ),
        'cors.allow_origins needs kind="http" for more than one origin': lambda: api(
            {"GET /a": Route(answering(), public=True)},
            cors=Cors(allow_origins=["https://a.example", "https://b.example"], allow_methods=["GET"]),
        ),
        'lets its caller wait 30 seconds, which needs kind="http"': lambda: opened(timeout_seconds=30),
        'have {id} and {name} in the same place, which needs kind="http"': lambda: api(
            dict.fromkeys(["GET /a/{id}", "GET /a/{name}/b"], Route(answering(), public=True))
        ),
        "have {id} and {rest+} in the same place": lambda: api(
            dict.fromkeys(["GET /a/{id}", "GET /a/{rest+}"], Route(answering(), public=True))
        ),
    }
    for text, program in cases.items():
        assert text in refused(run, program)


def test_a_function_that_runs_thirty_seconds_is_too_slow(run: Run) -> None:
    text = refused(run, lambda: api({"GET /a": Route(answering(timeout_seconds=30), public=True)}))
    assert "Route(function, timeout_seconds=29)" in text


def test_the_missing_scope_is_named(run: Run) -> None:
    assert f"scopes=[{SCOPE!r}]" in refused(run, lambda: api({"GET /a": answering()}, user_pool=people()))


def test_parts_that_need_one_another_are_named(run: Run) -> None:
    plan = UsagePlan("partners", keys=["acme"])
    keyed = {"api_key": True}
    cases: dict[str, Callable[[], Any]] = {
        "api_key needs usage_plans": lambda: opened(**keyed),
        "usage_plans must be empty when no route": lambda: api(
            {"GET /a": Route(answering(), public=True)}, usage_plans=[plan]
        ),
        "usage_plans must differ in name": lambda: api(
            {"GET /a": Route(answering(), public=True, api_key=True)},
            usage_plans=[plan, UsagePlan("partners", keys=["other"])],
        ),
        "usage_plans must differ in keys": lambda: api(
            {"GET /a": Route(answering(), public=True, api_key=True)},
            usage_plans=[plan, UsagePlan("others", keys=["acme"])],
        ),
        "cache needs a cache in the API": lambda: opened(cache=RouteCache()),
        "it is billed by the hour": lambda: api({"GET /a": Route(answering(), public=True)}, cache=Cache()),
        "answers to GET alone are kept": lambda: api(
            {"POST /a": Route(answering(), public=True, cache=RouteCache())}, cache=Cache()
        ),
        "one caller would get another's answer": lambda: api(
            {"GET /a": Route(answering(), cache=RouteCache())},
            authorizer=rules(identity_sources=[]),
            cache=Cache(),
        ),
        "create_account_log_role needs access_logs": lambda: api(
            {"GET /a": Route(answering(), public=True)}, create_account_log_role=True, access_logs=False
        ),
        "web_acl must be an aws.wafv2.WebAcl or its ARN, got a LogGroup": lambda: api(
            {"GET /a": Route(answering(), public=True)}, web_acl=aws.cloudwatch.LogGroup("group")
        ),
    }
    for text, program in cases.items():
        assert text in refused(run, program)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: UsagePlan("Partners", keys=["a"]), "UsagePlan.name must be 1-40 lower-case"),
        (lambda: UsagePlan("partners", keys=["a b"]), "UsagePlan.keys must be 1-40 lower-case"),
        (lambda: UsagePlan("partners", keys=[]), "UsagePlan.keys must name at least one key"),
        (lambda: UsagePlan("partners", keys=["a", "a"]), "each once, got ['a', 'a']"),
        (lambda: Quota(limit=0, period="DAY"), "Quota.limit must be at least 1, got 0"),
        (lambda: RouteCache(ttl_seconds=3601), "RouteCache.ttl_seconds must be 1-3,600 seconds, got 3601"),
        (lambda: RouteCache(query=["a b"]), "RouteCache.query must be names of letters"),
        (lambda: RouteCache(headers=["a", "a"]), "RouteCache.headers must differ, got 'a' twice"),
        (lambda: Cache(size_gb="2"), "Cache.size_gb must be one of '0.5', '1.6'"),  # type: ignore[arg-type] # the point
    ],
    ids=range(9),
)
def test_what_can_not_be_is_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        make()
    assert text in str(raised.value)
