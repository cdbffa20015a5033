"""AWS Backup: vaults, plans and selections are kept, and no backup is made."""

from __future__ import annotations

from backplane.local.provider.table import Naming, Row, Template

_WHY = "stored: no backup is made, a table's own backups can be"
_VAULT_ARN = "arn:aws:backup:{region}:{account}:backup-vault:"

ROWS = (
    Row(
        type="aws:backup/vault:Vault",
        service="backup",
        create="CreateBackupVault",
        id="in.name",
        name=Naming(limit=50),
        rename={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn", "tags": "BackupVaultTags"},
        dropped={"forceDestroy": "says what happens on deletion, and nothing is deleted here"},
        outputs={"arn": "out.BackupVaultArn"},
        defaults={
            "kmsKeyArn": "",
            "recoveryPoints": 0,
        },
        not_emulated=_WHY,
    ),
    Row(
        type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        service="backup",
        create="PutBackupVaultLockConfiguration",
        called=False,
        id="in.backupVaultName",
        outputs={"backupVaultArn": Template(_VAULT_ARN + "{in[backupVaultName]}")},
        not_emulated="nothing is locked",
    ),
    Row(
        type="aws:backup/plan:Plan",
        service="backup",
        create="CreateBackupPlan",
        id="out.BackupPlanId",
        name=Naming(limit=50),
        rename={
            "name": "BackupPlan.BackupPlanName",
            "rules": "BackupPlan.Rules",
            "advancedBackupSettings": "BackupPlan.AdvancedBackupSettings",
            "scanSettings": "BackupPlan.ScanSettings",
            "tags": "BackupPlanTags",
            "rules.targetVaultName": "TargetBackupVaultName",
            "rules.schedule": "ScheduleExpression",
            "rules.startWindow": "StartWindowMinutes",
            "rules.completionWindow": "CompletionWindowMinutes",
            "rules.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
            "rules.lifecycle.deleteAfter": "DeleteAfterDays",
            "rules.copyActions.destinationVaultArn": "DestinationBackupVaultArn",
            "rules.copyActions.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
            "rules.copyActions.lifecycle.deleteAfter": "DeleteAfterDays",
        },
        outputs={"arn": "out.BackupPlanArn", "version": "out.VersionId"},
        not_emulated=_WHY,
    ),
    Row(
        type="aws:backup/selection:Selection",
        service="backup",
        create="CreateBackupSelection",
        id="out.SelectionId",
        name=Naming(limit=50),
        rename={
            "planId": "BackupPlanId",
            "name": "BackupSelection.SelectionName",
            "iamRoleArn": "BackupSelection.IamRoleArn",
            "resources": "BackupSelection.Resources",
            "notResources": "BackupSelection.NotResources",
            "conditions": "BackupSelection.Conditions",
            "selectionTags": "BackupSelection.ListOfTags",
            "selectionTags.key": "ConditionKey",
            "selectionTags.type": "ConditionType",
            "selectionTags.value": "ConditionValue",
        },
        defaults={"conditions": [], "notResources": []},
        not_emulated=_WHY,
    ),
)
