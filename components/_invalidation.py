"""A Lambda function's own module: makes the edge forget what it keeps of a site.

A deployment calls it when files have changed that the edge keeps: pulumi-aws has no resource for it. It is
packed by `StaticSite` and runs in Lambda alone, whose runtime has boto3.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

_ATTEMPTS = 8
_PAUSE_SECONDS = 5

_client = boto3.client("cloudfront")


def handler(event: Mapping[str, str], context: Any) -> dict[str, str]:
    """Invalidate every path of a distribution: with `*`, CloudFront counts them as one."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = _client.create_invalidation(
                DistributionId=event["distributionId"],
                InvalidationBatch={
                    # Another time, another invalidation, even for files that were there before.
                    "CallerReference": context.aws_request_id,
                    "Paths": {"Quantity": 1, "Items": ["/*"]},
                },
            )
        except ClientError as error:
            # IAM takes seconds to tell everybody of a policy, and with the site itself it is as new.
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
            if error.response["Error"]["Code"] != "AccessDenied" or attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return {"invalidation": answer["Invalidation"]["Id"]}
    raise AssertionError("the last attempt answers or raises")
