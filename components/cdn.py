"""A CDN: CloudFront in front of a private bucket, and of APIs under paths of the same name.

Creates one distribution with its origin access control, so that the bucket answers to it and to nobody else;
the policy of security headers; a function for each API, which takes its path's beginning off, and one that
finds the files of pages; the bucket, unless it is there; where they are asked for, the names' records and
certificate, and the delivery of access logs. Answers are compressed, over HTTP/2 and HTTP/3, by HTTPS alone.

The bucket's objects say in their `Cache-Control` how long the edge and browsers keep them; without it, a day.
APIs are never cached, and no error is.

Costs: about $0.085 a GB and $1.00 a million requests beyond 1 TB and 10 million a month, which are free;
$0.10 a million runs of a function beyond 2 million. https://aws.amazon.com/cloudfront/pricing/

Does not offer WebSocket APIs, signed URLs and cookies, Lambda@Edge, geographic restrictions, nor a bucket of
another distribution's. A deployment takes AWS some minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import Component
from components._bucket_shapes import CLOUDFRONT, ServiceAccess
from components._cdn_domain import CdnDomain
from components._cdn_functions import INDEX, Pages
from components._cdn_headers import SecurityHeaders
from components._cdn_parts import CdnParts
from components._cdn_shapes import CdnSettings
from components._links import Link, Statement, check_verbs, environment_name
from components.asset_bucket import AssetBucket, AssetBucketArgs

__all__ = ["Cdn", "CdnArgs", "CdnDomain", "SecurityHeaders"]

_VERBS = ("CreateInvalidation", "GetInvalidation", "ListInvalidations")


class CdnArgs(CdnSettings):
    """Arguments of `Cdn`."""

    bucket: AssetBucketArgs | AssetBucket
    """What answers where no API does. Arguments make a bucket of the CDN's name, which lets it alone in. One
    that is there already has to let the distribution in by itself: `ServiceAccess.cdn(...)` among its
    services. A customer key of the bucket's must let CloudFront in by its own policy, too.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"""

    pages: Pages | None = None
    """How paths without a dot in their last part become files: `single-page`, all are `index.html`, which
    draws what the path says; `folders`, `/docs` and `/docs/` are `docs/index.html`. Unset, paths are keys."""

    @pydantic.field_validator("bucket")
    @classmethod
    def _bucket_lets_cloudfront_in(
        cls, bucket: AssetBucketArgs | AssetBucket
    ) -> AssetBucketArgs | AssetBucket:
        if isinstance(bucket, AssetBucket) and CLOUDFRONT not in bucket.services:
            raise ValueError(f"{bucket.name!r} must have ServiceAccess.cdn(...) among its services")
        return bucket


class Cdn(Component):
    """A CloudFront distribution."""

    bucket: AssetBucket
    """What answers where no API does."""

    distribution: aws.cloudfront.Distribution
    """The main child."""

    origin_access_control: aws.cloudfront.OriginAccessControl
    """What signs requests to the bucket."""

    headers_policy: aws.cloudfront.ResponseHeadersPolicy
    """What puts the headers on."""

    functions: Mapping[str, aws.cloudfront.Function]
    """What runs at the edge: by the beginning of an API's paths, and `pages`."""

    certificate: aws.acm.Certificate | None
    """Its own certificate, where it makes one."""

    validation: aws.acm.CertificateValidation | None
    """What waits for that certificate."""

    records: Mapping[str, aws.route53.Record]
    """The DNS records, by their children's names."""

    log_source: aws.cloudwatch.LogDeliverySource | None
    """The access logs, where they are wanted."""

    log_destination: aws.cloudwatch.LogDeliveryDestination | None
    """Where they go."""

    log_delivery: aws.cloudwatch.LogDelivery | None
    """What ties the two together."""

    url: pulumi.Output[str]
    """The address, without a slash at the end: the first of its own names, or AWS's."""

    domain_name: pulumi.Output[str]
    """AWS's name of it, which its own names must point at."""

    distribution_id: pulumi.Output[str]
    """Its id, which metrics carry."""

    distribution_arn: pulumi.Output[str]
    """Its ARN, for the bucket's policy."""

    def __init__(self, name: str, args: CdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        if isinstance(args.bucket, AssetBucket):
            self.bucket = args.bucket
            self._create(args)
        else:
            # Bucket and distribution name each other: the bucket's policy is told afterwards.
            arn, tell = _later()
            access = [*args.bucket.services, ServiceAccess.cdn(arn)]
            bucket = args.bucket.model_copy(update={"services": access})
            self.bucket = AssetBucket(name, bucket, self._child())
            try:
                self._create(args)
                tell(self.distribution.arn)
            except BaseException as error:
                tell(_failed(error))  # else the program would wait for it, and never say why
                raise
        self.domain_name = self.distribution.domain_name
        self.distribution_id = self.distribution.id
        self.distribution_arn = self.distribution.arn
        host = self.domain_name if args.domain is None else args.domain.names[0]
        self.url = pulumi.Output.concat("https://", host)
        self.register_outputs(
            {
                "url": self.url,
                "domainName": self.domain_name,
                "distributionId": self.distribution_id,
                "distributionArn": self.distribution_arn,
                "bucketName": self.bucket.bucket_name,
            }
        )

    def _create(self, args: CdnArgs) -> None:
        parts = CdnParts(self.name, args, self._child)
        self.origin_access_control = parts.origin_access_control()
        self.headers_policy = parts.headers_policy()
        self.functions = parts.functions(args.pages)
        self.certificate, self.validation, proofs, certificate = parts.certificate()
        self.distribution = parts.distribution(
            bucket=self.bucket,
            access=self.origin_access_control,
            headers=self.headers_policy,
            functions=self.functions,
            certificate=certificate,
            root=None if args.pages is None else INDEX,
        )
        self.records = {**proofs, **parts.records(self.distribution)}
        self.log_source, self.log_destination, self.log_delivery = parts.logs(self.distribution)

    def link(self, *verbs: Literal["CreateInvalidation", "GetInvalidation", "ListInvalidations"]) -> Link:
        """What a function may do: make the edge forget what it keeps of this distribution's.

        The variable is `<NAME>_DISTRIBUTION_ID`. The first 1,000 paths a month are free, then $0.005 each; a
        path that ends with `*` is one.
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html

        Args:
            verbs: CloudFront's own action names.

        Raises:
            ArgumentError: a verb that this component doesn't know.
        """
        wanted = check_verbs(f"Cdn {self.name!r}", verbs, _VERBS)
        actions = tuple(f"cloudfront:{verb}" for verb in wanted)
        return Link(
            (Statement(actions, (self.distribution_arn,), names=(f"cdn/{self.name}",)),),
            {environment_name(self.name, "DISTRIBUTION_ID"): self.distribution_id},
        )


def _later() -> tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]]:
    """An output, and what tells it its value."""
    return pulumi.deferred_output()


def _failed(error: BaseException) -> pulumi.Output[str]:
    async def fail() -> str:
        raise error

    return pulumi.Output.from_input(fail())
