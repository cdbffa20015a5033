"""Backups cover exactly what is named, are kept as the rules say, and outlive the stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components.asset_bucket import AssetBucket, AssetBucketArgs
from components.backup_plan import BackupPlan, BackupPlanArgs, BackupRule, VaultLock
from components.data_table import DataTable, DataTableArgs
from support.recorder import UNKNOWN, Graph, record

PLAN = "aws:backup/plan:Plan"
VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
SELECTION = "aws:backup/selection:Selection"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
MANAGED = "arn:aws:iam::aws:policy/"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def rule(**values: Any) -> BackupRule:
    return BackupRule(**{"name": "daily", "schedule": "cron(0 3 * * ? *)", "retention_days": 35, **values})


def tables() -> dict[str, Any]:
    return {"tables": [DataTable("users", DataTableArgs(partition_key="id"))]}


def buckets() -> dict[str, Any]:
    return {"buckets": [AssetBucket("files", AssetBucketArgs())]}


def both() -> dict[str, Any]:
    return {**tables(), **buckets()}


def graph(what: Callable[[], dict[str, Any]] = tables, *, preview: bool = False, **values: Any) -> Graph:
    def program() -> None:
        BackupPlan("nightly", BackupPlanArgs(**{"rules": [rule()], **what(), **values}))

    return record(program, preview=preview)


def attached(found: Graph) -> dict[str, str]:
    return {
        item.inputs["policyArn"].removeprefix(MANAGED): item.inputs["role"] for item in found.all(ATTACHMENT)
    }


@preview_and_up
def test_a_rule_becomes_the_plans(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(PLAN, "nightly").inputs["rules"] == [
        {
            "ruleName": "daily",
            "targetVaultName": UNKNOWN if preview else "nightly-vault-name",
            "schedule": "cron(0 3 * * ? *)",
            "scheduleExpressionTimezone": "UTC",
            "startWindow": 60,
            "completionWindow": 10_080,
            "lifecycle": {"deleteAfter": 35},
        }
    ]


@preview_and_up
def test_every_setting_of_a_rule_reaches_the_plan(*, preview: bool) -> None:
    wanted = rule(
        name="monthly",
        schedule="cron(30 1 1 * ? *)",
        time_zone="Europe/Berlin",
        start_window_minutes=90,
        completion_window_minutes=150,
        retention_days=97,
        cold_storage_after_days=7,
    )
    (made,) = graph(preview=preview, rules=[wanted]).one(PLAN).inputs["rules"]
    assert (made["ruleName"], made["schedule"]) == ("monthly", "cron(30 1 1 * ? *)")
    assert made["scheduleExpressionTimezone"] == "Europe/Berlin"
    assert (made["startWindow"], made["completionWindow"]) == (90, 150)
    assert made["lifecycle"] == {
        "deleteAfter": 97,
        "coldStorageAfter": 7,
        "optInToArchiveForSupportedResources": True,
    }


@preview_and_up
def test_the_selection_is_the_exact_arns_and_nothing_by_tag(*, preview: bool) -> None:
    inputs = graph(both, preview=preview).one(SELECTION, "nightly-selection").inputs
    arns = [ARN.format("dynamodb", "users"), ARN.format("s3", "files")]
    assert inputs == {
        "planId": UNKNOWN if preview else "nightly-id",
        "iamRoleArn": UNKNOWN if preview else ARN.format("iam", "nightly-role"),
        "resources": [UNKNOWN, UNKNOWN] if preview else arns,
    }


def test_a_table_that_came_by_name_can_be_backed_up() -> None:
    found = graph(lambda: {"tables": [DataTable.from_name("old", "legacy")]})
    assert found.one(SELECTION).inputs["resources"] == [ARN.format("dynamodb", "table/legacy")]


def test_aws_backup_alone_takes_the_roles_on() -> None:
    found = graph(restore_role=True)
    for name in ("nightly-role", "nightly-restore-role"):
        document = json.loads(found.one(ROLE, name).inputs["assumeRolePolicy"])
        assert document["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]


@preview_and_up
@pytest.mark.parametrize(
    ("what", "policies"),
    [
        (tables, {"service-role/AWSBackupServiceRolePolicyForBackup"}),
        (buckets, {"AWSBackupServiceRolePolicyForS3Backup"}),
        (both, {"service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"}),
    ],
)
def test_the_role_has_aws_policies_for_what_is_backed_up_and_no_other(
    what: Callable[[], dict[str, Any]], policies: set[str], *, preview: bool
) -> None:
    found = graph(what, preview=preview)
    assert attached(found) == dict.fromkeys(policies, UNKNOWN if preview else "nightly-role-name")
    assert found.all(ROLE_POLICY) == []
    assert [role.name for role in found.all(ROLE)] == ["nightly-role"]


def test_the_right_to_restore_is_a_role_of_its_own() -> None:
    assert attached(graph(both, restore_role=True)) == {
        "service-role/AWSBackupServiceRolePolicyForBackup": "nightly-role-name",
        "AWSBackupServiceRolePolicyForS3Backup": "nightly-role-name",
        "service-role/AWSBackupServiceRolePolicyForRestores": "nightly-restore-role-name",
        "AWSBackupServiceRolePolicyForS3Restore": "nightly-restore-role-name",
    }


@preview_and_up
def test_a_backup_waits_for_the_roles_policies(*, preview: bool) -> None:
    found = graph(both, preview=preview)
    assert {item.urn for item in found.all(ATTACHMENT)} <= set(found.one(SELECTION).dependencies)


@preview_and_up
@pytest.mark.parametrize("protect", [True, False])
def test_the_vault_its_lock_and_the_role_that_tidies_it_stay(protect: bool, *, preview: bool) -> None:
    found = graph(preview=preview, deletion_protection=protect, lock=VaultLock(min_retention_days=7))
    kept = [*found.all(VAULT), *found.all(LOCK), *found.all(ROLE), *found.all(ATTACHMENT)]
    assert {bool(item.protect) for item in kept} == {protect}
    assert {bool(item.retain_on_delete) for item in kept} == {protect}
    assert not found.one(PLAN).protect


@preview_and_up
def test_a_vault_without_key_or_lock_has_neither(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(VAULT, "nightly-vault").inputs == {}
    assert found.all(LOCK) == []


def test_a_customer_key_encrypts_the_vault() -> None:
    found = graph(lambda: {**tables(), "kms_key": aws.kms.Key("backups")})
    assert found.one(VAULT).inputs == {"kmsKeyArn": ARN.format("kms", "backups")}


@preview_and_up
def test_the_lock_says_how_long_and_from_when_it_is_final(*, preview: bool) -> None:
    lock = VaultLock(min_retention_days=7, max_retention_days=36, final_after_days=3)
    assert graph(preview=preview, lock=lock).one(LOCK, "nightly-vault-lock").inputs == {
        "backupVaultName": UNKNOWN if preview else "nightly-vault-name",
        "minRetentionDays": 7,
        "maxRetentionDays": 36,
        "changeableForDays": 3,
    }


def test_outputs_name_what_commands_take() -> None:
    assert graph(restore_role=True).component("nightly").outputs == {
        "planId": "nightly-id",
        "vaultName": "nightly-vault-name",
        "roleArn": ARN.format("iam", "nightly-role"),
        "restoreRoleArn": ARN.format("iam", "nightly-restore-role"),
    }


@given(st.integers(1, 36_407), st.integers(-3, 3))  # cold + 90 + 3 is at most the 36,500 days of a retention
def test_cold_storage_lasts_ninety_days(cold: int, difference: int) -> None:
    days = cold + 90 + difference
    if difference >= 0:
        assert rule(retention_days=days, cold_storage_after_days=cold).retention_days == days
    else:
        with pytest.raises(ArgumentError, match=f"must be at least {cold + 90}, 90 more than"):
            rule(retention_days=days, cold_storage_after_days=cold)


CRON = "must be cron(minutes hours day-of-month month day-of-week year), one space between, got "


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: rule(schedule="rate(1 day)"), f"BackupRule.schedule {CRON}'rate(1 day)'"),
        (
            lambda: rule(time_zone="Berlin"),
            "BackupRule.time_zone must be an IANA time zone such as 'Europe/Berlin', got 'Berlin'",
        ),
        (
            lambda: rule(start_window_minutes=59),
            "BackupRule.start_window_minutes must be 60-52,560,000 minutes, got 59",
        ),
        (
            lambda: rule(start_window_minutes=90, completion_window_minutes=149),
            (
                "BackupRule.completion_window_minutes must be at least 150 minutes, an hour more than "
                "start_window_minutes, got 149"
            ),
        ),
        (lambda: rule(retention_days=0), "BackupRule.retention_days must be 1-36,500 days, got 0"),
        (
            lambda: rule(retention_days=96, cold_storage_after_days=7),
            "BackupRule.retention_days must be at least 97, 90 more than cold_storage_after_days, got 96",
        ),
        (
            lambda: VaultLock(min_retention_days=7, max_retention_days=6),
            "VaultLock.max_retention_days must be at least min_retention_days, 7, got 6",
        ),
        (
            lambda: VaultLock(min_retention_days=7, final_after_days=2),
            "VaultLock.final_after_days must be 3-36,500 days, got 2",
        ),
        (lambda: graph(rules=[]), "BackupPlanArgs.rules must be at least one, got none"),
        (
            lambda: graph(rules=[rule(), rule()]),
            "BackupPlanArgs.rules must differ in name, got 'daily' twice",
        ),
        (lambda: graph(dict), "BackupPlanArgs.tables and buckets must be 1-500 together, got 0"),
        (
            lambda: graph(
                lambda: {"buckets": [AssetBucket("files", AssetBucketArgs(versioning=False))]},
            ),
            "BackupPlanArgs.buckets: 'files' must have versioning, which AWS Backup reads from",
        ),
        (
            lambda: graph(lock=VaultLock(min_retention_days=36)),
            ("BackupPlanArgs.rules: 'daily' must have retention_days of 36-36,500, as lock demands, got 35"),
        ),
        (
            lambda: BackupPlan("n" * 33, BackupPlanArgs(rules=[rule()], **both())),
            f"BackupPlan name must be 1-32 characters, got {'n' * 33!r}",
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    refusals: list[str] = []

    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            wrong()
        refusals.append(str(refusal.value))

    record(program)
    assert refusals == [message]
