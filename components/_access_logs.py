"""Access logs of an API stage: one JSON line a request, in a log group of its own.

Neither paths nor query strings nor tokens are written: the route says what was asked, the request id leads to
the function's own line, and nothing in between is personal but the caller's address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi_aws as aws

ACCESS_LOG_PREFIX = "/aws/vendedlogs/apis/"
"""Log groups under /aws/vendedlogs/ share one line of the account's CloudWatch Logs resource policy; each
other one adds its own, and the policy is full at 5,120 characters.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html"""

_BOTH = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "integrationLatency": "$context.integrationLatency",
    "authorizerError": "$context.authorizer.error",
}
HTTP_FIELDS = {
    **_BOTH,
    "httpMethod": "$context.httpMethod",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""

REST_FIELDS = {
    **HTTP_FIELDS,
    "routeKey": "$context.httpMethod $context.resourcePath",
    "errorType": "$context.error.responseType",
    "apiKeyId": "$context.identity.apiKeyId",
    "wafStatus": "$context.waf.status",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"""

WEBSOCKET_FIELDS = {
    **_BOTH,
    "eventType": "$context.eventType",
    "connectionId": "$context.connectionId",
    "error": "$context.error.message",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html"""


def access_log_settings(
    group: aws.cloudwatch.LogGroup, fields: Mapping[str, str]
) -> aws.apigatewayv2.StageAccessLogSettingsArgs:
    """The stage's part: where the lines go and what they say."""
    return aws.apigatewayv2.StageAccessLogSettingsArgs(
        destination_arn=group.arn, format=access_log_format(fields)
    )


def access_log_format(fields: Mapping[str, str]) -> str:
    """What a line says, as API Gateway takes it."""
    return json.dumps(fields, separators=(",", ":"))
