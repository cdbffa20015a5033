"""An API's own name."""

from __future__ import annotations

import re

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import Input, Shape

HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


class Domain(Shape):
    """The API's own name. Free, but for the hosted zone and its queries."""

    name: str
    """Host name, `api.example.com`. A change replaces the name.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html"""

    certificate: aws.acm.Certificate | aws.acm.CertificateValidation | Input[str]
    """The ACM certificate for the name, or its ARN; issued, and in the API's Region. Give the validation
    where the same program issues it, so that the domain waits for it."""

    hosted_zone_id: Input[str] | None = None
    """Route 53 zone that gets the record; unset, someone else points the name at `domain_target`."""

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_a_host(cls, name: str) -> str:
        if not HOST.fullmatch(name):
            raise ValueError(f"must be a lower-case host name such as 'api.example.com', got {name!r}")
        return name

    @property
    def certificate_arn(self) -> Input[str]:
        """The certificate's ARN."""
        certificate = self.certificate
        if isinstance(certificate, aws.acm.Certificate):
            return certificate.arn
        if isinstance(certificate, aws.acm.CertificateValidation):
            return certificate.certificate_arn
        return certificate


def after(made: pulumi.Output[str], value: pulumi.Output[str]) -> pulumi.Output[str]:
    """A value that AWS adds to a block of inputs, which is not to be taken for known before it is made."""
    return pulumi.Output.all(made, value).apply(lambda both: str(both[1]))
