"""The role with which API Gateway writes the logs of an account's WebSocket and REST APIs.

It is one setting for an account in a Region. Without it AWS refuses a WebSocket stage with access logs:
`CloudWatch Logs role ARN must be set in account settings to enable logging`.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pulumi
import pulumi_aws as aws

_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def create_account_log_role(
    name: str, options: Callable[..., pulumi.ResourceOptions]
) -> aws.apigateway.Account:
    """The account's setting and its role.

    All of it stays in AWS when the stack goes: other stacks' APIs log with it too.
    """
    role = aws.iam.Role(
        f"{name}-account-logs", assume_role_policy=_TRUST, opts=options(retain_on_delete=True)
    )
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-account-logs",
        role=role.name,
        # What AWS itself asks for: the role serves every log group of every API in the account.
        policy_arn=aws.iam.ManagedPolicy.AMAZON_API_GATEWAY_PUSH_TO_CLOUD_WATCH_LOGS,
        opts=options(retain_on_delete=True),
    )
    return aws.apigateway.Account(
        f"{name}-account-logs",
        cloudwatch_role_arn=role.arn,
        # API Gateway tries the role when it is set.
        opts=options(retain_on_delete=True, depends_on=[attachment]),
    )
