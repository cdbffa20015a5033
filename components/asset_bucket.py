"""A private S3 bucket for files: encrypted, over TLS alone, with limits for what presigned URLs may do.

Creates the bucket with its public access block, ownership, encryption, versioning, policy and lifecycle;
where they are asked for, cross-origin rules, access logs, a lock, and a replica with a role of its own.
`notify` adds the bucket's one notification and what lets S3 reach each target.

Costs: each GB stored, each request and each GB read out (https://aws.amazon.com/s3/pricing/); versions and
replicas are stored, and paid for, like objects. An empty bucket costs nothing.

Does not offer public objects, ACLs, a website (put a CDN in front), nor uploads under keys that clients keep.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Children, Component, ComponentArgs, Shape
from components._bucket_events import BucketEvent, check_together, let_in, targets
from components._bucket_parts import Parts
from components._bucket_shapes import (
    BucketCors,
    LifecycleRule,
    ObjectLock,
    PresignedUrls,
    ServiceAccess,
    StorageClass,
    Transition,
)
from components._bucket_verbs import check_link, check_prefix, statements
from components._links import Link, environment_name

__all__ = [
    "AssetBucket",
    "AssetBucketArgs",
    "BucketCors",
    "BucketEvent",
    "LifecycleRule",
    "ObjectLock",
    "PresignedUrls",
    "Replication",
    "ServiceAccess",
    "Transition",
]

_LOG_DELIVERY = "logging.s3.amazonaws.com"
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
_Days = Annotated[int, pydantic.Field(ge=1)]


class Replication(Shape):
    """A copy of new objects in another bucket, of this Region or another, within minutes.

    Requests, storage there and traffic between Regions are paid for. Objects from before are not copied.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
    """

    destination: AssetBucket
    """The other bucket, which keeps versions and has a customer key just where this one has."""

    prefix: str = ""
    """The objects whose keys begin with this; empty, all."""

    storage_class: StorageClass | None = None
    """Of the copies; unset, the object's own. Colder classes cost less to keep and more to read."""

    replicate_deletes: bool = False
    """Whether a deletion here hides the copy there too; otherwise the copy outlives a mistake. A deletion of
    one version is never replicated."""

    @pydantic.field_validator("prefix")
    @classmethod
    def _prefix_is_plain(cls, prefix: str) -> str:
        return check_prefix(prefix)


