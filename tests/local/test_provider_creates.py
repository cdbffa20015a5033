"""Every row of the provider table creates its resource for real, with IAM enforced.

What it does not prove: that AWS takes the same calls; only botocore's models and the emulator have.
"""

from __future__ import annotations

import http.client
import json
import secrets
import urllib.parse
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from backplane.local import wire
from backplane.local.engine import ProgramError
from backplane.local.provider.rows import ROWS
from components import (
    AssetBucket,
    AssetBucketArgs,
    BucketCors,
    BucketEvent,
    ObjectLock,
    Replication,
    ServiceAccess,
)
from support.rest_program import rest_api
from support.running import Runner

CODE = "def handler(event, context):\n    print('asked')\n    return {'statusCode': 200, 'body': 'ANSWER'}\n"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    )


def get(address: str) -> tuple[int, bytes]:
    split = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(split.netloc, timeout=30)
    try:
        connection.request("GET", split.path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


TRUST = document({"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})


def code(answer: str = "first") -> pulumi.AssetArchive:
    return pulumi.AssetArchive({"main.py": pulumi.StringAsset(CODE.replace("ANSWER", answer))})


def function(name: str, **arguments: Any) -> aws.lambda_.Function:
    role = aws.iam.Role(f"{name}-role", assume_role_policy=TRUST)
    return aws.lambda_.Function(
        name,
        role=role.arn,
        runtime="python3.13",
        architectures=["arm64"],
        handler="main.handler",
        code=code(),
        publish=True,
        **arguments,
    )


def tables() -> None:
    users = aws.dynamodb.Table(
        "users",
        attributes=[{"name": name, "type": "S"} for name in ("id", "at", "email", "city")],
        hash_key="id",
        range_key="at",
        billing_mode="PROVISIONED",
        read_capacity=3,
        write_capacity=4,
        global_secondary_indexes=[
            {
                "name": "email-index",
                "hashKey": "email",
                "projectionType": "INCLUDE",
                "nonKeyAttributes": ["name"],
                "readCapacity": 1,
                "writeCapacity": 2,
            }
        ],
        local_secondary_indexes=[{"name": "city-index", "rangeKey": "city", "projectionType": "ALL"}],
        ttl={"enabled": True, "attributeName": "expiresAt"},
        point_in_time_recovery={"enabled": True, "recoveryPeriodInDays": 7},
        stream_enabled=True,
        stream_view_type="KEYS_ONLY",
        deletion_protection_enabled=True,
        tags={"team": "a"},
    )
    dimension = "dynamodb:table:ReadCapacityUnits"
    target = aws.appautoscaling.Target(
        "reads",
        min_capacity=1,
        max_capacity=9,
        resource_id=users.name.apply(lambda name: f"table/{name}"),
        scalable_dimension=dimension,
        service_namespace="dynamodb",
    )
    metric = {"predefinedMetricType": "DynamoDBReadCapacityUtilization"}
    aws.appautoscaling.Policy(
        "reads",
        policy_type="TargetTrackingScaling",
        resource_id=target.resource_id,
        scalable_dimension=dimension,
        service_namespace="dynamodb",
        target_tracking_scaling_policy_configuration={
            "predefinedMetricSpecification": metric,
            "targetValue": 70,
        },
    )
    pulumi.export("name", users.name)
    pulumi.export("streamArn", users.stream_arn)
    pulumi.export("targetArn", target.arn)


def test_a_table_has_its_keys_indexes_stream_expiry_and_recovery(up: Runner) -> None:
    outcome = up(tables)
    client, name = up.client("dynamodb"), outcome.outputs["name"]

    table = client.describe_table(TableName=name)["Table"]

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["id", "at"]
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    (email,) = table["GlobalSecondaryIndexes"]
    assert email["KeySchema"] == [{"AttributeName": "email", "KeyType": "HASH"}]
    assert email["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]}
    (city,) = table["LocalSecondaryIndexes"]
    assert [key["AttributeName"] for key in city["KeySchema"]] == ["id", "city"]
    assert table["LatestStreamArn"] == outcome.outputs["streamArn"]
    assert table["DeletionProtectionEnabled"]
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expiresAt"
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_what_the_emulator_does_not_do_is_listed(up: Runner) -> None:
    outcome = up(tables)

    assert outcome.outputs["targetArn"].startswith("arn:aws:application-autoscaling:eu-west-1:000000000000:")
    assert outcome.provider.not_emulated == [
        "aws.appautoscaling.Policy: nothing scales",
        "aws.appautoscaling.Target: nothing scales",
        "aws.dynamodb.Table billingMode: capacity is not limited",
        "aws.dynamodb.Table readCapacity: capacity is not limited",
        "aws.dynamodb.Table ttl: expired items go within seconds, on AWS within days",
    ]


def identities() -> None:
    read = document({"Action": "s3:GetObject", "Resource": "*"})
    policy = aws.iam.Policy("read", policy=read, description="reads")
    role = aws.iam.Role(
        "worker",
        assume_role_policy=TRUST,
        inline_policies=[{"name": "inline", "policy": read}],
        tags={"team": "a"},
    )
    aws.iam.RolePolicy("own", role=role.name, policy=read)
    aws.iam.RolePolicyAttachment("read", role=role.name, policy_arn=policy.arn)
    aws.iam.Role("managed", assume_role_policy=TRUST, managed_policy_arns=[policy.arn])
    pulumi.export("role", role.name)


def test_a_role_has_its_inline_own_and_attached_policies(up: Runner) -> None:
    client, role = up.client("iam"), up(identities).outputs["role"]

    names = client.list_role_policies(RoleName=role)["PolicyNames"]
    attached = client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]

    assert sorted(name.partition("-")[0] for name in names) == ["inline", "own"]
    assert [policy["PolicyName"].partition("-")[0] for policy in attached] == ["read"]


def functions() -> None:
    logs = aws.cloudwatch.LogGroup("work", retention_in_days=7)
    queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
    layer = aws.lambda_.LayerVersion(
        "packages",
        layer_name="packages",
        code=pulumi.AssetArchive({"python/nothing.py": pulumi.StringAsset("")}),
        compatible_runtimes=["python3.13"],
    )
    work = function(
        "work",
        layers=[layer.arn],
        logging_config={"logFormat": "JSON", "logGroup": logs.name},
        environment={"variables": {"WORD": "hello"}},
        memory_size=192,
        timeout=7,
        reserved_concurrent_executions=5,
        tracing_config={"mode": "Active"},
    )
    live = aws.lambda_.Alias("live", name="live", function_name=work.name, function_version=work.version)
    aws.lambda_.Permission(
        "invoke",
        action="lambda:InvokeFunction",
        function=work.name,
        qualifier=live.name,
        principal="events.amazonaws.com",
    )
    aws.lambda_.ProvisionedConcurrencyConfig(
        "warm", function_name=work.name, qualifier=live.name, provisioned_concurrent_executions=1
    )
    aws.lambda_.FunctionEventInvokeConfig(
        "async",
        function_name=work.name,
        maximum_retry_attempts=1,
        destination_config={"onFailure": {"destination": queue.arn}},
    )
    aws.lambda_.EventSourceMapping("jobs", function_name=work.name, event_source_arn=queue.arn, batch_size=3)
    url = aws.lambda_.FunctionUrl("open", function_name=work.name, authorization_type="NONE")
    aws.cloudwatch.LogMetricFilter(
        "errors",
        log_group_name=logs.name,
        pattern="ERROR",
        metric_transformation={"name": "Errors", "namespace": "Shop", "value": "1"},
    )
    aws.cloudwatch.LogResourcePolicy("write", policy_name="write", policy_document=document())
    pulumi.export("name", work.name)
    pulumi.export("url", url.function_url)
    pulumi.export("logs", logs.name)


def test_a_function_runs_as_it_was_declared_and_writes_to_its_own_log_group(up: Runner) -> None:
    outcome = up(functions)
    name = outcome.outputs["name"]
    client = up.client("lambda")

    answer = json.load(client.invoke(FunctionName=name, Qualifier="live")["Payload"])

    assert answer["body"] == "first"
    found = client.get_function_configuration(FunctionName=name, Qualifier="live")
    assert (found["MemorySize"], found["Timeout"], found["Version"]) == (192, 7, "1")
    assert found["Environment"]["Variables"] == {"WORD": "hello"}
    assert not found.get("Layers")
    assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 5
    events = up.client("logs").filter_log_events(logGroupName=outcome.outputs["logs"])["events"]
    assert any("asked" in event["message"] for event in events)
    (group,) = up.client("logs").describe_log_groups(logGroupNamePrefix=outcome.outputs["logs"])["logGroups"]
    assert group["retentionInDays"] == 7


def test_a_function_answers_at_its_url(up: Runner) -> None:
    assert get(up(functions).outputs["url"]) == (200, b"first")


def test_replaced_code_is_what_the_alias_serves(up: Runner) -> None:
    outcome = up(functions)
    name = outcome.outputs["name"]
    text = CODE.replace("ANSWER", "second")

    version = outcome.provider.replace_code(name, wire.Archive(assets={"main.py": wire.Asset(text=text)}))

    answer = json.load(up.client("lambda").invoke(FunctionName=name, Qualifier="live")["Payload"])
    assert (version, answer["body"]) == ("2", "second")


def http_api() -> None:
    greet = function("greet")
    live = aws.lambda_.Alias("live", name="live", function_name=greet.name, function_version=greet.version)
    logs = aws.cloudwatch.LogGroup("access")
    api = aws.apigatewayv2.Api(
        "shop", protocol_type="HTTP", cors_configuration={"allowOrigins": ["https://a.example"]}
    )
    integration = aws.apigatewayv2.Integration(
        "greet",
        api_id=api.id,
        integration_type="AWS_PROXY",
        integration_uri=live.invoke_arn,
        payload_format_version="2.0",
    )
    target = integration.id.apply(lambda id_: f"integrations/{id_}")
    aws.apigatewayv2.Route("greet", api_id=api.id, route_key="GET /greet", target=target)
    jwt = aws.apigatewayv2.Authorizer(
        "users",
        api_id=api.id,
        authorizer_type="JWT",
        identity_sources=["$request.header.Authorization"],
        jwt_configuration={"audiences": ["client"], "issuer": "https://issuer.example"},
    )
    aws.apigatewayv2.Route(
        "closed",
        api_id=api.id,
        route_key="GET /closed",
        target=target,
        authorization_type="JWT",
        authorizer_id=jwt.id,
    )
    stages = {
        name: aws.apigatewayv2.Stage(
            stage,
            api_id=api.id,
            name=name,
            auto_deploy=True,
            access_log_settings={"destinationArn": logs.arn, "format": "$context.requestId"},
            default_route_settings={"throttlingRateLimit": 5, "throttlingBurstLimit": 6},
            route_settings=[{"routeKey": "GET /greet", "throttlingRateLimit": 1, "throttlingBurstLimit": 2}],
        )
        for stage, name in (("root", "$default"), ("named", "v1"))
    }
    host = f"{secrets.token_hex(4)}.shop.example"
    certificate = aws.acm.Certificate("api", domain_name=host, validation_method="DNS")
    zone = aws.route53.Zone("shop", name="shop.example")
    option = certificate.domain_validation_options[0]
    proof = aws.route53.Record(
        "proof",
        zone_id=zone.zone_id,
        name=option.resource_record_name,
        type=option.resource_record_type,
        records=[option.resource_record_value],
        ttl=60,
    )
    valid = aws.acm.CertificateValidation(
        "api", certificate_arn=certificate.arn, validation_record_fqdns=[proof.fqdn]
    )
    domain = aws.apigatewayv2.DomainName(
        "api",
        domain_name=host,
        domain_name_configuration={
            "certificateArn": valid.certificate_arn,
            "endpointType": "REGIONAL",
            "securityPolicy": "TLS_1_2",
        },
    )
    aws.apigatewayv2.ApiMapping(
        "api", api_id=api.id, domain_name=domain.domain_name, stage=stages["$default"].name
    )
    alias = aws.route53.Record(
        "api",
        zone_id=zone.zone_id,
        name=host,
        type="A",
        aliases=[
            {
                "name": domain.domain_name_configuration.target_domain_name,
                "zoneId": domain.domain_name_configuration.hosted_zone_id,
                "evaluateTargetHealth": False,
            }
        ],
    )
    aws.apigateway.Account("logs", cloudwatch_role_arn=aws.iam.Role("gw", assume_role_policy=TRUST).arn)
    pulumi.export("root", stages["$default"].invoke_url)
    pulumi.export("named", stages["v1"].invoke_url)
    pulumi.export("apiId", api.id)
    pulumi.export("zoneId", zone.zone_id)
    pulumi.export("record", alias.fqdn)
    pulumi.export("certificate", certificate.arn)


def test_an_http_api_answers_on_its_stages_through_the_alias(up: Runner) -> None:
    outputs = up(http_api).outputs

    for address in (f"{outputs['root']}greet", f"{outputs['named']}/greet"):
        assert get(address) == (200, b"first")


def test_a_jwt_route_is_closed(up: Runner) -> None:
    status, _ = get(f"{up(http_api).outputs['root']}closed")

    assert status == 401


def test_a_stage_keeps_throttles_by_route(up: Runner) -> None:
    client = up.client("apigatewayv2")

    stage = client.get_stage(ApiId=up(http_api).outputs["apiId"], StageName="v1")

    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 6
    assert stage["RouteSettings"]["GET /greet"]["ThrottlingRateLimit"] == 1


def test_a_zone_has_its_alias_record(up: Runner) -> None:
    outputs = up(http_api).outputs

    records = up.client("route53").list_resource_record_sets(HostedZoneId=outputs["zoneId"])

    (alias,) = (record for record in records["ResourceRecordSets"] if record["Type"] == "A")
    assert alias["AliasTarget"]["EvaluateTargetHealth"] is False


def websocket_api() -> None:
    echo = function("echo")
    api = aws.apigatewayv2.Api(
        "chat", protocol_type="WEBSOCKET", route_selection_expression="$request.body.action"
    )
    integration = aws.apigatewayv2.Integration(
        "echo", api_id=api.id, integration_type="AWS_PROXY", integration_uri=echo.invoke_arn
    )
    authorizer = aws.apigatewayv2.Authorizer(
        "token",
        api_id=api.id,
        authorizer_type="REQUEST",
        authorizer_uri=echo.invoke_arn,
        identity_sources=["route.request.querystring.token"],
    )
    route = aws.apigatewayv2.Route(
        "connect",
        api_id=api.id,
        route_key="$connect",
        authorization_type="CUSTOM",
        authorizer_id=authorizer.id,
        target=integration.id.apply(lambda id_: f"integrations/{id_}"),
    )
    answer = aws.apigatewayv2.RouteResponse(
        "connect", api_id=api.id, route_id=route.id, route_response_key="$default"
    )
    aws.apigatewayv2.IntegrationResponse(
        "echo", api_id=api.id, integration_id=integration.id, integration_response_key="/200/"
    )
    deployment = aws.apigatewayv2.Deployment(
        "chat",
        api_id=api.id,
        triggers={"routes": "1"},
        opts=pulumi.ResourceOptions(depends_on=[answer]),
    )
    stage = aws.apigatewayv2.Stage("live", api_id=api.id, name="live", deployment_id=deployment.id)
    pulumi.export("url", stage.invoke_url)
    pulumi.export("endpoint", api.api_endpoint)
    pulumi.export("executionArn", stage.execution_arn)


def test_a_websocket_stage_has_an_address_that_works_here(up: Runner) -> None:
    outputs = up(websocket_api).outputs

    host = str(up.endpoint).partition("://")[2]
    assert outputs["endpoint"].startswith(f"ws://{host}/_aws/execute-api/")
    assert outputs["url"] == f"{outputs['endpoint']}/live"
    assert outputs["executionArn"].startswith("arn:aws:execute-api:eu-west-1:000000000000:")


def messages() -> None:
    key = aws.kms.Key("mail", description="mail", enable_key_rotation=True, rotation_period_in_days=90)
    off = aws.kms.Key("off", is_enabled=False)
    aws.kms.Alias("mail", target_key_id=key.id)
    topic = aws.sns.Topic("news", kms_master_key_id=key.arn, display_name="News")
    queue = aws.sqs.Queue("news", fifo_queue=False, message_retention_seconds=120)
    ordered = aws.sqs.Queue("ordered", fifo_queue=True, content_based_deduplication=True)
    allow = {"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    aws.sqs.QueuePolicy(
        "news", queue_url=queue.url, policy=queue.arn.apply(lambda arn: document({**allow, "Resource": arn}))
    )
    publish = {"Principal": "*", "Action": "sns:Publish"}
    aws.sns.TopicPolicy(
        "news", arn=topic.arn, policy=topic.arn.apply(lambda arn: document({**publish, "Resource": arn}))
    )
    aws.sns.TopicSubscription(
        "news",
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        raw_message_delivery=True,
        filter_policy=json.dumps({"kind": ["wanted"]}),
    )
    pulumi.export("topic", topic.arn)
    pulumi.export("queue", queue.url)
    pulumi.export("ordered", ordered.url)
    pulumi.export("key", key.key_id)
    pulumi.export("off", off.key_id)


def test_a_topic_delivers_what_its_filter_lets_through(up: Runner) -> None:
    outputs = up(messages).outputs
    for kind in ("unwanted", "wanted"):
        up.client("sns").publish(
            TopicArn=outputs["topic"],
            Message=kind,
            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
        )

    got = up.client("sqs").receive_message(
        QueueUrl=outputs["queue"], MaxNumberOfMessages=10, WaitTimeSeconds=5
    )

    assert [message["Body"] for message in got["Messages"]] == ["wanted"]


def test_a_queue_and_a_key_are_as_they_were_declared(up: Runner) -> None:
    outputs = up(messages).outputs
    sqs, kms = up.client("sqs"), up.client("kms")

    retention = sqs.get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["All"])["Attributes"]
    assert retention["MessageRetentionPeriod"] == "120"
    assert outputs["ordered"].endswith(".fifo")
    assert kms.get_key_rotation_status(KeyId=outputs["key"])["KeyRotationEnabled"]
    assert kms.describe_key(KeyId=outputs["off"])["KeyMetadata"]["Enabled"] is False


def people() -> None:
    pool = aws.cognito.UserPool(
        "people",
        password_policy={"minimumLength": 12, "requireNumbers": True},
        mfa_configuration="OPTIONAL",
        software_token_mfa_configuration={"enabled": True},
        username_attributes=["email"],
        schemas=[{"name": "team", "attributeDataType": "String", "mutable": True}],
        account_recovery_setting={"recoveryMechanisms": [{"name": "verified_email", "priority": 1}]},
        tags={"team": "a"},
    )
    client = aws.cognito.UserPoolClient(
        "web",
        user_pool_id=pool.id,
        explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        access_token_validity=5,
        token_validity_units={"accessToken": "minutes"},
    )
    aws.cognito.UserGroup("admin", name="admin", user_pool_id=pool.id)
    aws.cognito.UserPoolDomain("people", domain=f"people-{secrets.token_hex(4)}", user_pool_id=pool.id)
    aws.cognito.ManagedLoginBranding(
        "web", user_pool_id=pool.id, client_id=client.id, use_cognito_provided_values=True
    )
    blocked = {"actions": {"eventAction": "BLOCK"}}
    aws.cognito.RiskConfiguration(
        "people", user_pool_id=pool.id, compromised_credentials_risk_configuration=blocked
    )
    guests = aws.cognito.IdentityPool(
        "guests",
        identity_pool_name="guests",
        allow_unauthenticated_identities=True,
        cognito_identity_providers=[{"clientId": client.id, "providerName": pool.endpoint}],
    )
    guest = aws.iam.Role("guest", assume_role_policy=TRUST)
    aws.cognito.IdentityPoolRoleAttachment(
        "guests", identity_pool_id=guests.id, roles={"unauthenticated": guest.arn}
    )
    pulumi.export("guests", guests.id)
    pulumi.export("guest", guest.arn)
    pulumi.export("pool", pool.id)
    pulumi.export("endpoint", pool.endpoint)
    pulumi.export("client", client.id)
    pulumi.export("password", pool.password_policy)


def test_a_user_pool_has_its_policy_mfa_group_and_client(up: Runner) -> None:
    outputs = up(people).outputs
    client, pool = up.client("cognito-idp"), outputs["pool"]

    found = client.describe_user_pool(UserPoolId=pool)["UserPool"]
    app = client.describe_user_pool_client(UserPoolId=pool, ClientId=outputs["client"])["UserPoolClient"]

    assert outputs["endpoint"] == f"cognito-idp.eu-west-1.amazonaws.com/{pool}"
    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert client.get_user_pool_mfa_config(UserPoolId=pool)["MfaConfiguration"] == "OPTIONAL"
    assert app["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert [group["GroupName"] for group in client.list_groups(UserPoolId=pool)["Groups"]] == ["admin"]


def test_an_identity_pool_has_its_roles(up: Runner) -> None:
    outputs = up(people).outputs
    guests = up.client("cognito-identity").get_identity_pool_roles(IdentityPoolId=outputs["guests"])
    assert guests["Roles"] == {"unauthenticated": outputs["guest"]}


def alarms() -> None:
    simple = aws.cloudwatch.MetricAlarm(
        "errors",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": "work"},
        statistic="Sum",
        period=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        threshold=1,
        comparison_operator="GreaterThanThreshold",
        ok_actions=["arn:aws:sns:eu-west-1:000000000000:ok"],
    )
    metric = {"namespace": "AWS/Lambda", "metricName": "Errors", "period": 60, "stat": "Sum"}
    maths = aws.cloudwatch.MetricAlarm(
        "rate",
        evaluation_periods=1,
        threshold=0.5,
        comparison_operator="GreaterThanThreshold",
        metric_queries=[
            {"id": "rate", "expression": "errors * 2", "label": "twice", "returnData": True},
            {"id": "errors", "metric": {**metric, "dimensions": {"FunctionName": "work"}}},
        ],
    )
    rule = pulumi.Output.concat('ALARM("', simple.name, '") OR ALARM("', maths.name, '")')
    aws.cloudwatch.CompositeAlarm(
        "page",
        alarm_name="page",
        alarm_rule=rule,
        actions_suppressor={"alarm": simple.arn, "extensionPeriod": 60, "waitPeriod": 30},
    )
    aws.cloudwatch.Dashboard("shop", dashboard_name="shop", dashboard_body=json.dumps({"widgets": []}))
    pulumi.export("names", [simple.name, maths.name])


def test_alarms_have_their_metrics_dimensions_and_rule(up: Runner) -> None:
    outputs = up(alarms).outputs
    client = up.client("cloudwatch")

    found = {alarm["AlarmName"]: alarm for alarm in client.describe_alarms()["MetricAlarms"]}
    simple, maths = (found[name] for name in outputs["names"])

    assert simple["Dimensions"] == [{"Name": "FunctionName", "Value": "work"}]
    assert simple["DatapointsToAlarm"] == 2
    assert simple["OKActions"] == ["arn:aws:sns:eu-west-1:000000000000:ok"]
    assert maths["Threshold"] == 0.5
    (page,) = client.describe_alarms(AlarmNames=["page"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert simple["AlarmName"] in page["AlarmRule"]


def audit() -> None:
    files = aws.s3.Bucket("files")
    table = aws.dynamodb.Table(
        "audited", attributes=[{"name": "id", "type": "S"}], hash_key="id", billing_mode="PAY_PER_REQUEST"
    )
    trail = aws.cloudtrail.Trail(
        "audit",
        s3_bucket_name=files.bucket,
        is_multi_region_trail=True,
        enable_log_file_validation=True,
        enable_logging=True,
        advanced_event_selectors=[
            {
                "name": "Items",
                "fieldSelectors": [
                    {"field": "eventCategory", "equals": ["Data"]},
                    {"field": "resources.ARN", "startsWiths": [table.arn]},
                ],
            }
        ],
        tags={"team": "a"},
    )
    pulumi.export("trail", trail.arn)
    pulumi.export("table", table.arn)


def test_a_trail_logs_what_is_selected_in_every_region(up: Runner) -> None:
    outputs = up(audit).outputs
    client = up.client("cloudtrail")

    trail = client.get_trail(Name=outputs["trail"])["Trail"]
    (selector,) = client.get_event_selectors(TrailName=outputs["trail"])["AdvancedEventSelectors"]

    assert (trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True, True)
    assert client.get_trail_status(Name=outputs["trail"])["IsLogging"]
    assert selector["FieldSelectors"][1] == {"Field": "resources.ARN", "StartsWith": [outputs["table"]]}


def backups() -> None:
    key = aws.kms.Key("backups")
    vault = aws.backup.Vault("kept", kms_key_arn=key.arn, tags={"team": "a"})
    aws.backup.VaultLockConfiguration("kept", backup_vault_name=vault.name, min_retention_days=7)
    plan = aws.backup.Plan(
        "daily",
        rules=[
            {
                "ruleName": "daily",
                "targetVaultName": vault.name,
                "schedule": "cron(0 3 * * ? *)",
                "startWindow": 60,
                "completionWindow": 180,
                "lifecycle": {"coldStorageAfter": 7, "deleteAfter": 97},
            }
        ],
    )
    role = aws.iam.Role("backups", assume_role_policy=TRUST)
    aws.backup.Selection("users", plan_id=plan.id, iam_role_arn=role.arn, resources=["arn:aws:dynamodb:::x"])
    pulumi.export("vault", vault.name)
    pulumi.export("key", key.arn)
    pulumi.export("plan", plan.id)


def test_a_vault_has_its_key_and_a_plan_its_rule(up: Runner) -> None:
    outputs = up(backups).outputs
    client = up.client("backup")

    vault = client.describe_backup_vault(BackupVaultName=outputs["vault"])
    (rule,) = client.get_backup_plan(BackupPlanId=outputs["plan"])["BackupPlan"]["Rules"]

    assert vault["EncryptionKeyArn"] == outputs["key"]
    assert rule["TargetBackupVaultName"] == outputs["vault"]
    assert (rule["StartWindowMinutes"], rule["CompletionWindowMinutes"]) == (60, 180)
    assert rule["Lifecycle"] == {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97}


def schedules() -> None:
    queue = aws.sqs.Queue("swept")
    group = aws.scheduler.ScheduleGroup("sweeps", tags={"team": "a"})
    role = aws.iam.Role("sweeps", assume_role_policy=TRUST)
    sweep = aws.scheduler.Schedule(
        "sweep",
        group_name=group.name,
        schedule_expression="cron(0 3 * * ? *)",
        schedule_expression_timezone="Europe/Berlin",
        start_date="2030-01-31T12:00:00Z",
        flexible_time_window={"mode": "FLEXIBLE", "maximumWindowInMinutes": 15},
        target={
            "arn": queue.arn,
            "roleArn": role.arn,
            "input": "{}",
            "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
        },
    )
    pulumi.export("group", group.name)
    pulumi.export("name", sweep.name)
    pulumi.export("id", sweep.id)


def test_a_schedule_has_its_times_target_and_retries_in_its_group(up: Runner) -> None:
    outputs = up(schedules).outputs
    client = up.client("scheduler")

    found = client.get_schedule(GroupName=outputs["group"], Name=outputs["name"])

    assert outputs["id"] == f"{outputs['group']}/{outputs['name']}"
    assert found["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert found["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert found["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 2}
    (group,) = (one for one in client.list_schedule_groups()["ScheduleGroups"] if one["Name"] != "default")
    tags = client.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


def traces() -> None:
    group = aws.xray.Group("shop", group_name="shop", filter_expression='service("orders")')
    rule = aws.xray.SamplingRule(
        "shop",
        rule_name="shop",
        service_name="shop/*",
        fixed_rate=0.1,
        reservoir_size=2,
        priority=100,
        service_type="*",
        resource_arn="*",
        host="*",
        http_method="GET",
        url_path="/orders/*",
        attributes={"kind": "wanted"},
        version=1,
    )
    pulumi.export("group", group.arn)
    pulumi.export("rule", rule.arn)


def test_a_group_and_a_rule_of_traces_are_listed_as_not_emulated(up: Runner) -> None:
    outcome = up(traces)

    assert outcome.outputs["group"].startswith("arn:aws:xray:eu-west-1:000000000000:group/shop/")
    assert outcome.outputs["rule"] == "arn:aws:xray:eu-west-1:000000000000:sampling-rule/shop"
    assert outcome.provider.not_emulated == [
        "aws.xray.Group: nothing is traced",
        "aws.xray.SamplingRule: nothing is traced",
    ]


def settings() -> None:
    plain = aws.ssm.Parameter("plain", type="String", value="seen", name="/shop/plain")
    secret = aws.ssm.Parameter("secret", type="SecureString", value="hidden")
    pulumi.export("plain", plain.arn)
    pulumi.export("secret", secret.name)
    pulumi.export("version", plain.version)


def test_parameters_are_there(up: Runner) -> None:
    outputs = up(settings).outputs
    client = up.client("ssm")

    assert outputs["plain"] == "arn:aws:ssm:eu-west-1:000000000000:parameter/shop/plain"
    assert outputs["version"] == 1
    secret = client.get_parameter(Name=outputs["secret"], WithDecryption=True)["Parameter"]
    assert (secret["Type"], secret["Value"]) == ("SecureString", "hidden")


def buckets() -> None:
    lock = ObjectLock(mode="GOVERNANCE", days=1)
    logs = AssetBucket("logs", AssetBucketArgs(services=[ServiceAccess.access_logs()]))
    copy = AssetBucket("copy", AssetBucketArgs(region="us-east-1", object_lock=lock))
    pages = BucketCors(allow_origins=["https://shop.example.com"], allow_methods=["PUT"])
    files = AssetBucket(
        "files",
        AssetBucketArgs(
            access_logs=logs, cors=[pages], object_lock=lock, replication=Replication(destination=copy)
        ),
    )
    files.notify(BucketEvent.queue(aws.sqs.Queue("news"), prefix="in/", suffix=".png"))
    pulumi.export("name", files.bucket_name)
    pulumi.export("logs", logs.bucket_name)
    pulumi.export("domain", copy.bucket_regional_domain_name)


def test_buckets_have_their_settings(up: Runner) -> None:
    outputs = up(buckets).outputs
    name, s3 = outputs["name"], up.client("s3")

    assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}
    (queue,) = s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"]
    filters = {rule["Name"].lower(): rule["Value"] for rule in queue["Filter"]["Key"]["FilterRules"]}
    assert filters == {"prefix": "in/", "suffix": ".png"}
    logging = s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == (outputs["logs"], "files/")
    (cors,) = s3.get_bucket_cors(Bucket=name)["CORSRules"]
    assert (cors["AllowedOrigins"], cors["AllowedMethods"]) == (["https://shop.example.com"], ["PUT"])
    lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 1}
    assert outputs["domain"].endswith(".s3.us-east-1.amazonaws.com")


def site() -> None:
    files = aws.s3.Bucket("site")
    tags = {"team": "a", "note": "b c&d"}
    page = aws.s3.BucketObjectv2(
        "page",
        bucket=files.bucket,
        key="a b/index.html",
        content="<h1>",
        content_type="text/html",
        cache_control="no-cache",
        metadata={"made": "here"},
        tags=tags,
    )
    aws.s3.BucketObjectv2("data", bucket=files.bucket, key="data", source=pulumi.StringAsset("1"))
    access = aws.cloudfront.OriginAccessControl(
        "site",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
    )
    source = "function handler(event) { return event.request; }"
    live = aws.cloudfront.Function("live", runtime="cloudfront-js-2.0", code=source)
    draft = aws.cloudfront.Function("draft", runtime="cloudfront-js-2.0", code=source, publish=False)
    headers = aws.cloudfront.ResponseHeadersPolicy(
        "site",
        custom_headers_config={"items": [{"header": "X-A", "value": "1", "override": True}]},
        security_headers_config={"contentTypeOptions": {"override": True}},
    )
    wall = aws.wafv2.WebAcl(
        "wall",
        scope="CLOUDFRONT",
        region="us-east-1",
        default_action={"allow": {}},
        rules=[
            {
                "name": "common",
                "priority": 1,
                "overrideAction": {"none": {}},
                "statement": {
                    "managedRuleGroupStatement": {"name": "AWSManagedRulesCommonRuleSet", "vendorName": "AWS"}
                },
                "visibilityConfig": {
                    "cloudwatchMetricsEnabled": True,
                    "metricName": "common",
                    "sampledRequestsEnabled": True,
                },
            }
        ],
        visibility_config={
            "cloudwatchMetricsEnabled": True,
            "metricName": "wall",
            "sampledRequestsEnabled": True,
        },
    )
    distribution = aws.cloudfront.Distribution(
        "site",
        enabled=True,
        aliases=[f"{secrets.token_hex(4)}.shop.example"],
        web_acl_id=wall.arn,
        origins=[
            {
                "originId": "files",
                "domainName": files.bucket_regional_domain_name,
                "originAccessControlId": access.id,
            },
            {
                "originId": "api",
                "domainName": "api.example.com",
                "customHeaders": [{"name": "X-B", "value": "2"}],
                "customOriginConfig": {
                    "httpPort": 80,
                    "httpsPort": 443,
                    "originProtocolPolicy": "https-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            },
        ],
        default_cache_behavior={
            "targetOriginId": "files",
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "responseHeadersPolicyId": headers.id,
            "functionAssociations": [{"eventType": "viewer-request", "functionArn": live.arn}],
        },
        ordered_cache_behaviors=[
            {
                "pathPattern": "/api/*",
                "targetOriginId": "api",
                "viewerProtocolPolicy": "https-only",
                "allowedMethods": ["GET", "HEAD"],
                "cachedMethods": ["HEAD", "GET"],
                "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            }
        ],
        custom_error_responses=[{"errorCode": 404, "errorCachingMinTtl": 0}],
        restrictions={"geoRestriction": {"restrictionType": "whitelist", "locations": ["DE", "FR"]}},
        viewer_certificate={"cloudfrontDefaultCertificate": True},
        tags={"team": "a"},
    )
    logs = aws.cloudwatch.LogDeliverySource(
        "site", log_type="ACCESS_LOGS", resource_arn=distribution.arn, region="us-east-1"
    )
    where = aws.cloudwatch.LogDeliveryDestination(
        "site",
        output_format="json",
        delivery_destination_configuration={"destinationResourceArn": files.arn},
        region="us-east-1",
    )
    delivery = aws.cloudwatch.LogDelivery(
        "site",
        delivery_source_name=logs.name,
        delivery_destination_arn=where.arn,
        s3_delivery_configurations=[{"suffixPath": "/{yyyy}"}],
        region="us-east-1",
    )
    call = aws.lambda_.Invocation("call", function_name=function("callee").name, input='{"a": 1}')
    pulumi.export("bucket", files.bucket)
    pulumi.export("key", page.key)
    pulumi.export("id", distribution.id)
    pulumi.export("domainName", distribution.domain_name)
    pulumi.export("functions", [live.name, draft.name])
    pulumi.export("wall", wall.id)
    pulumi.export("wallName", wall.name)
    pulumi.export("delivery", delivery.id)
    pulumi.export("result", call.result)


def test_an_object_has_its_type_tags_and_metadata(up: Runner) -> None:
    outputs = up(site).outputs
    client = up.client("s3")

    found = client.get_object(Bucket=outputs["bucket"], Key=outputs["key"])
    tags = client.get_object_tagging(Bucket=outputs["bucket"], Key=outputs["key"])["TagSet"]

    assert (found["Body"].read(), found["ContentType"], found["CacheControl"]) == (
        b"<h1>",
        "text/html",
        "no-cache",
    )
    assert found["Metadata"] == {"made": "here"}
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "a", "note": "b c&d"}
    assert client.get_object(Bucket=outputs["bucket"], Key="data")["Body"].read() == b"1"


def test_a_distribution_is_as_it_was_declared(up: Runner) -> None:
    outputs = up(site).outputs
    client = up.client("cloudfront")

    config = client.get_distribution_config(Id=outputs["id"])["DistributionConfig"]

    files, api = config["Origins"]["Items"]
    assert files["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert files["OriginAccessControlId"]
    assert api["CustomHeaders"]["Items"] == [{"HeaderName": "X-B", "HeaderValue": "2"}]
    (behavior,) = config["CacheBehaviors"]["Items"]
    assert behavior["AllowedMethods"]["CachedMethods"]["Items"] == ["HEAD", "GET"]
    assert config["Restrictions"]["GeoRestriction"]["Items"] == ["DE", "FR"]
    assert config["CustomErrorResponses"]["Items"][0]["ErrorCode"] == 404
    assert config["WebACLId"].endswith(outputs["wall"])
    arn = f"arn:aws:cloudfront::000000000000:distribution/{outputs['id']}"
    tags = client.list_tags_for_resource(Resource=arn)["Tags"]["Items"]
    assert tags == [{"Key": "team", "Value": "a"}]


def test_a_distribution_has_an_address_of_this_machine(up: Runner) -> None:
    outputs = up(site).outputs

    assert outputs["domainName"].startswith("127.0.0.1:")
    status, _ = get(f"http://{outputs['domainName']}/data")
    assert status == 403  # it is there, and the bucket's policy doesn't let it in


def test_a_function_is_live_unless_it_is_not_published(up: Runner) -> None:
    live, draft = up(site).outputs["functions"]
    client = up.client("cloudfront")

    assert client.describe_function(Name=live, Stage="LIVE")["FunctionSummary"]["Name"] == live
    with pytest.raises(ClientError):
        client.describe_function(Name=draft, Stage="LIVE")


def test_a_web_acl_and_a_delivery_are_where_cloudfront_looks(up: Runner) -> None:
    outputs = up(site).outputs

    waf, logs = up.client("wafv2", "us-east-1"), up.client("logs", "us-east-1")
    acl = waf.get_web_acl(Id=outputs["wall"], Name=outputs["wallName"], Scope="CLOUDFRONT")["WebACL"]
    delivery = logs.get_delivery(id=outputs["delivery"])["delivery"]

    assert acl["Rules"][0]["Statement"]["ManagedRuleGroupStatement"]["VendorName"] == "AWS"
    assert delivery["s3DeliveryConfiguration"]["suffixPath"].endswith("/{yyyy}")


def test_an_invocation_has_the_functions_answer(up: Runner) -> None:
    assert json.loads(up(site).outputs["result"]) == {"statusCode": 200, "body": "first"}


def failing() -> None:
    broken = pulumi.AssetArchive(
        {"main.py": pulumi.StringAsset("def handler(event, context):\n    raise RuntimeError('broken')\n")}
    )
    role = aws.iam.Role("failing", assume_role_policy=TRUST)
    made = aws.lambda_.Function(
        "failing", role=role.arn, runtime="python3.13", handler="main.handler", code=broken
    )
    aws.lambda_.Invocation("failing", function_name=made.name, input="{}")


def test_an_invocation_that_fails_fails_the_program(up: Runner) -> None:
    with pytest.raises(ProgramError, match=r"lambda:Invoke: the function failed: .*broken"):
        up(failing)


PROGRAMS = (
    alarms,
    audit,
    backups,
    buckets,
    functions,
    http_api,
    identities,
    messages,
    people,
    rest_api,
    schedules,
    settings,
    site,
    tables,
    traces,
    websocket_api,
)


def test_every_row_is_created_by_a_program_of_this_file(preview: Runner) -> None:
    created = {resource.type for program in PROGRAMS for resource in preview(program).resources}

    assert created >= set(ROWS)


def test_a_resource_that_is_there_is_read(up: Runner) -> None:
    made = up(tables).outputs["name"]
    pool = up(people).outputs["pool"]
    files = up(buckets).outputs["name"]

    def program() -> None:
        found = aws.dynamodb.Table.get("found", made)
        pulumi.export("keys", [found.hash_key, found.range_key])
        pulumi.export("attributes", found.attributes)
        pulumi.export("tableArn", found.arn)
        pulumi.export("poolEndpoint", aws.cognito.UserPool.get("people", pool).endpoint)
        pulumi.export("bucketArn", aws.s3.Bucket.get("files", files).arn)

    outputs = up(program).outputs

    assert outputs["keys"] == ["id", "at"]
    assert {"name": "id", "type": "S"} in outputs["attributes"]
    assert outputs["tableArn"].endswith(f":table/{made}")
    assert outputs["poolEndpoint"].endswith(pool)
    assert outputs["bucketArn"] == f"arn:aws:s3:::{files}"
