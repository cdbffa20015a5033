"""What a CDN is told, with a bucket of its own or with another's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import pulumi_aws as aws
import pydantic

from components._base import Children, ComponentArgs, Input
from components._bucket_shapes import LOG_DELIVERY
from components._cdn_domain import REGION, CdnDomain
from components._cdn_headers import SecurityHeaders
from components.asset_bucket import AssetBucket
from components.serverless_api import ServerlessApi
from components.web_acl import WebAcl

_PREFIX = re.compile(r"(/[a-z0-9]+([._-][a-z0-9]+)*)+")
_WEB_ACL = re.compile(rf"arn:aws[a-z-]*:wafv2:{REGION}:\d{{12}}:global/webacl/\S+")


class CdnSettings(ComponentArgs):
    """What every CDN can be told."""

    children: ClassVar[Children] = {
        "distribution": lambda: aws.cloudfront.Distribution,
        "origin_access_control": lambda: aws.cloudfront.OriginAccessControl,
        "headers_policy": lambda: aws.cloudfront.ResponseHeadersPolicy,
        "function": lambda: aws.cloudfront.Function,
        "certificate": lambda: aws.acm.Certificate,
        "validation": lambda: aws.acm.CertificateValidation,
        "record": lambda: aws.route53.Record,
        "log_source": lambda: aws.cloudwatch.LogDeliverySource,
        "log_destination": lambda: aws.cloudwatch.LogDeliveryDestination,
        "log_delivery": lambda: aws.cloudwatch.LogDelivery,
    }

    apis: Mapping[str, ServerlessApi | Input[str]] = {}
    """APIs by the beginning of their paths, or their URLs: `{"/api": api}` sends `/api/users` to the route
    `/users`, uncached, with all that the client sent but the name of the host. The API's own address stays
    open beside it. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html"""

    domain: CdnDomain | None = None
    """Names of its own; unset, AWS's name alone, whose certificate lets clients use TLS 1.0."""

    headers: SecurityHeaders = SecurityHeaders()
    """What browsers are told with every answer."""

    web_acl: WebAcl | Input[str] | None = None
    """The firewall in front, or its ARN; of the scope `CLOUDFRONT`."""

    access_logs: AssetBucket | None = None
    """The bucket that gets a line of JSON for each request, below `AWSLogs/<account>/CloudFront/`, within
    minutes. It needs `ServiceAccess.log_delivery()` among its services. Free, but for what is stored.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Where it answers from: North America, Europe and Israel; most places too; or everywhere, for up to
    twice the price of a GB. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PriceClass.html"""

    description: Annotated[str, pydantic.Field(max_length=128)] | None = None
    """What the console shows, at most 128 characters."""

    @pydantic.field_validator("apis")
    @classmethod
    def _apis_have_paths(
        cls, apis: Mapping[str, ServerlessApi | Input[str]]
    ) -> Mapping[str, ServerlessApi | Input[str]]:
        for prefix, api in apis.items():
            if not _PREFIX.fullmatch(prefix):
                raise ValueError(
                    "must be by the beginning of their paths such as '/api', lower-case letters and digits, "
                    f"without '/' at the end, got {prefix!r}"
                )
            if isinstance(api, str) and not api.startswith("https://"):
                raise ValueError(f"[{prefix!r}] must be an API or an https:// URL, got {api!r}")
        if len({slug(prefix) for prefix in apis}) < len(apis):
            raise ValueError(f"must differ in more than '/', '.', '_' and '-', got {', '.join(apis)}")
        return apis

    @pydantic.field_validator("web_acl")
    @classmethod
    def _web_acl_is_of_cloudfront(cls, web_acl: WebAcl | Input[str] | None) -> WebAcl | Input[str] | None:
        if isinstance(web_acl, WebAcl) and web_acl.scope != "CLOUDFRONT":
            raise ValueError(
                f"{web_acl.name!r} must have the scope CLOUDFRONT, got {web_acl.scope}: make one of its own"
            )
        if isinstance(web_acl, str) and not _WEB_ACL.fullmatch(web_acl):
            raise ValueError(f"must be the ARN of a global web ACL in {REGION}, got {web_acl!r}")
        return web_acl

    @pydantic.field_validator("access_logs")
    @classmethod
    def _logs_can_be_delivered(cls, access_logs: AssetBucket | None) -> AssetBucket | None:
        if access_logs is not None and LOG_DELIVERY not in access_logs.services:
            raise ValueError(
                f"{access_logs.name!r} must have ServiceAccess.log_delivery() among its services"
            )
        return access_logs


def slug(prefix: str) -> str:
    """The beginning of paths as a part of names."""
    return re.sub(r"[/._]", "-", prefix.strip("/"))
