"""API Gateway's HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

from backplane.local import wire
from backplane.local.provider.table import Inputs, Naming, Read, Row, Template

_SERVICE = "apigatewayv2"
_ARN = "arn:aws:apigateway:{region}::"
_EXECUTE = "arn:aws:execute-api:{region}:{account}:"

# The addresses that AWS would give don't resolve on this machine; the emulator serves APIs under a path too.
_SCHEME = "({protocol} == 'WEBSOCKET' && 'ws' || 'http')"
_ADDRESS = "join('', [" + _SCHEME + ", '://', host, '/_aws/execute-api/', {api}])"


def _by_key(inputs: Inputs, name: str, key: str) -> None:
    """Pulumi's list of objects with a key in each is AWS's map."""
    found = inputs.get(name)
    if not isinstance(found, list) or wire.UNKNOWN in found:
        return
    entries: dict[Any, Any] = {item.pop(key): item for item in found}
    inputs[name] = wire.UNKNOWN if wire.UNKNOWN in entries else entries


def _stage(inputs: Inputs) -> None:
    _by_key(inputs, "routeSettings", "routeKey")


def _route(inputs: Inputs) -> None:
    _by_key(inputs, "requestParameters", "requestParameterKey")


_NO_LIMIT = "requests are not throttled"
_NO_METRICS = "no metrics"

ROWS = (
    Row(
        type="aws:apigatewayv2/api:Api",
        service=_SERVICE,
        create="CreateApi",
        id="out.ApiId",
        name=Naming(limit=128),
        dropped={"failOnWarnings": "of an imported definition, and `body` is not known here"},
        outputs={
            "apiEndpoint": _ADDRESS.format(protocol="out.ProtocolType", api="id"),
            "arn": Template(_ARN + "/apis/{id}"),
            "executionArn": Template(_EXECUTE + "{id}"),
        },
        defaults={"ipAddressType": "ipv4"},
        read=Read(operation="GetApi", given={"ApiId": "id"}),
    ),
    Row(
        type="aws:apigatewayv2/route:Route",
        service=_SERVICE,
        create="CreateRoute",
        id="out.RouteId",
        reshape=_route,
    ),
    Row(
        type="aws:apigatewayv2/integration:Integration",
        service=_SERVICE,
        create="CreateIntegration",
        id="out.IntegrationId",
        rename={"timeoutMilliseconds": "TimeoutInMillis"},
        defaults={"integrationResponseSelectionExpression": "", "timeoutMilliseconds": 30_000},
        inputs_not_emulated={"timeoutMilliseconds": "only the function's own timeout holds"},
    ),
    Row(
        type="aws:apigatewayv2/authorizer:Authorizer",
        service=_SERVICE,
        create="CreateAuthorizer",
        id="out.AuthorizerId",
        name=Naming(limit=128),
        defaults={"authorizerResultTtlInSeconds": 0},
    ),
    Row(
        type="aws:apigatewayv2/stage:Stage",
        service=_SERVICE,
        create="CreateStage",
        id="in.name",
        name=Naming(limit=128),
        rename={"name": "StageName"},
        reshape=_stage,
        lookups={"api": Read(operation="GetApi", given={"ApiId": "in.apiId"})},
        outputs={
            "arn": Template(_ARN + "/apis/{in[apiId]}/stages/{id}"),
            "executionArn": Template(_EXECUTE + "{in[apiId]}/{id}"),
            "invokeUrl": (
                "join('/', [" + _ADDRESS.format(protocol="api.ProtocolType", api="in.apiId") + ", "
                "(id != '$default' && id || to_string(''))])"
            ),
        },
        defaults={"deploymentId": ""},
        inputs_not_emulated={
            "accessLogSettings": "no access logs",
            "defaultRouteSettings.detailedMetricsEnabled=True": _NO_METRICS,
            "defaultRouteSettings.throttlingRateLimit": _NO_LIMIT,
            "routeSettings.throttlingRateLimit": _NO_LIMIT,
        },
    ),
    Row(
        type="aws:apigatewayv2/deployment:Deployment",
        service=_SERVICE,
        create="CreateDeployment",
        id="out.DeploymentId",
        dropped={"triggers": "tells Pulumi when to deploy again"},
        defaults={"autoDeployed": False},
    ),
    Row(
        type="aws:apigatewayv2/routeResponse:RouteResponse",
        service=_SERVICE,
        create="CreateRouteResponse",
        id="out.RouteResponseId",
    ),
    Row(
        type="aws:apigatewayv2/integrationResponse:IntegrationResponse",
        service=_SERVICE,
        create="CreateIntegrationResponse",
        id="out.IntegrationResponseId",
    ),
    Row(
        type="aws:apigatewayv2/domainName:DomainName",
        service=_SERVICE,
        create="CreateDomainName",
        id="in.domainName",
        rename={"domainNameConfiguration": "DomainNameConfigurations"},
        computed=("domainNameConfiguration.hostedZoneId", "domainNameConfiguration.targetDomainName"),
        outputs={
            "arn": Template(_ARN + "/domainnames/{id}"),
            "domainNameConfiguration": (
                "merge(in.domainNameConfiguration, {"
                "targetDomainName: out.DomainNameConfigurations[0].ApiGatewayDomainName"
                " || join('', ['d-local.execute-api.', region, '.amazonaws.com']), "
                "hostedZoneId: out.DomainNameConfigurations[0].HostedZoneId || 'Z1UJRXOUMOOFQ8'})"
            ),
        },
        defaults={
            "apiMappingSelectionExpression": "$request.basepath",
            "routingMode": "API_MAPPING_ONLY",
        },
        not_emulated="answers to the Host header, without DNS and TLS",
        inputs_not_emulated={"mutualTlsAuthentication": "no TLS"},
    ),
    Row(
        type="aws:apigatewayv2/apiMapping:ApiMapping",
        service=_SERVICE,
        create="CreateApiMapping",
        id="out.ApiMappingId",
    ),
)
