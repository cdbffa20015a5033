"""What a bucket is told: lifecycle, cross-origin rules, lock, presigned URLs and who else may use it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pydantic

from components._base import Input, Shape
from components._bucket_verbs import SERVICE_VERBS, check_prefix

MAX_UPLOAD_BYTES = 5 * 1024**3
"""What one PUT takes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html"""

MAX_URL_SECONDS = 7 * 24 * 60 * 60
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html"""

MAX_LOCK_DAYS = 36_500
MIN_INFREQUENT_DAYS = 30
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""

HOUSEKEEPING = "housekeeping"
"""The rule that every bucket has."""

CLOUDFRONT = "cloudfront.amazonaws.com"
CLOUDTRAIL = "cloudtrail.amazonaws.com"
LOG_DELIVERY = "delivery.logs.amazonaws.com"

BY_ARN_ALONE = {CLOUDFRONT: "distribution", CLOUDTRAIL: "trail"}
"""Services that say the ARN of what they come for, which names the account; AWS documents nothing else.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""

StorageClass = Literal[
    "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"
]

_COLDER: tuple[StorageClass, ...] = (
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?")
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_SERVICE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")

_Days = Annotated[int, pydantic.Field(ge=1)]


class PresignedUrls(Shape):
    """What presigned URLs may do. Links carry it to the functions that sign; the bucket enforces the age."""

    max_upload_bytes: Annotated[int, pydantic.Field(ge=1, le=MAX_UPLOAD_BYTES)] = 100 * 1024**2
    """The largest upload that a function should sign for, 1-5,368,709,120 bytes. The signed `Content-Length`
    is what S3 holds the client to.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html"""

    content_types: Sequence[str] = ()
    """Media types that a function should sign for, `image/png`; unset, any. The signed `Content-Type` is what
    S3 holds the client to; it doesn't look into the bytes."""

    lifetime_seconds: Annotated[int, pydantic.Field(ge=1, le=MAX_URL_SECONDS)] = 3600
    """How long a URL works, 1-604,800 seconds; the bucket's policy refuses older signatures, whatever they
    say. A URL ends with the credentials that signed it too: those of a function, hours at most.
    https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html"""

    @pydantic.field_validator("content_types")
    @classmethod
    def _types_are_types(cls, content_types: Sequence[str]) -> Sequence[str]:
        for content_type in content_types:
            if not _CONTENT_TYPE.fullmatch(content_type):
                raise ValueError(
                    f"must be lower-case media types such as 'image/png', without parameters, "
                    f"got {content_type!r}"
                )
        if len(set(content_types)) < len(content_types):
            raise ValueError(f"must differ, got {list(content_types)}")
        return content_types


class Transition(Shape):
    """A move of objects to a cheaper storage class."""

    after_days: Annotated[int, pydantic.Field(ge=0)]
    """Days since the object was made; at least 30 for the two classes for infrequent access. Objects below
    128 KB stay where they are.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""

    storage_class: StorageClass
    """Where to. Each move costs a request, reads of colder classes cost by the GB, and `GLACIER` and
    `DEEP_ARCHIVE` have to be restored first. https://aws.amazon.com/s3/pricing/"""

    @pydantic.model_validator(mode="after")
    def _infrequent_access_waits(self) -> Transition:
        if self.storage_class in _INFREQUENT and self.after_days < MIN_INFREQUENT_DAYS:
            raise ValueError(
                f"after_days must be at least {MIN_INFREQUENT_DAYS} days for {self.storage_class}, "
                f"got {self.after_days}"
            )
        return self


class LifecycleRule(Shape):
    """When the objects under a prefix get cheaper, and when they go.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
    """

    name: str
    """Name of the rule in its bucket: lower-case letters and digits in parts joined by `-`."""

    prefix: str = ""
    """The objects whose keys begin with this; empty, all."""

    expire_after_days: _Days | None = None
    """Days after which S3 deletes an object, free of charge, a day later at most. Where versions are kept, it
    becomes one first, for `noncurrent_days` of the bucket."""

    transitions: Sequence[Transition] = ()
    """Moves to colder storage classes, in order."""

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        if not _NAME.fullmatch(name) or name == HOUSEKEEPING:
            raise ValueError(
                f"must be lower-case letters and digits in parts joined by '-', and not {HOUSEKEEPING!r}, "
                f"got {name!r}"
            )
        return name

    @pydantic.field_validator("prefix")
    @classmethod
    def _prefix_is_plain(cls, prefix: str) -> str:
        return check_prefix(prefix)

    @pydantic.model_validator(mode="after")
    def _steps_follow_each_other(self) -> LifecycleRule:
        if self.expire_after_days is None and not self.transitions:
            raise ValueError("must set expire_after_days or transitions")
        for earlier, later in zip(self.transitions, self.transitions[1:], strict=False):
            wait = MIN_INFREQUENT_DAYS if earlier.storage_class in _INFREQUENT else 1
            if _COLDER.index(later.storage_class) <= _COLDER.index(earlier.storage_class):
                raise ValueError(
                    f"transitions must go from warm to cold, {', '.join(_COLDER)}, "
                    f"got {later.storage_class} after {earlier.storage_class}"
                )
            if later.after_days < earlier.after_days + wait:
                raise ValueError(
                    f"transitions to {later.storage_class} must be at least {wait} days after "
                    f"{earlier.storage_class}, got {later.after_days} after {earlier.after_days}"
                )
        last = self.transitions[-1].after_days if self.transitions else 0
        if self.expire_after_days is not None and self.expire_after_days <= last:
            raise ValueError(
                f"expire_after_days must be after the last transition, {last}, got {self.expire_after_days}"
            )
        return self

    @property
    def inputs(self) -> dict[str, Any]:
        """What the bucket's lifecycle takes."""
        rule: dict[str, Any] = {"id": self.name, "status": "Enabled", "filter": {"prefix": self.prefix}}
        if self.expire_after_days is not None:
            rule["expiration"] = {"days": self.expire_after_days}
        if self.transitions:
            rule["transitions"] = [
                {"days": step.after_days, "storage_class": step.storage_class} for step in self.transitions
            ]
        return rule