class AssetBucketArgs(ComponentArgs):
    """Arguments of `AssetBucket`."""

    children: ClassVar[Children] = {
        "bucket": lambda: aws.s3.Bucket,
        "public_access_block": lambda: aws.s3.BucketPublicAccessBlock,
        "ownership": lambda: aws.s3.BucketOwnershipControls,
        "encryption": lambda: aws.s3.BucketServerSideEncryptionConfiguration,
        "versioning": lambda: aws.s3.BucketVersioning,
        "policy": lambda: aws.s3.BucketPolicy,
        "lifecycle": lambda: aws.s3.BucketLifecycleConfiguration,
        "cors": lambda: aws.s3.BucketCorsConfiguration,
        "object_lock": lambda: aws.s3.BucketObjectLockConfiguration,
        "logging": lambda: aws.s3.BucketLogging,
        "notification": lambda: aws.s3.BucketNotification,
        "replication": lambda: aws.s3.BucketReplicationConfig,
        "replication_role": aws.iam.Role,
        "replication_policy": aws.iam.RolePolicy,
    }

    versioning: bool = True
    """Whether an overwritten or deleted object stays as a version: nothing else brings it back. Each version
    is stored, and paid for, in full until `noncurrent_days` are over; those that are there when it is turned
    off stay as long. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html"""

    noncurrent_days: _Days | None = 30
    """Days after which a version that isn't the current one goes, at least 1; None keeps all of them, and the
    bill grows. https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html"""

    abort_incomplete_uploads_days: _Days = 7
    """Days after which the parts of an upload that nobody finished go: they are paid for, and no list shows
    them. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html"""

    lifecycle: Sequence[LifecycleRule] = ()
    """When objects get cheaper, and when they go. Free, but for moves to colder classes."""

    presigned_urls: PresignedUrls = PresignedUrls()
    """Size, types and lifetime for the functions that sign URLs, which find them in their environment."""

    cors: Sequence[BucketCors] = ()
    """Rules for web pages; none, and browsers keep pages from uploading by presigned URLs. At most 100."""

    kms_key: aws.kms.Key | None = None
    """Customer key to encrypt objects with: about $1 a month, and few requests since the bucket has a key of
    its own for a while. Unset: keys that S3 manages, free of charge. Links then allow the key's use as well;
    its policy has to let this account's IAM decide, as the default one does.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"""

    object_lock: ObjectLock | None = None
    """How long versions can't be deleted; needs `versioning`. Adding or dropping it replaces the bucket."""

    replication: Replication | None = None
    """Where else objects are kept; needs `versioning`."""

    services: Sequence[ServiceAccess] = ()
    """AWS services that may use the bucket, as `ServiceAccess.access_logs()`; functions have links."""

    access_logs: AssetBucket | None = None
    """Another bucket of this Region that gets a line for each request, below `<name>/`, within hours and not
    each for sure. Free, but for what is stored. It needs `ServiceAccess.access_logs()` among its services.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html"""

    region: str | None = None
    """AWS Region of the bucket; unset, the provider's. A change replaces the bucket."""

    force_destroy: bool = False
    """Whether deleting the bucket deletes the objects in it; otherwise AWS refuses while there are any."""

    deletion_protection: bool = True
    """Pulumi protects the bucket, and it stays in AWS, private and encrypted as it is, when it leaves the
    program. To delete it: deploy with False, then remove it.
    https://www.pulumi.com/docs/iac/concepts/options/protect/"""

    @pydantic.field_validator("region")
    @classmethod
    def _region_is_well_formed(cls, region: str | None) -> str | None:
        if region is not None and not _REGION.fullmatch(region):
            raise ValueError(f"must be an AWS Region such as 'eu-west-1', got {region!r}")
        return region

    @pydantic.model_validator(mode="after")
    def _lifecycle_names_differ(self) -> AssetBucketArgs:
        twice = [name for name, count in Counter(rule.name for rule in self.lifecycle).items() if count > 1]
        if twice:
            raise ValueError(f"lifecycle rules must differ in name, got {twice[0]!r} twice")
        return self

    @pydantic.model_validator(mode="after")
    def _protection_fits(self) -> AssetBucketArgs:
        for argument in ("object_lock", "replication"):
            if getattr(self, argument) is not None and not self.versioning:
                raise ValueError(f"{argument} needs versioning, got versioning=False")
        if self.force_destroy and self.deletion_protection:
            raise ValueError("force_destroy must be False unless deletion_protection is False")
        takes_logs = any(access.service == _LOG_DELIVERY for access in self.services)
        if takes_logs and (self.kms_key is not None or self.object_lock is not None):
            raise ValueError(
                "services: S3 delivers access logs to no bucket with kms_key or object_lock; make one without"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _other_buckets_fit(self) -> AssetBucketArgs:
        if self.access_logs is not None and _LOG_DELIVERY not in self.access_logs.services:
            raise ValueError(
                f"access_logs: {self.access_logs.name!r} must have ServiceAccess.access_logs() among its "
                "services"
            )
        if self.replication is None:
            return self
        other = self.replication.destination
        if not other.versioned:
            raise ValueError(f"replication: {other.name!r} must have versioning")
        if self.object_lock is not None and not other.locked:
            raise ValueError(f"replication: {other.name!r} must have an object_lock, as this bucket has")
        if (other.kms_key_arn is None) != (self.kms_key is None):
            need = (
                "no kms_key, as this bucket has none"
                if self.kms_key is None
                else "a kms_key, as this bucket has"
            )
            raise ValueError(f"replication: {other.name!r} must have {need}")
        return self


class AssetBucket(Component):
    """A private bucket whose links reach the prefix that a function names.

    Children: `bucket`, `public_access_block`, `ownership`, `encryption`, `versioning`, `policy`, `lifecycle`;
    where asked for `cors`, `object_lock`, `logging`, `replication` with `replication_role` and
    `replication_policy`, and after `notify` `notification`.
    """

    bucket_name: pulumi.Output[str]
    """Physical name."""

    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""

    bucket_regional_domain_name: pulumi.Output[str]
    """`<name>.s3.<region>.amazonaws.com`, where a CDN finds it."""

    bucket_region: pulumi.Output[str]
    """The Region that it is in."""

    versioned: bool
    """Whether it keeps versions; of an existing bucket, as `from_name` was told."""

    locked: bool
    """Whether its versions are locked."""

    services: tuple[str, ...]
    """AWS services that may use it."""

    kms_key_arn: pulumi.Input[str] | None
    """The customer key that encrypts its objects."""

    # None: not asked for, or an existing bucket's.
    public_access_block: aws.s3.BucketPublicAccessBlock | None = None
    ownership: aws.s3.BucketOwnershipControls | None = None
    encryption: aws.s3.BucketServerSideEncryptionConfiguration | None = None
    versioning: aws.s3.BucketVersioning | None = None
    policy: aws.s3.BucketPolicy | None = None
    lifecycle: aws.s3.BucketLifecycleConfiguration | None = None
    cors: aws.s3.BucketCorsConfiguration | None = None
    object_lock: aws.s3.BucketObjectLockConfiguration | None = None
    logging: aws.s3.BucketLogging | None = None
    notification: aws.s3.BucketNotification | None = None
    replication: aws.s3.BucketReplicationConfig | None = None
    replication_role: aws.iam.Role | None = None
    replication_policy: aws.iam.RolePolicy | None = None

    def __init__(self, name: str, args: AssetBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args: AssetBucketArgs | None = args
        self.versioned, self.locked = args.versioning, args.object_lock is not None
        self.services = tuple(access.service for access in args.services)
        self._bucket: aws.s3.Bucket | None = aws.s3.Bucket(
            name,
            **args.overriding(
                "bucket",
                region=args.region,
                force_destroy=args.force_destroy,
                object_lock_enabled=True if self.locked else None,
            ),
            opts=self._data(protect=args.deletion_protection),
        )
        self._expose(
            self.bucket.bucket,
            self.bucket.arn,
            self.bucket.bucket_regional_domain_name,
            self.bucket.region,
        )
        self.kms_key_arn = None if args.kms_key is None else args.kms_key.arn
        self._limit(args.presigned_urls)
        parts = Parts(name, args, self.bucket)
        self._secure(parts, args)
        self.lifecycle = parts.lifecycle(self._kept(args, self.versioning))
        self.cors = parts.cors(self._child())
        self.logging = parts.logging(self._child())
        self._replicate(parts, args.replication)
        self._register()

    @classmethod
    def from_name(
        cls,
        name: str,
        bucket_name: pulumi.Input[str],
        *,
        kms_key_arn: pulumi.Input[str] | None = None,
        presigned_urls: PresignedUrls | None = None,
        versioned: bool = False,
        services: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> AssetBucket:
        """A bucket that this program doesn't own, in the provider's partition and Region: nothing is created.

        Args:
            name: Name of the component, which names the variables of its links.
            bucket_name: Physical name of the bucket.
            kms_key_arn: The customer key that encrypts its objects.
            presigned_urls: What URLs to it may do; its own policy has to enforce their age.
            versioned: Whether it keeps versions.
            services: AWS services that its policy lets in.
            opts: Options of the component.
        """
        if isinstance(bucket_name, str) and not _BUCKET_NAME.fullmatch(bucket_name):
            raise ArgumentError(
                "AssetBucket.from_name bucket_name must be 3-63 lower-case letters, digits, '.' and '-', "
                f"got {bucket_name!r}"
            )
        self = cls.__new__(cls)
        Component.__init__(self, name, opts)
        self._args = self._bucket = None
        self.versioned, self.locked, self.services = versioned, False, tuple(services)
        self.kms_key_arn = kms_key_arn
        self._limit(presigned_urls or PresignedUrls())
        invoke = pulumi.InvokeOutputOptions(parent=self)
        partition, region = aws.get_partition_output(opts=invoke), aws.get_region_output(opts=invoke).region
        self._expose(
            pulumi.Output.from_input(bucket_name),
            pulumi.Output.format("arn:{}:s3:::{}", partition.partition, bucket_name),
            pulumi.Output.format("{}.s3.{}.{}", bucket_name, region, partition.dns_suffix),
            region,
        )
        self._register()
        return self

    @property
    def bucket(self) -> aws.s3.Bucket:
        """The bucket; one that came in by name has none, and says so."""
        if self._bucket is None:
            raise ArgumentError(
                f"AssetBucket {self.name!r} came from_name: its bucket is not a resource of this program"
            )
        return self._bucket

    def link(self, *verbs: str, prefix: str | None = None) -> Link:
        """What a function may do: the S3 actions that it names, on the objects under a prefix or on all.

        `link("PutObject", prefix="assets/")` reaches keys that begin with `assets/`; `link("ListBucket",
        prefix="assets/")` lists those alone. Verbs are IAM's: `GetObject` allows HeadObject too, and who
        lacks `ListBucket` is told 403, not 404, of an object that isn't there. Under a customer key, the
        key's use comes along. The variables are `<NAME>_BUCKET` and, for functions that sign URLs,
        `<NAME>_URL_SECONDS`, `<NAME>_UPLOAD_MAX_BYTES` and `<NAME>_UPLOAD_CONTENT_TYPES` (comma separated;
        absent, any).
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html

        Args:
            verbs: S3's actions as IAM calls them.
            prefix: The beginning of keys, ending with `/`; unset, all objects.

        Raises:
            ArgumentError: a verb or a prefix that can't be.
        """
        wanted = check_link(f"AssetBucket {self.name!r}", verbs, prefix)
        environment: dict[str, pulumi.Input[str]] = {
            environment_name(self.name, "BUCKET"): self.bucket_name,
            **(self._download_limits if {"GetObject", "PutObject"}.intersection(wanted) else {}),
            **(self._upload_limits if "PutObject" in wanted else {}),
        }
        allowed = statements(self.name, wanted, self.bucket_arn, prefix, self.kms_key_arn)
        return Link(tuple(allowed), environment)

    def notify(self, *events: BucketEvent) -> None:
        """Tell functions, queues and topics of what happens to objects. All at once: a bucket has one set.

        Called after the functions exist, which themselves may need a link to this bucket.

        Raises:
            ArgumentError: events that S3 would refuse, a second call, or a bucket that came in by name.
        """
        if self._args is None:
            raise ArgumentError(
                f"AssetBucket {self.name!r} came from_name: its notifications belong to whoever owns it"
            )
        if self.notification is not None:
            raise ArgumentError(
                f"AssetBucket {self.name!r}.notify must be called once, with all events: S3 keeps one set"
            )
        check_together(f"AssetBucket {self.name!r}", events)
        account = self._account()
        gates = [
            let_in(event, f"{self.name}-{event.name}", self.bucket_arn, account, self._child())
            for event in events
        ]
        self.notification = aws.s3.BucketNotification(
            f"{self.name}-notification",
            **self._args.overriding(
                "notification",
                bucket=self.bucket_name,
                region=self._args.region,
                **targets(events),
            ),
            # S3 tries each target first, and refuses one that doesn't let it in.
            opts=self._child(depends_on=[gate for gate in gates if gate is not None]),
        )

    def _secure(self, parts: Parts, args: AssetBucketArgs) -> None:
        self.public_access_block = parts.public_access_block(self._kept(args))
        self.ownership = parts.ownership(self._kept(args))
        self.encryption = parts.encryption(self._kept(args))
        self.versioning = parts.versioning(self._kept(args))
        # S3 refuses a policy while it sets the block.
        self.policy = parts.policy(self._account(), self._kept(args, self.public_access_block))
        self.object_lock = parts.object_lock(self._kept(args, self.versioning))

    def _kept(self, args: AssetBucketArgs, *after: pulumi.Resource | None) -> pulumi.ResourceOptions:
        """Options of a setting that a bucket which stays in AWS must keep."""
        gates = [gate for gate in after if gate is not None]
        return self._child(retain_on_delete=args.deletion_protection or None, depends_on=gates)

    def _replicate(self, parts: Parts, replication: Replication | None) -> None:
        if replication is None:
            return
        role, self.replication_policy = parts.replication_role(replication, self._child())
        self.replication_role = role
        both = [self.versioning, replication.destination.versioning, self.replication_policy]
        gates = [gate for gate in both if gate is not None]
        self.replication = parts.replication(replication, role, self._child(depends_on=gates))

    def _expose(
        self,
        name: pulumi.Output[str],
        arn: pulumi.Output[str],
        domain: pulumi.Output[str],
        region: pulumi.Output[str],
    ) -> None:
        self.bucket_name, self.bucket_arn, self.bucket_regional_domain_name = name, arn, domain
        self.bucket_region = region

    def _limit(self, urls: PresignedUrls) -> None:
        self._download_limits = {environment_name(self.name, "URL_SECONDS"): str(urls.lifetime_seconds)}
        self._upload_limits = {environment_name(self.name, "UPLOAD_MAX_BYTES"): str(urls.max_upload_bytes)}
        if urls.content_types:
            types = ",".join(urls.content_types)
            self._upload_limits[environment_name(self.name, "UPLOAD_CONTENT_TYPES")] = types

    def _register(self) -> None:
        self.register_outputs(
            {
                "bucketName": self.bucket_name,
                "bucketArn": self.bucket_arn,
                "bucketRegionalDomainName": self.bucket_regional_domain_name,
            }
        )

    def _account(self) -> pulumi.Output[str]:
        return aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id


# These name the bucket's class, which did not exist yet.
Replication.model_rebuild()
AssetBucketArgs.model_rebuild()
