"""The resources of a CDN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from components._base import Input
from components._cdn_domain import REGION, CdnDomain, certificate_arn
from components._cdn_functions import RUNTIME, Pages, page_code, prefix_code
from components._cdn_shapes import CdnSettings, slug
from components.asset_bucket import AssetBucket
from components.serverless_api import ServerlessApi
from components.web_acl import WebAcl

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_READING = ["GET", "HEAD"]
_ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]

# CloudFront keeps errors for ten seconds even where it caches nothing else: whoever asks for a thing, creates
# it and asks again would be told that it isn't there.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
_ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)

_API_SECONDS = 30
"""As long as API Gateway takes at most."""

_BUCKET = "bucket"


class CdnParts:
    """Makes the parts of one CDN."""

    def __init__(self, name: str, args: CdnSettings, child: Callable[..., pulumi.ResourceOptions]) -> None:
        self._name, self._args, self._child = name, args, child

    def origin_access_control(self) -> aws.cloudfront.OriginAccessControl:
        """Requests to the bucket are signed, all of them."""
        return aws.cloudfront.OriginAccessControl(
            f"{self._name}-access",
            **self._args.overriding(
                "origin_access_control",
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
            opts=self._child(),
        )

    def headers_policy(self) -> aws.cloudfront.ResponseHeadersPolicy:
        """The security headers."""
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            **self._args.overriding("headers_policy", **self._args.headers.inputs),
            opts=self._child(),
        )

    def functions(self, pages: Pages | None) -> dict[str, aws.cloudfront.Function]:
        """A function for each API, and one for the pages."""
        found = {
            prefix: self._function(f"path-{slug(prefix)}", prefix_code(prefix)) for prefix in self._args.apis
        }
        if pages is not None:
            found["pages"] = self._function("pages", page_code(pages))
        return found

    def _function(self, suffix: str, code: str) -> aws.cloudfront.Function:
        return aws.cloudfront.Function(
            f"{self._name}-{suffix}",
            **self._args.overriding("function", runtime=RUNTIME, code=code, publish=True),
            opts=self._child(),
        )

    def distribution(
        self,
        *,
        bucket: AssetBucket,
        access: aws.cloudfront.OriginAccessControl,
        headers: aws.cloudfront.ResponseHeadersPolicy,
        functions: Mapping[str, aws.cloudfront.Function],
        certificate: pulumi.Output[str] | None,
        root: str | None,
    ) -> aws.cloudfront.Distribution:
        """The distribution itself."""
        args = self._args
        origins: list[dict[str, Any]] = [
            {
                "origin_id": _BUCKET,
                "domain_name": bucket.bucket_regional_domain_name,
                "origin_access_control_id": access.id,
            },
            *(_api_origin(prefix, _url(api)) for prefix, api in args.apis.items()),
        ]
        return aws.cloudfront.Distribution(
            self._name,
            **args.overriding(
                "distribution",
                enabled=True,
                comment=args.description,
                aliases=None if args.domain is None else list(args.domain.names),
                default_root_object=root,
                http_version="http2and3",
                is_ipv6_enabled=True,
                price_class=args.price_class,
                web_acl_id=_web_acl_arn(args.web_acl),
                origins=origins,
                default_cache_behavior=_bucket_behavior(headers, functions.get("pages")),
                ordered_cache_behaviors=[
                    _api_behavior(prefix, headers, functions[prefix]) for prefix in _deepest_first(args.apis)
                ]
                or None,
                custom_error_responses=[{"error_code": code, "error_caching_min_ttl": 0} for code in _ERRORS],
                restrictions={"geo_restriction": {"restriction_type": "none"}},
                viewer_certificate=_viewer_certificate(certificate),
            ),
            opts=self._child(),
        )

    def certificate(
        self,
    ) -> tuple[
        aws.acm.Certificate | None,
        aws.acm.CertificateValidation | None,
        dict[str, aws.route53.Record],
        pulumi.Output[str] | None,
    ]:
        """The certificate for the names with what proves it, and the ARN of whichever is used."""
        domain = self._args.domain
        if domain is None:
            return None, None, {}, None
        if domain.certificate is not None:
            return None, None, {}, certificate_arn(domain.certificate)
        own = aws.acm.Certificate(
            self._name,
            **self._args.overriding(
                "certificate",
                domain_name=domain.names[0],
                subject_alternative_names=list(domain.names[1:]) or None,
                validation_method="DNS",
                region=REGION,
            ),
            opts=self._child(),
        )
        proofs = {f"{name}-proof": self._proof(domain, own, name) for name in domain.names}
        validation = aws.acm.CertificateValidation(
            self._name,
            **self._args.overriding(
                "validation",
                certificate_arn=own.arn,
                validation_record_fqdns=[record.fqdn for record in proofs.values()],
                region=REGION,
            ),
            opts=self._child(),
        )
        return own, validation, proofs, validation.certificate_arn

    def _proof(self, domain: CdnDomain, own: aws.acm.Certificate, name: str) -> aws.route53.Record:
        def part(which: str) -> pulumi.Output[str]:
            return own.domain_validation_options.apply(
                lambda options: next(
                    str(getattr(option, which)) for option in options if option.domain_name == name
                )
            )

        return aws.route53.Record(
            f"{self._name}-{name}-proof",
            zone_id=domain.hosted_zone_id or "",
            name=part("resource_record_name"),
            type=part("resource_record_type"),
            records=[part("resource_record_value")],
            ttl=300,
            # Another stack's certificate for the same name asks for the same record.
            allow_overwrite=True,
            opts=self._child(),
        )

    def records(self, distribution: aws.cloudfront.Distribution) -> dict[str, aws.route53.Record]:
        """An address of each kind for each name, where there is a zone."""
        domain = self._args.domain
        if domain is None or domain.hosted_zone_id is None:
            return {}
        return {
            f"{name}-{kind.lower()}": aws.route53.Record(
                f"{self._name}-{name}-{kind.lower()}",
                **self._args.overriding(
                    "record",
                    zone_id=domain.hosted_zone_id,
                    name=name,
                    type=kind,
                    aliases=[
                        {
                            "name": distribution.domain_name,
                            "zone_id": distribution.hosted_zone_id,
                            "evaluate_target_health": False,
                        }
                    ],
                ),
                opts=self._child(),
            )
            for name in domain.names
            for kind in ("A", "AAAA")
        }

    def logs(
        self, distribution: aws.cloudfront.Distribution
    ) -> tuple[
        aws.cloudwatch.LogDeliverySource | None,
        aws.cloudwatch.LogDeliveryDestination | None,
        aws.cloudwatch.LogDelivery | None,
    ]:
        """Standard logging as CloudWatch delivers it: the older kind needs a bucket with ACLs."""
        bucket, name = self._args.access_logs, f"{self._name}-logs"
        if bucket is None:
            return None, None, None
        source = aws.cloudwatch.LogDeliverySource(
            name,
            **self._args.overriding(
                "log_source", log_type="ACCESS_LOGS", resource_arn=distribution.arn, region=REGION
            ),
            opts=self._child(),
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            name,
            **self._args.overriding(
                "log_destination",
                output_format="json",
                delivery_destination_configuration={"destination_resource_arn": bucket.bucket_arn},
                region=REGION,
            ),
            opts=self._child(),
        )
        delivery = aws.cloudwatch.LogDelivery(
            name,
            **self._args.overriding(
                "log_delivery",
                delivery_source_name=source.name,
                delivery_destination_arn=destination.arn,
                s3_delivery_configurations=[{"suffix_path": "/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"}],
                region=REGION,
            ),
            # AWS refuses a delivery to a bucket that doesn't let it in.
            opts=self._child(depends_on=[bucket.policy] if bucket.policy is not None else []),
        )
        return source, destination, delivery


def _bucket_behavior(
    headers: aws.cloudfront.ResponseHeadersPolicy, function: aws.cloudfront.Function | None
) -> dict[str, Any]:
    return {
        "target_origin_id": _BUCKET,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": _READING,
        "cached_methods": _READING,
        "cache_policy_id": CACHING_OPTIMIZED,
        "response_headers_policy_id": headers.id,
        "compress": True,
        **({"function_associations": [_before(function)]} if function is not None else {}),
    }


def _api_behavior(
    prefix: str, headers: aws.cloudfront.ResponseHeadersPolicy, function: aws.cloudfront.Function
) -> dict[str, Any]:
    return {
        "path_pattern": f"{prefix}/*",
        "target_origin_id": prefix,
        # A redirect would come after the client has sent its token in the clear.
        "viewer_protocol_policy": "https-only",
        "allowed_methods": _ALL_METHODS,
        "cached_methods": _READING,
        "cache_policy_id": CACHING_DISABLED,
        "origin_request_policy_id": ALL_VIEWER_EXCEPT_HOST_HEADER,
        "response_headers_policy_id": headers.id,
        "function_associations": [_before(function)],
    }


def _before(function: aws.cloudfront.Function) -> dict[str, Any]:
    return {"event_type": "viewer-request", "function_arn": function.arn}


def _api_origin(prefix: str, url: pulumi.Output[str]) -> dict[str, Any]:
    """Where an API is: its host, and the stage where that is part of its URL."""
    return {
        "origin_id": prefix,
        "domain_name": url.apply(lambda text: urlsplit(text).netloc),
        "origin_path": url.apply(lambda text: urlsplit(text).path.rstrip("/")),
        "custom_origin_config": {
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],
            "origin_read_timeout": _API_SECONDS,
        },
    }


def _url(api: ServerlessApi | Input[str]) -> pulumi.Output[str]:
    return api.url if isinstance(api, ServerlessApi) else pulumi.Output.from_input(api)


def _web_acl_arn(web_acl: WebAcl | Input[str] | None) -> Input[str] | None:
    return web_acl.web_acl_arn if isinstance(web_acl, WebAcl) else web_acl


def _viewer_certificate(arn: pulumi.Output[str] | None) -> dict[str, Any]:
    if arn is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": arn,
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }


def _deepest_first(prefixes: Mapping[str, Any]) -> list[str]:
    """CloudFront takes the first pattern that fits: `/api/admin` has to come before `/api`."""
    return sorted(prefixes, key=lambda prefix: (-prefix.count("/"), prefix))