class BucketCors(Shape):
    """Which web pages may use the bucket from a browser, by presigned URLs. Free.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
    """

    allow_origins: Sequence[Input[str]]
    """Origins as browsers send them: `https://app.example.com`, `https://*.example.com`, or `*` for any page:
    a presigned URL then works from wherever it has got to."""

    allow_methods: Sequence[Literal["GET", "HEAD", "PUT", "POST", "DELETE"]]
    """Methods that pages may use: `PUT` to upload, `GET` to download."""

    allow_headers: Sequence[str] = ()
    """Request headers that pages may set: `content-type` to upload."""

    expose_headers: Sequence[str] = ()
    """Answer headers that pages may read, `etag` for instance."""

    max_age_seconds: Annotated[int, pydantic.Field(ge=0, le=86_400)] = 300
    """How long a browser may keep the answer to a preflight request, 0-86,400 seconds."""

    @pydantic.model_validator(mode="after")
    def _origins_are_origins(self) -> BucketCors:
        if not self.allow_origins or not self.allow_methods:
            raise ValueError("allow_origins and allow_methods must each name at least one")
        for origin in self.allow_origins:
            if isinstance(origin, str) and origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allow_origins must be http(s)://host without path or slash at the end, got {origin!r}"
                )
        return self

    @property
    def inputs(self) -> dict[str, Any]:
        """What the bucket's rules take."""
        headers = {
            "allowed_headers": list(self.allow_headers),
            "expose_headers": list(self.expose_headers),
        }
        return {
            "allowed_origins": list(self.allow_origins),
            "allowed_methods": list(self.allow_methods),
            **{kind: names for kind, names in headers.items() if names},
            "max_age_seconds": self.max_age_seconds,
        }


class ObjectLock(Shape):
    """Each version can't be deleted or overwritten for a while, not even by its owner.

    An upload has to say a checksum or its MD5 then, presigned ones too.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    """Governance: whoever has `s3:BypassGovernanceRetention` may still delete. Compliance: nobody, the
    account's root included, until the days are over; a mistake is paid for until then."""

    days: Annotated[int, pydantic.Field(ge=1, le=MAX_LOCK_DAYS)]
    """How long, 1-36,500 days from the upload. A change holds for later uploads."""


class ServiceAccess(Shape):
    """An AWS service that may use the bucket, for this account alone."""

    service: str
    """Its principal: `cloudtrail.amazonaws.com`."""

    actions: Sequence[str]
    """What it may do, as IAM calls it, without `s3:`: `PutObject`."""

    prefix: Input[str] = ""
    """The objects that it reaches; empty, all."""

    source_arn: Input[str] | None = None
    """The resource on whose behalf it comes, exactly. Unset: any of this account."""

    @classmethod
    def access_logs(cls, *, prefix: str = "") -> ServiceAccess:
        """S3 itself, to write the access logs of other buckets of this account and Region."""
        return cls(service="logging.s3.amazonaws.com", actions=["PutObject"], prefix=prefix)

    @classmethod
    def cdn(cls, distribution_arn: Input[str]) -> ServiceAccess:
        """One CloudFront distribution, to read the objects.

        The right to list makes S3 say 404, not 403, of what isn't there.
        """
        return cls(service=CLOUDFRONT, actions=["GetObject", "ListBucket"], source_arn=distribution_arn)

    @classmethod
    def log_delivery(cls, *, prefix: str = "") -> ServiceAccess:
        """CloudWatch's log delivery, to write the access logs of this account's CDNs."""
        return cls(service=LOG_DELIVERY, actions=["PutObject"], prefix=prefix)

    @pydantic.field_validator("service")
    @classmethod
    def _service_is_a_principal(cls, service: str) -> str:
        if not _SERVICE.fullmatch(service):
            raise ValueError(f"must be an AWS service such as 'cloudtrail.amazonaws.com', got {service!r}")
        return service

    @pydantic.field_validator("actions")
    @classmethod
    def _actions_are_known(cls, actions: Sequence[str]) -> Sequence[str]:
        unknown = [action for action in actions if action not in SERVICE_VERBS]
        if unknown or not actions:
            got = ", ".join(map(repr, unknown)) or "none"
            raise ValueError(f"must be among {', '.join(sorted(SERVICE_VERBS))}; got {got}")
        return actions

    @pydantic.field_validator("prefix")
    @classmethod
    def _prefix_is_plain(cls, prefix: Input[str]) -> Input[str]:
        return check_prefix(prefix) if isinstance(prefix, str) else prefix

    @pydantic.model_validator(mode="after")
    def _who_serves_every_account_names_one(self) -> ServiceAccess:
        if self.service in BY_ARN_ALONE and self.source_arn is None:
            raise ValueError(
                f"source_arn must name the {BY_ARN_ALONE[self.service]} for {self.service}, "
                "which serves every account's"
            )
        return self
