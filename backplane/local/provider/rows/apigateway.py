"""API Gateway's REST APIs, and what it keeps for a whole account."""

from __future__ import annotations

from typing import Any

from backplane.local import wire
from backplane.local.provider.table import Inputs, Naming, Read, Row, Step, Template

_SERVICE = "apigateway"
_ARN = "arn:aws:apigateway:{region}::"
_EXECUTE = "arn:aws:execute-api:{region}:{account}:"
_METHOD = "{in[restApi]}-{in[resourceId]}-{in[httpMethod]}"

_API = {"restApi": "restApiId"}
_NO_CACHE = "nothing is cached"

_METHOD_SETTINGS = {
    "cacheDataEncrypted": "caching/dataEncrypted",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cachingEnabled": "caching/enabled",
    "dataTraceEnabled": "logging/dataTrace",
    "loggingLevel": "logging/loglevel",
    "metricsEnabled": "metrics/enabled",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}
"""https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch"""


def _patch(values: dict[str, Any]) -> list[Any]:
    """Replacements of paths by values, which travel as text."""
    return [
        {"op": "replace", "path": path, "value": str(value).lower() if isinstance(value, bool) else value}
        for path, value in values.items()
        if value is not None
    ]


def _account(inputs: Inputs) -> None:
    inputs["patchOperations"] = _patch({"/cloudwatchRoleArn": inputs.pop("cloudwatchRoleArn", "")})


def _method_settings(inputs: Inputs) -> None:
    path, settings = inputs.pop("methodPath"), inputs.pop("settings")
    if wire.UNKNOWN in (path, settings):
        inputs["patchOperations"] = wire.UNKNOWN
        return
    known = {_METHOD_SETTINGS.get(name, name): value for name, value in settings.items()}
    inputs["patchOperations"] = _patch({f"/{path}/{name}": value for name, value in known.items()})


def _stage_update(inputs: Inputs) -> None:
    logs = inputs.pop("accessLogSettings", None)
    values = {"/clientCertificateId": inputs.pop("clientCertificateId", None)}
    if isinstance(logs, dict):
        values |= {f"/accessLogSettings/{name}": value for name, value in logs.items()}
    inputs["patchOperations"] = wire.UNKNOWN if logs is wire.UNKNOWN else _patch(values)


def _usage_plan(inputs: Inputs) -> None:
    """Pulumi's list of limits by path is AWS's map."""
    stages = inputs.get("apiStages")
    for stage in stages if isinstance(stages, list) else []:
        limits = stage.pop("throttles", None) if isinstance(stage, dict) else None
        if isinstance(limits, list) and wire.UNKNOWN not in limits:
            by_path: dict[Any, Any] = {limit.pop("path"): limit for limit in limits}
            stage["throttle"] = wire.UNKNOWN if wire.UNKNOWN in by_path else by_path
        elif limits is not None:
            stage["throttle"] = wire.UNKNOWN


