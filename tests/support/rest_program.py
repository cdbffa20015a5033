"""A REST API with every resource that pulumi_aws has for one, for the tests of the provider's rows."""

from __future__ import annotations

import json
import secrets

import pulumi
import pulumi_aws as aws

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
CODE = "def handler(event, context):\n    print('asked')\n    return {'statusCode': 200, 'body': 'first'}\n"
SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def rest_api() -> None:
    """One method that checks bodies and wants a key, and one that answers preflight requests."""
    role = aws.iam.Role("orders-role", assume_role_policy=TRUST)
    orders = aws.lambda_.Function(
        "orders",
        role=role.arn,
        runtime="python3.13",
        handler="main.handler",
        code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(CODE)}),
    )
    api = aws.apigateway.RestApi(
        "shop", endpoint_configuration={"types": "REGIONAL"}, minimum_compression_size="1024"
    )
    resource = aws.apigateway.Resource(
        "orders", rest_api=api.id, parent_id=api.root_resource_id, path_part="orders"
    )
    place = {"rest_api": api.id, "resource_id": resource.id}
    deployed = [*_order(api, place, orders), *_preflight(place)]
    deployed.append(
        aws.apigateway.Response(
            "refused",
            rest_api_id=api.id,
            response_type="BAD_REQUEST_BODY",
            status_code="422",
            response_templates={"application/json": "{}"},
        )
    )
    deployment = aws.apigateway.Deployment(
        "shop", rest_api=api.id, triggers={"a": "b"}, opts=pulumi.ResourceOptions(depends_on=deployed)
    )
    stage = aws.apigateway.Stage(
        "shop",
        rest_api=api.id,
        stage_name="v1",
        deployment=deployment.id,
        access_log_settings={
            "destinationArn": aws.cloudwatch.LogGroup("shop").arn,
            "format": "$context.requestId",
        },
        cache_cluster_enabled=True,
        cache_cluster_size="0.5",
        variables={"word": "hello"},
        xray_tracing_enabled=True,
    )
    aws.apigateway.MethodSettings(
        "orders",
        rest_api=api.id,
        stage_name=stage.stage_name,
        method_path="orders/POST",
        settings={"throttlingRateLimit": 5, "throttlingBurstLimit": 6, "cachingEnabled": True},
    )
    key = _plan(api, stage)
    _name(api, stage)
    acl = aws.wafv2.WebAcl(
        "shop",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config={
            "cloudwatchMetricsEnabled": False,
            "metricName": "shop",
            "sampledRequestsEnabled": False,
        },
    )
    aws.wafv2.WebAclAssociation("shop", resource_arn=stage.arn, web_acl_arn=acl.arn)
    pulumi.export("url", stage.invoke_url)
    pulumi.export("apiId", api.id)
    pulumi.export("stageArn", stage.arn)
    pulumi.export("webAclArn", acl.arn)
    pulumi.export("key", key.value)


def _order(
    api: aws.apigateway.RestApi, place: dict[str, pulumi.Output[str]], orders: aws.lambda_.Function
) -> list[pulumi.Resource]:
    model = aws.apigateway.Model(
        "order",
        rest_api=api.id,
        name="Order",
        content_type="application/json",
        schema=json.dumps(SCHEMA),
    )
    validator = aws.apigateway.RequestValidator("body", rest_api=api.id, validate_request_body=True)
    aws.apigateway.Authorizer(
        "rules", rest_api=api.id, authorizer_uri=orders.invoke_arn, type="REQUEST", identity_source=""
    )
    method = aws.apigateway.Method(
        "order",
        **place,
        http_method="POST",
        authorization="NONE",
        api_key_required=True,
        request_models={"application/json": model.name},
        request_parameters={"method.request.querystring.dry": False},
        request_validator_id=validator.id,
    )
    integration = aws.apigateway.Integration(
        "order",
        **place,
        http_method=method.http_method,
        type="AWS_PROXY",
        integration_http_method="POST",
        uri=orders.invoke_arn,
        timeout_milliseconds=5000,
        cache_key_parameters=["method.request.querystring.dry"],
    )
    return [method, integration]


def _preflight(place: dict[str, pulumi.Output[str]]) -> list[pulumi.Resource]:
    method = aws.apigateway.Method("options", **place, http_method="OPTIONS", authorization="NONE")
    integration = aws.apigateway.Integration(
        "options",
        **place,
        http_method=method.http_method,
        type="MOCK",
        request_templates={"application/json": '{"statusCode": 204}'},
    )
    response = aws.apigateway.MethodResponse(
        "options",
        **place,
        http_method=integration.http_method,
        status_code="204",
        response_parameters={"method.response.header.X-Seen": True},
    )
    answer = aws.apigateway.IntegrationResponse(
        "options",
        **place,
        http_method=integration.http_method,
        status_code=response.status_code,
        response_parameters={"method.response.header.X-Seen": "'yes'"},
    )
    return [method, integration, response, answer]


def _plan(api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> aws.apigateway.ApiKey:
    limits = {"path": "/orders/POST", "rateLimit": 5, "burstLimit": 6}
    plan = aws.apigateway.UsagePlan(
        "partners",
        api_stages=[{"apiId": api.id, "stage": stage.stage_name, "throttles": [limits]}],
        quota_settings={"limit": 100, "period": "DAY"},
        throttle_settings={"rateLimit": 7, "burstLimit": 8},
    )
    pulumi.export("planId", plan.id)
    key = aws.apigateway.ApiKey("acme")
    aws.apigateway.UsagePlanKey("acme", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id)
    return key


def _name(api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> None:
    host = f"{secrets.token_hex(4)}.shop.example"
    certificate = aws.acm.Certificate("rest", domain_name=host, validation_method="DNS")
    domain = aws.apigateway.DomainName(
        "rest",
        domain_name=host,
        regional_certificate_arn=certificate.arn,
        endpoint_configuration={"types": "REGIONAL"},
        security_policy="TLS_1_2",
    )
    aws.apigateway.BasePathMapping(
        "rest", rest_api=api.id, stage_name=stage.stage_name, domain_name=domain.domain_name
    )
    pulumi.export("target", domain.regional_domain_name)
