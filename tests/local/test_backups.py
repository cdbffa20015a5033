"""What the runbook says about restoring a table, done for real with the backups that DynamoDB itself makes.

What it does not prove: that AWS Backup makes them; here its plans are only stored.
"""

from __future__ import annotations

import pulumi

from components import BackupPlan, BackupPlanArgs, BackupRule, DataTable, DataTableArgs, Index
from support.running import Runner


def backed_up() -> None:
    index = Index("city-index", partition_key="city")
    users = DataTable("users", DataTableArgs(partition_key="id", indexes=[index]))
    rule = BackupRule(name="daily", schedule="cron(0 3 * * ? *)", retention_days=35)
    plan = BackupPlan("nightly", BackupPlanArgs(rules=[rule], tables=[users]))
    pulumi.export("table", users.table_name)
    pulumi.export("arn", users.table_arn)
    pulumi.export("plan", plan.plan_id)
    pulumi.export("vault", plan.vault_name)
    pulumi.export("role", plan.role_arn)


def test_a_table_comes_back_from_its_backup_as_it_was(up: Runner) -> None:
    name = up(backed_up).outputs["table"]
    dynamodb = up.client("dynamodb")
    items = [{"id": {"S": str(n)}, "city": {"S": "Cork"}, "n": {"N": str(n)}} for n in range(30)]
    for item in items:
        dynamodb.put_item(TableName=name, Item=item)
    backup = dynamodb.create_backup(TableName=name, BackupName="before")["BackupDetails"]["BackupArn"]
    for item in items:
        dynamodb.delete_item(TableName=name, Key={"id": item["id"]})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "faulty"}})

    restored = f"{name}-restored"
    dynamodb.restore_table_from_backup(TargetTableName=restored, BackupArn=backup)

    found = dynamodb.scan(TableName=restored)["Items"]
    assert sorted(found, key=lambda item: int(item["n"]["N"])) == items
    by_city = dynamodb.query(
        TableName=restored,
        IndexName="city-index",
        KeyConditionExpression="city = :city",
        ExpressionAttributeValues={":city": {"S": "Cork"}},
    )
    assert by_city["Count"] == len(items)
    assert [item["id"]["S"] for item in dynamodb.scan(TableName=name)["Items"]] == ["faulty"]


def test_the_program_goes_on_with_the_restored_table(up: Runner) -> None:
    name = up(backed_up).outputs["table"]
    dynamodb = up.client("dynamodb")
    backup = dynamodb.create_backup(TableName=name, BackupName="before")["BackupDetails"]["BackupArn"]
    dynamodb.restore_table_from_backup(TargetTableName=f"{name}-restored", BackupArn=backup)

    def program() -> None:
        users = DataTable.from_name("users", f"{name}-restored", index_names=["city-index"])
        pulumi.export("arn", users.table_arn)

    arn = up(program).outputs["arn"]

    assert dynamodb.describe_table(TableName=f"{name}-restored")["Table"]["TableArn"] == arn


def test_the_plan_selects_the_table_by_its_arn(up: Runner) -> None:
    outputs = up(backed_up).outputs
    backup = up.client("backup")

    (listed,) = backup.list_backup_selections(BackupPlanId=outputs["plan"])["BackupSelectionsList"]
    selection = backup.get_backup_selection(BackupPlanId=outputs["plan"], SelectionId=listed["SelectionId"])
    (rule,) = backup.get_backup_plan(BackupPlanId=outputs["plan"])["BackupPlan"]["Rules"]

    assert selection["BackupSelection"]["Resources"] == [outputs["arn"]]
    assert selection["BackupSelection"]["IamRoleArn"] == outputs["role"]
    assert (rule["TargetBackupVaultName"], rule["Lifecycle"]) == (outputs["vault"], {"DeleteAfterDays": 35})
