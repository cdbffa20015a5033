"""A CDN's own names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Input, Shape
from components._domain import HOST

REGION = "us-east-1"
"""Where CloudFront looks for certificates, web ACLs and log deliveries, wherever else the stack is.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""

MAX_NAMES = 10
"""What a certificate of ACM holds unless AWS raises it.
https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html"""

_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/\S+")


class CdnDomain(Shape):
    """The site's own names, with TLS 1.2 and above. Free, but for the hosted zone and its queries."""

    names: Sequence[str]
    """Host names, `www.example.com`, 1-10; the first is that of `url`, and all show the same. A new list
    with the component's own certificate replaces that.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html"""

    certificate: aws.acm.Certificate | aws.acm.CertificateValidation | Input[str] | None = None
    """The ACM certificate for all names, or its ARN; issued, and in us-east-1, where CloudFront looks.
    Unset, one is made, and proven by records in the hosted zone. Free."""

    hosted_zone_id: Input[str] | None = None
    """Route 53 zone that gets the records; unset, someone else points the names at `domain_name`."""

    @pydantic.field_validator("names")
    @classmethod
    def _names_are_hosts(cls, names: Sequence[str]) -> Sequence[str]:
        if not 1 <= len(names) <= MAX_NAMES or len(set(names)) < len(names):
            raise ValueError(f"must be 1-{MAX_NAMES} host names that differ, got {list(names)}")
        for name in names:
            if not HOST.fullmatch(name):
                raise ValueError(f"must be lower-case host names such as 'www.example.com', got {name!r}")
        return names

    @pydantic.model_validator(mode="after")
    def _certificate_can_be_had(self) -> CdnDomain:
        if self.certificate is None and self.hosted_zone_id is None:
            raise ValueError("certificate must be given where no hosted_zone_id lets one be proven")
        if isinstance(self.certificate, str):
            try:
                check_certificate(self.certificate)
            except ArgumentError as error:
                raise ValueError(str(error)) from None
        return self


def check_certificate(arn: str) -> str:
    """The ARN, if CloudFront can use it."""
    found = _CERTIFICATE.fullmatch(arn)
    if found is None or found[1] != REGION:
        raise ArgumentError(
            f"certificate must be one of ACM in {REGION}, where CloudFront looks, got {arn!r}; make it with "
            f'aws.acm.Certificate(..., region="{REGION}")'
        )
    return arn


def certificate_arn(
    certificate: aws.acm.Certificate | aws.acm.CertificateValidation | Input[str],
) -> pulumi.Output[str]:
    """The certificate's ARN, which is refused in another Region once it is known."""
    arn: Input[str]
    if isinstance(certificate, aws.acm.Certificate):
        arn = certificate.arn
    elif isinstance(certificate, aws.acm.CertificateValidation):
        arn = certificate.certificate_arn
    else:
        arn = certificate
    return pulumi.Output.from_input(arn).apply(check_certificate)