ROWS = (
    Row(
        type="aws:apigateway/account:Account",
        service=_SERVICE,
        create="UpdateAccount",
        id="'api-gateway-account'",
        reshape=_account,
        defaults={"apiKeyVersion": "", "cloudwatchRoleArn": "", "features": [], "throttleSettings": []},
        not_emulated="API Gateway writes no logs",
    ),
    Row(
        type="aws:apigateway/restApi:RestApi",
        service=_SERVICE,
        create="CreateRestApi",
        id="out.id",
        name=Naming(),
        dropped={
            "failOnWarnings": "of an imported definition, and `body` is not known here",
            "parameters": "likewise",
            "putRestApiMode": "likewise",
        },
        lookups={"tree": Read(operation="GetResources", given={"restApiId": "id"})},
        outputs={
            "arn": Template(_ARN + "/restapis/{id}"),
            "createdDate": "to_string(out.createdDate)",
            "executionArn": Template(_EXECUTE + "{id}"),
            "rootResourceId": "tree.items[?path=='/'].id | [0]",
        },
        defaults={
            "apiKeySource": "HEADER",
            "binaryMediaTypes": [],
            "description": "",
            "disableExecuteApiEndpoint": False,
            "endpointAccessMode": "",
            "minimumCompressionSize": "",
            "policy": "",
            "securityPolicy": "",
        },
        inputs_not_emulated={"minimumCompressionSize": "answers are not compressed"},
    ),
    Row(
        type="aws:apigateway/resource:Resource",
        service=_SERVICE,
        create="CreateResource",
        id="out.id",
        rename=_API,
    ),
    Row(
        type="aws:apigateway/method:Method",
        service=_SERVICE,
        create="PutMethod",
        id=Template("agm-" + _METHOD),
        rename={**_API, "authorization": "authorizationType"},
    ),
    Row(
        type="aws:apigateway/methodResponse:MethodResponse",
        service=_SERVICE,
        create="PutMethodResponse",
        id=Template("agmr-" + _METHOD + "-{in[statusCode]}"),
        rename=_API,
    ),
    Row(
        type="aws:apigateway/integration:Integration",
        service=_SERVICE,
        create="PutIntegration",
        id=Template("agi-" + _METHOD),
        rename={**_API, "timeoutMilliseconds": "timeoutInMillis"},
        outputs={"cacheNamespace": "in.cacheNamespace || in.resourceId"},
        defaults={"passthroughBehavior": "WHEN_NO_MATCH", "responseTransferMode": "BUFFERED"},
        inputs_not_emulated={
            "cacheKeyParameters": _NO_CACHE,
            "timeoutMilliseconds": "only the function's own timeout holds",
        },
    ),
    Row(
        type="aws:apigateway/integrationResponse:IntegrationResponse",
        service=_SERVICE,
        create="PutIntegrationResponse",
        id=Template("agir-" + _METHOD + "-{in[statusCode]}"),
        rename=_API,
    ),
    Row(
        type="aws:apigateway/model:Model",
        service=_SERVICE,
        create="CreateModel",
        id="out.id",
        name=Naming(),
        rename=_API,
    ),
    Row(
        type="aws:apigateway/requestValidator:RequestValidator",
        service=_SERVICE,
        create="CreateRequestValidator",
        id="out.id",
        name=Naming(),
        rename=_API,
    ),
    Row(
        type="aws:apigateway/authorizer:Authorizer",
        service=_SERVICE,
        create="CreateAuthorizer",
        id="out.id",
        name=Naming(),
        rename={**_API, "providerArns": "providerARNs"},
        outputs={"arn": Template(_ARN + "/restapis/{in[restApi]}/authorizers/{id}")},
    ),
    Row(
        type="aws:apigateway/response:Response",
        service=_SERVICE,
        create="PutGatewayResponse",
        id=Template("aggr-{in[restApiId]}-{in[responseType]}"),
    ),
    Row(
        type="aws:apigateway/deployment:Deployment",
        service=_SERVICE,
        create="CreateDeployment",
        id="out.id",
        rename=_API,
        dropped={"triggers": "tells Pulumi when to deploy again"},
        outputs={"createdDate": "to_string(out.createdDate)"},
        not_emulated="changes of methods are served without one",
    ),
    Row(
        type="aws:apigateway/stage:Stage",
        service=_SERVICE,
        create="CreateStage",
        id=Template("ags-{in[restApi]}-{in[stageName]}"),
        rename={**_API, "deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"},
        steps=(
            Step(
                operation="UpdateStage",
                inputs=("accessLogSettings", "clientCertificateId"),
                given={"restApiId": "in.restApi", "stageName": "in.stageName"},
                reshape=_stage_update,
            ),
        ),
        outputs={
            "arn": Template(_ARN + "/restapis/{in[restApi]}/stages/{in[stageName]}"),
            "executionArn": Template(_EXECUTE + "{in[restApi]}/{in[stageName]}"),
            "invokeUrl": "join('', ['http://', host, '/_aws/execute-api/', in.restApi, '/', in.stageName])",
        },
        defaults={"webAclArn": ""},
        inputs_not_emulated={
            "accessLogSettings": "no access logs",
            "cacheClusterEnabled=True": _NO_CACHE,
            "canarySettings": "the deployment takes all requests",
            "xrayTracingEnabled=True": "no traces",
        },
    ),
    Row(
        type="aws:apigateway/methodSettings:MethodSettings",
        service=_SERVICE,
        create="UpdateStage",
        id=Template("{in[restApi]}-{in[stageName]}-{in[methodPath]}"),
        rename=_API,
        reshape=_method_settings,
        inputs_not_emulated={
            "settings.cachingEnabled=True": _NO_CACHE,
            "settings.metricsEnabled=True": "no metrics",
        },
    ),
    Row(
        type="aws:apigateway/apiKey:ApiKey",
        service=_SERVICE,
        create="CreateApiKey",
        id="out.id",
        name=Naming(),
        outputs={
            "arn": Template(_ARN + "/apikeys/{id}"),
            "createdDate": "to_string(out.createdDate)",
            "lastUpdatedDate": "to_string(out.lastUpdatedDate)",
        },
    ),
    Row(
        type="aws:apigateway/usagePlan:UsagePlan",
        service=_SERVICE,
        create="CreateUsagePlan",
        id="out.id",
        name=Naming(),
        rename={"quotaSettings": "quota", "throttleSettings": "throttle"},
        dropped={"productCode": "of a plan that AWS Marketplace sells"},
        reshape=_usage_plan,
        outputs={"arn": Template(_ARN + "/usageplans/{id}")},
    ),
    Row(
        type="aws:apigateway/usagePlanKey:UsagePlanKey",
        service=_SERVICE,
        create="CreateUsagePlanKey",
        id="out.id",
    ),
    Row(
        type="aws:apigateway/domainName:DomainName",
        service=_SERVICE,
        create="CreateDomainName",
        id="in.domainName",
        outputs={
            "arn": Template(_ARN + "/domainnames/{id}"),
            "certificateUploadDate": "to_string(out.certificateUploadDate || '')",
            "cloudfrontDomainName": "out.distributionDomainName",
            "cloudfrontZoneId": "out.distributionHostedZoneId",
            "regionalZoneId": "out.regionalHostedZoneId",
        },
        defaults={
            "domainNameId": "",
            "endpointAccessMode": "",
            "ownershipVerificationCertificateArn": "",
            "policy": "",
            "routingMode": "BASE_PATH_MAPPING_ONLY",
            "securityPolicy": "TLS_1_2",
        },
        not_emulated="answers to the Host header, without DNS and TLS",
        inputs_not_emulated={"mutualTlsAuthentication": "no TLS"},
    ),
    Row(
        type="aws:apigateway/basePathMapping:BasePathMapping",
        service=_SERVICE,
        create="CreateBasePathMapping",
        id="join('/', [in.domainName, in.basePath || ''])",
        rename={**_API, "stageName": "stage"},
    ),
)
