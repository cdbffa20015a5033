"""The resources around a bucket. S3 keeps each of its settings apart, and so does Pulumi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components._bucket_documents import bucket_policy, replication_policy
from components._bucket_shapes import HOUSEKEEPING
from components._policies import trust

if TYPE_CHECKING:
    from components.asset_bucket import AssetBucketArgs, Replication


class Parts:
    """Makes the parts of one bucket."""

    def __init__(self, name: str, args: AssetBucketArgs, bucket: aws.s3.Bucket) -> None:
        self._name, self._args, self._bucket = name, args, bucket

    def public_access_block(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketPublicAccessBlock:
        """No policy and no ACL can open it."""
        return aws.s3.BucketPublicAccessBlock(
            f"{self._name}-public-access-block",
            **self._inputs(
                "public_access_block",
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            opts=opts,
        )

    def ownership(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketOwnershipControls:
        """ACLs are off: who uploads owns nothing."""
        return aws.s3.BucketOwnershipControls(
            f"{self._name}-ownership",
            **self._inputs("ownership", rule={"object_ownership": "BucketOwnerEnforced"}),
            opts=opts,
        )

    def encryption(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketServerSideEncryptionConfiguration:
        """What uploads get that say nothing; keys that clients keep are refused."""
        key = self._args.kms_key
        rule: dict[str, Any] = {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"},
            # Objects under a key that only the client has are out of everybody's reach, which extortion uses.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
            "blocked_encryption_types": ["SSE-C"],
        }
        if key is not None:
            default = {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}
            rule |= {"apply_server_side_encryption_by_default": default, "bucket_key_enabled": True}
        return aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption", **self._inputs("encryption", rules=[rule]), opts=opts
        )

    def versioning(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketVersioning:
        """Always said: a bucket that has kept versions once can only suspend that."""
        status = "Enabled" if self._args.versioning else "Suspended"
        return aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            **self._inputs("versioning", versioning_configuration={"status": status}),
            opts=opts,
        )

    def policy(self, account: pulumi.Input[str], opts: pulumi.ResourceOptions) -> aws.s3.BucketPolicy:
        """What nobody may do, and which services may do what."""
        key = self._args.kms_key
        document = bucket_policy(
            self._bucket.arn,
            account=account,
            kms_key_arn=None if key is None else key.arn,
            url_seconds=self._args.presigned_urls.lifetime_seconds,
            services=self._args.services,
        )
        return aws.s3.BucketPolicy(
            f"{self._name}-policy", **self._inputs("policy", policy=document), opts=opts
        )

    def lifecycle(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketLifecycleConfiguration:
        """The rules, and one that clears up behind everybody."""
        housekeeping: dict[str, Any] = {
            "id": HOUSEKEEPING,
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {
                "days_after_initiation": self._args.abort_incomplete_uploads_days
            },
        }
        if self._args.noncurrent_days is not None:
            housekeeping["noncurrent_version_expiration"] = {"noncurrent_days": self._args.noncurrent_days}
            housekeeping["expiration"] = {"expired_object_delete_marker": True}
        return aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            **self._inputs(
                "lifecycle", rules=[housekeeping, *(rule.inputs for rule in self._args.lifecycle)]
            ),
            opts=opts,
        )

    def cors(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketCorsConfiguration | None:
        """Rules for web pages, where there are some."""
        if not self._args.cors:
            return None
        return aws.s3.BucketCorsConfiguration(
            f"{self._name}-cors",
            **self._inputs("cors", cors_rules=[rule.inputs for rule in self._args.cors]),
            opts=opts,
        )

    def object_lock(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketObjectLockConfiguration | None:
        """How long versions are locked, where they are."""
        lock = self._args.object_lock
        if lock is None:
            return None
        return aws.s3.BucketObjectLockConfiguration(
            f"{self._name}-object-lock",
            **self._inputs("object_lock", rule={"default_retention": {"mode": lock.mode, "days": lock.days}}),
            opts=opts,
        )

    def logging(self, opts: pulumi.ResourceOptions) -> aws.s3.BucketLogging | None:
        """Access logs, where they are wanted."""
        target = self._args.access_logs
        if target is None:
            return None
        return aws.s3.BucketLogging(
            f"{self._name}-logging",
            **self._inputs("logging", target_bucket=target.bucket_name, target_prefix=f"{self._name}/"),
            opts=opts,
        )

    def replication_role(
        self, replication: Replication, opts: pulumi.ResourceOptions
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role that S3 takes on to copy, and all that it may do."""
        other, key = replication.destination, self._args.kms_key
        role = aws.iam.Role(
            f"{self._name}-replication-role",
            **self._args.overriding("replication_role", assume_role_policy=trust("s3.amazonaws.com")),
            opts=opts,
        )
        document = replication_policy(
            (self._bucket.arn, replication.prefix),
            other.bucket_arn,
            keys=None if key is None or other.kms_key_arn is None else (key.arn, other.kms_key_arn),
            regions=(self._bucket.region, other.bucket_region),
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-replication-policy",
            **self._args.overriding("replication_policy", role=role.name, policy=document),
            opts=opts,
        )
        return role, policy

    def replication(
        self, replication: Replication, role: aws.iam.Role, opts: pulumi.ResourceOptions
    ) -> aws.s3.BucketReplicationConfig:
        """The one rule of what is copied where."""
        other = replication.destination
        destination: dict[str, Any] = {"bucket": other.bucket_arn}
        if replication.storage_class is not None:
            destination["storage_class"] = replication.storage_class
        rule: dict[str, Any] = {
            "id": "replica",
            "status": "Enabled",
            "priority": 1,
            "filter": {"prefix": replication.prefix},
            "delete_marker_replication": {
                "status": "Enabled" if replication.replicate_deletes else "Disabled"
            },
            "destination": destination,
        }
        if other.kms_key_arn is not None:
            destination["encryption_configuration"] = {"replica_kms_key_id": other.kms_key_arn}
            rule["source_selection_criteria"] = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
        return aws.s3.BucketReplicationConfig(
            f"{self._name}-replication", **self._inputs("replication", role=role.arn, rules=[rule]), opts=opts
        )

    def _inputs(self, child: str, **values: Any) -> dict[str, Any]:
        place = {"bucket": self._bucket.bucket, "region": self._args.region}
        return self._args.overriding(child, **place, **values)
