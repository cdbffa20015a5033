"""Backups by AWS Backup: a vault, a plan of rules, and the tables and buckets that they cover.

Creates a vault, its lock where one is asked for, a plan, a selection of exactly the tables and buckets that
are named, and a role that AWS Backup alone takes on.

Costs: each GB that a backup holds, a month: $0.10 for a table and $0.03 in cold storage, $0.05 for a bucket
(https://aws.amazon.com/backup/pricing/). A backup of a table is full each time, and what is in cold storage
is paid for at least 90 days. Without backups nothing costs anything.

Beside point-in-time recovery, not instead of it: that reaches back 35 days at most, lives in the table's own
account, and goes with whoever may delete the table. How to restore is in docs/runbook.md.

Won't do: copy to other Regions or accounts, back up continuously (a table does with
`point_in_time_recovery`), or turn on the account's settings that AWS Backup depends on: DynamoDB and S3 among
its resource types and, for cold storage and the vault's own key, its advanced features for DynamoDB.
https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import ArgumentError, Children, Component, ComponentArgs, Shape
from components._policies import trust
from components._schedule_expressions import UTC, check_cron, check_time_zone
from components.asset_bucket import AssetBucket
from components.data_table import DataTable

__all__ = ["BackupPlan", "BackupPlanArgs", "BackupRule", "VaultLock"]

MAX_NAME_LENGTH = 32
"""AWS allows 50 characters for a vault, a plan and a selection: 32 for the component, 10 for `-selection` and
8 for the suffix that Pulumi adds."""

# https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html
MAX_RESOURCES = 500
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
MIN_COLD_DAYS = 90
MAX_DAYS = 36_500
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
MIN_START_WINDOW_MINUTES = 60

_SERVICE = "backup.amazonaws.com"
_Days = Annotated[int, pydantic.Field(ge=1, le=MAX_DAYS)]


class BackupRule(Shape):
    """When backups are made, and how long they are kept."""

    name: Annotated[str, pydantic.Field(pattern=r"^[a-zA-Z0-9_.-]{1,50}$")]
    """Name of the rule in its plan, 1-50 letters, digits, `-`, `_` and `.`."""

    schedule: str
    """When, as `cron(0 3 * * ? *)`: minutes, hours, day of month, month, day of week, year.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html"""

    time_zone: str = UTC
    """The IANA time zone of `schedule`: `Europe/Berlin`."""

    start_window_minutes: Annotated[int, pydantic.Field(ge=MIN_START_WINDOW_MINUTES, le=52_560_000)] = 60
    """Minutes within which a backup must have begun, from 60; one that hasn't is given up."""

    completion_window_minutes: Annotated[int, pydantic.Field(ge=120, le=52_560_000)] = 10_080
    """Minutes within which a backup must be done, at least an hour more than `start_window_minutes`; one that
    isn't is given up, and still paid for what it has copied. A bucket's first backup takes days."""

    retention_days: _Days
    """Days after which a backup goes, 1-36,500."""

    cold_storage_after_days: _Days | None = None
    """Days after which a table's backup moves to cold storage: cheaper, and slower to restore. There it stays
    90 days at least, so `retention_days` must be 90 more. AWS ignores it for buckets."""

    @pydantic.field_validator("schedule")
    @classmethod
    def _schedule_is_a_cron(cls, schedule: str) -> str:
        return check_cron(schedule)

    @pydantic.field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str) -> str:
        return check_time_zone(name)

    @pydantic.model_validator(mode="after")
    def _windows_follow_each_other(self) -> BackupRule:
        least = self.start_window_minutes + 60
        if self.completion_window_minutes < least:
            raise ValueError(
                f"completion_window_minutes must be at least {least:,} minutes, an hour more than "
                f"start_window_minutes, got {self.completion_window_minutes}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _cold_storage_lasts(self) -> BackupRule:
        cold = self.cold_storage_after_days
        if cold is not None and self.retention_days < cold + MIN_COLD_DAYS:
            raise ValueError(
                f"retention_days must be at least {cold + MIN_COLD_DAYS}, {MIN_COLD_DAYS} more than "
                f"cold_storage_after_days, got {self.retention_days}"
            )
        return self

    def inputs(self, vault_name: pulumi.Input[str]) -> dict[str, Any]:
        """What the plan takes."""
        lifecycle: dict[str, Any] = {"delete_after": self.retention_days}
        if self.cold_storage_after_days is not None:
            lifecycle["cold_storage_after"] = self.cold_storage_after_days
            lifecycle["opt_in_to_archive_for_supported_resources"] = True
        return {
            "rule_name": self.name,
            "target_vault_name": vault_name,
            "schedule": self.schedule,
            "schedule_expression_timezone": self.time_zone,
            "start_window": self.start_window_minutes,
            "completion_window": self.completion_window_minutes,
            "lifecycle": lifecycle,
        }


class VaultLock(Shape):
    """Backups in the vault can't be deleted before their time, nor kept beyond it.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """

    min_retention_days: _Days
    """The fewest days that a backup is kept; AWS refuses a shorter one."""

    max_retention_days: _Days | None = None
    """The most days that a backup is kept; unset, no limit."""

    final_after_days: Annotated[int, pydantic.Field(ge=3, le=MAX_DAYS)] | None = None
    """Days after which nobody can take the lock away, AWS and the account's root included, 3-36,500: what is
    in the vault is paid for to its end. Unset: `backup:DeleteBackupVaultLockConfiguration` still does it."""

    @pydantic.model_validator(mode="after")
    def _limits_are_in_order(self) -> VaultLock:
        most = self.max_retention_days
        if most is not None and most < self.min_retention_days:
            raise ValueError(
                f"max_retention_days must be at least min_retention_days, {self.min_retention_days}, "
                f"got {most}"
            )
        return self


class BackupPlanArgs(ComponentArgs):
    """Arguments of `BackupPlan`."""

    children: ClassVar[Children] = {
        "plan": lambda: aws.backup.Plan,
        "vault": lambda: aws.backup.Vault,
        "vault_lock": lambda: aws.backup.VaultLockConfiguration,
        "selection": lambda: aws.backup.Selection,
        "role": aws.iam.Role,
        "restore_role": aws.iam.Role,
    }

    rules: Sequence[BackupRule]
    """When backups are made and how long they are kept, at least one rule; changed in place."""

    tables: Sequence[DataTable] = ()
    """Tables to back up. A change replaces the selection, not the backups."""

    buckets: Sequence[AssetBucket] = ()
    """Buckets to back up, which must keep versions. AWS Backup follows them by EventBridge, and turns its
    notifications on; a bucket that has `notify` must leave them on.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html"""

    kms_key: aws.kms.Key | None = None
    """Customer key to encrypt the vault with: about $1 a month and its requests. Its policy has to let this
    account's IAM decide, as the default one does. Unset: the key that AWS keeps for backups, free of charge.
    A change replaces the vault."""

    lock: VaultLock | None = None
    """Whether backups can be deleted before their time; unset, whoever may delete backups can."""

    restore_role: bool = False
    """Whether to create a role for restores beside the one for backups. It may make and fill tables and
    buckets of any name; by default, that right doesn't lie about until it is needed."""

    deletion_protection: bool = True
    """Pulumi protects the vault, and it stays in AWS when it leaves the program, with the role that takes its
    backups away when their time has come. AWS refuses to delete a vault with backups in it, either way."""

    @pydantic.model_validator(mode="after")
    def _rules_are_named_apart(self) -> BackupPlanArgs:
        if not self.rules:
            raise ValueError("rules must be at least one, got none")
        twice = [name for name, count in Counter(rule.name for rule in self.rules).items() if count > 1]
        if twice:
            raise ValueError(f"rules must differ in name, got {twice[0]!r} twice")
        return self

    @pydantic.model_validator(mode="after")
    def _resources_can_be_selected(self) -> BackupPlanArgs:
        count = len(self.tables) + len(self.buckets)
        if not 1 <= count <= MAX_RESOURCES:
            raise ValueError(f"tables and buckets must be 1-{MAX_RESOURCES} together, got {count}")
        for bucket in self.buckets:
            if not bucket.versioned:
                raise ValueError(
                    f"buckets: {bucket.name!r} must have versioning, which AWS Backup reads from"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _lock_lets_rules_through(self) -> BackupPlanArgs:
        if self.lock is None:
            return self
        low, high = self.lock.min_retention_days, self.lock.max_retention_days or MAX_DAYS
        for rule in self.rules:
            if not low <= rule.retention_days <= high:
                raise ValueError(
                    f"rules: {rule.name!r} must have retention_days of {low:,}-{high:,}, as lock demands, "
                    f"got {rule.retention_days}"
                )
        return self


class BackupPlan(Component):
    """Backs up tables and buckets into a vault of its own.

    Children: `plan`, `vault`, `selection`, `role`; where asked for `vault_lock` and `restore_role`; and the
    `attachments` of AWS's policies to the roles, by policy.
    """

    plan: aws.backup.Plan
    """The main child."""

    vault: aws.backup.Vault
    """Where backups are, protected."""

    vault_lock: aws.backup.VaultLockConfiguration | None
    """What keeps them there, where it is asked for."""

    selection: aws.backup.Selection
    """What is backed up: the ARNs of the tables and buckets."""

    role: aws.iam.Role
    """What AWS Backup takes on to make backups."""

    restore_role: aws.iam.Role | None
    """What it takes on to restore, where it is asked for."""

    plan_id: pulumi.Output[str]
    """Id of the plan."""

    vault_name: pulumi.Output[str]
    """Physical name of the vault, which commands take."""

    role_arn: pulumi.Output[str]
    """ARN of the role for backups, which an extra backup takes as well."""

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if len(name) > MAX_NAME_LENGTH:
            raise ArgumentError(f"BackupPlan name must be 1-{MAX_NAME_LENGTH} characters, got {name!r}")
        super().__init__(name, opts)
        self.attachments: dict[str, aws.iam.RolePolicyAttachment] = {}
        self._create_vault(args)
        self.role = self._create_role(args, "role", _backup_policies(args))
        self.restore_role = (
            self._create_role(args, "restore_role", _restore_policies(args)) if args.restore_role else None
        )
        self.plan = aws.backup.Plan(
            name,
            **args.overriding("plan", rules=[rule.inputs(self.vault.name) for rule in args.rules]),
            opts=self._child(),
        )
        self.selection = self._create_selection(args)
        self.plan_id, self.vault_name, self.role_arn = self.plan.id, self.vault.name, self.role.arn
        self.register_outputs(
            {
                "planId": self.plan_id,
                "vaultName": self.vault_name,
                "roleArn": self.role_arn,
                "restoreRoleArn": self.restore_role.arn if self.restore_role is not None else None,
            }
        )

    def _create_vault(self, args: BackupPlanArgs) -> None:
        protect = args.deletion_protection
        self.vault = aws.backup.Vault(
            f"{self.name}-vault",
            **args.overriding("vault", kms_key_arn=None if args.kms_key is None else args.kms_key.arn),
            opts=self._data(protect=protect),
        )
        lock, self.vault_lock = args.lock, None
        if lock is None:
            return
        self.vault_lock = aws.backup.VaultLockConfiguration(
            f"{self.name}-vault-lock",
            **args.overriding(
                "vault_lock",
                backup_vault_name=self.vault.name,
                min_retention_days=lock.min_retention_days,
                max_retention_days=lock.max_retention_days,
                changeable_for_days=lock.final_after_days,
            ),
            opts=self._data(protect=protect),
        )

    def _create_role(self, args: BackupPlanArgs, child: str, policies: Sequence[str]) -> aws.iam.Role:
        """A role with the policies that AWS keeps for it.

        They are AWS's own because what AWS Backup calls grows with AWS: a list here would miss the next call,
        and backups would fail unseen until one is needed. What is narrow is the trust, and the selection.

        The role stays as long as the vault: AWS Backup takes old backups away with it.
        https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-iam.html
        """
        kind = child.replace("_", "-")
        role = aws.iam.Role(
            f"{self.name}-{kind}",
            # Without conditions, as AWS documents it: nobody outside this account can pass the role on.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
            **args.overriding(child, assume_role_policy=trust(_SERVICE)),
            opts=self._data(protect=args.deletion_protection),
        )
        for policy in policies:
            suffix = "s3" if "S3" in policy else "tables"
            self.attachments[policy.rsplit("/", 1)[-1]] = aws.iam.RolePolicyAttachment(
                f"{self.name}-{kind}-{suffix}",
                role=role.name,
                policy_arn=policy,
                opts=self._data(protect=args.deletion_protection),
            )
        return role

    def _create_selection(self, args: BackupPlanArgs) -> aws.backup.Selection:
        arns = [*(table.table_arn for table in args.tables), *(bucket.bucket_arn for bucket in args.buckets)]
        return aws.backup.Selection(
            f"{self.name}-selection",
            **args.overriding("selection", plan_id=self.plan.id, iam_role_arn=self.role.arn, resources=arns),
            # A backup that began before the role may make it would fail.
            opts=self._child(depends_on=list(self.attachments.values())),
        )


def _backup_policies(args: BackupPlanArgs) -> list[str]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html."""
    policies = aws.iam.ManagedPolicy
    tables = [policies.AWS_BACKUP_SERVICE_ROLE_POLICY_FOR_BACKUP.value] if args.tables else []
    buckets = [policies.AWS_BACKUP_SERVICE_ROLE_POLICY_FOR_S3_BACKUP.value] if args.buckets else []
    return [*tables, *buckets]


def _restore_policies(args: BackupPlanArgs) -> list[str]:
    policies = aws.iam.ManagedPolicy
    tables = [policies.AWS_BACKUP_SERVICE_ROLE_POLICY_FOR_RESTORES.value] if args.tables else []
    buckets = [policies.AWS_BACKUP_SERVICE_ROLE_POLICY_FOR_S3_RESTORE.value] if args.buckets else []
    return [*tables, *buckets]
