"""What is said of data: what goes, and what protects it less."""

from pathlib import Path
from typing import Any

import pytest
from review_previews import (
    FUNCTION,
    LOGS,
    POOL,
    TABLE,
    UNKNOWN,
    Json,
    changed,
    digest,
    graph,
    resource,
    reviewed,
    state,
    step,
    told,
)

USERS = {"hashKey": "userId", "billingMode": "PAY_PER_REQUEST"}


def test_a_deleted_table_loses_its_data(tmp_path: Path) -> None:
    result = reviewed(tmp_path, graph(resource(TABLE, "users", USERS)), graph())
    assert told(result) == [("data", "users", "is deleted, and with it go data.", True)]


def test_another_key_replaces_the_table_and_says_from_what_to_what(tmp_path: Path) -> None:
    found = changed(tmp_path, TABLE, USERS, {**USERS, "hashKey": "id"})
    assert found == [("data", "it", "is replaced, and with it go data: hashKey from userId to id.", True)]


@pytest.mark.parametrize("path", ["attributes", "ttl", "billingMode", "tags"])
def test_what_a_table_changes_in_place_does_not_replace_it(tmp_path: Path, path: str) -> None:
    result = reviewed(
        tmp_path,
        graph(resource(TABLE, "users", USERS)),
        graph(resource(TABLE, "users", {**USERS, path: {"new": "x"}})),
    )
    assert [change.op for change in result.comparison.changes] == ["update"]


def test_what_stands_in_the_way_of_a_loss_is_said(tmp_path: Path) -> None:
    kept = {**USERS, "deletionProtectionEnabled": True}
    result = reviewed(tmp_path, graph(resource(TABLE, "users", kept, protect=True)), graph())
    assert (
        "The update fails as long as Pulumi's protect and AWS's deletion protection are on."
        in told(result)[0][2]
    )


def test_a_resource_that_stays_in_aws_is_no_loss(tmp_path: Path) -> None:
    result = reviewed(tmp_path, digest(step("delete", state(TABLE, "users", USERS, retainOnDelete=True))))
    assert told(result) == [
        ("data", "users", "is deleted here, and the old one stays in AWS with data.", False)
    ]


def test_a_renamed_table_is_told_as_such(tmp_path: Path) -> None:
    result = reviewed(
        tmp_path, graph(resource(TABLE, "users", USERS)), graph(resource(TABLE, "people", USERS))
    )
    assert (
        "people is new and alike: if this is a new name, an alias keeps the resource." in told(result)[0][2]
    )


def test_a_table_under_a_new_name_with_an_alias_is_not_replaced(tmp_path: Path) -> None:
    old = resource(TABLE, "users", USERS)
    new = resource(TABLE, "people", USERS, aliases=[old["urn"]])
    result = reviewed(tmp_path, graph(old), graph(new))
    assert not result.changed


def test_the_three_steps_of_a_replacement_are_one(tmp_path: Path) -> None:
    old, new = state(TABLE, "users", USERS), state(TABLE, "users", {**USERS, "hashKey": "id"})
    steps = [
        step(
            op,
            old if op != "create-replacement" else None,
            new,
            replaceReasons=["hashKey"],
            diffReasons=["hashKey"],
        )
        for op in ("create-replacement", "replace", "delete-replaced")
    ]
    result = reviewed(tmp_path, digest(*steps))
    assert result.counts == {"replace": 1}
    assert told(result) == [
        ("data", "users", "is replaced, and with it go data: hashKey from userId to id.", True)
    ]


def test_the_leftover_of_an_earlier_replacement_is_told_beside_the_resource(tmp_path: Path) -> None:
    table = state(TABLE, "users", USERS)
    result = reviewed(tmp_path, digest(step("same", table, table), step("delete", {**table, "delete": True})))
    assert told(result) == [
        ("data", "users", "is deleted at last: an earlier update replaced it, and with it go data.", True)
    ]


@pytest.mark.parametrize(
    ("type_", "content"),
    [
        (LOGS, "logs"),
        (POOL, "users"),
        ("aws:s3/bucket:Bucket", "objects"),
        ("aws:kms/key:Key", "the key to data, which is unreadable without it"),
        ("aws:secretsmanager/secret:Secret", "a secret"),
        ("aws:rds/instance:Instance", "data"),
        ("aws:sqs/queue:Queue", "messages that wait"),
        ("aws:timestreamwrite/table:Table", "data, perhaps: this type isn't known here"),
    ],
)
def test_whatever_holds_data_loses_it_when_deleted(tmp_path: Path, type_: str, content: str) -> None:
    result = reviewed(tmp_path, graph(resource(type_, "it")), graph())
    assert told(result) == [("data", "it", f"is deleted, and with it go {content}.", True)]


@pytest.mark.parametrize(
    "type_", [FUNCTION, "aws:iam/role:Role", "aws:s3/bucketPolicy:BucketPolicy", "aws:ec2/subnet:Subnet"]
)
def test_what_holds_nothing_is_no_loss(tmp_path: Path, type_: str) -> None:
    result = reviewed(tmp_path, graph(resource(type_, "it")), graph())
    assert [item for item in told(result) if item[0] == "data"] == []


@pytest.mark.parametrize(
    ("type_", "old", "new", "said"),
    [
        (TABLE, {"deletionProtectionEnabled": True}, {}, "AWS's deletion protection is switched off"),
        (
            POOL,
            {"deletionProtection": "ACTIVE"},
            {"deletionProtection": "INACTIVE"},
            "AWS's deletion protection is switched off",
        ),
        (
            TABLE,
            {"pointInTimeRecovery": {"enabled": True}},
            {"pointInTimeRecovery": {"enabled": False}},
            "point-in-time recovery is switched off",
        ),
        (
            TABLE,
            {"pointInTimeRecovery": {"enabled": True}},
            {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7}},
            "it can be restored to any time of the last 7 days, before: 35 days",
        ),
        (
            TABLE,
            {},
            {"ttl": {"attributeName": "expiresAt", "enabled": True}},
            "DynamoDB deletes items when expiresAt has passed, before: unset",
        ),
        (LOGS, {"retentionInDays": 90}, {"retentionInDays": 7}, "logs are kept 7 days, before: 90 days"),
        (LOGS, {}, {"retentionInDays": 365}, "logs are kept 365 days, before: for ever"),
        (LOGS, {"retentionInDays": 0}, {"retentionInDays": 1}, "logs are kept 1 day, before: for ever"),
        (
            "aws:s3/bucket:Bucket",
            {},
            {"forceDestroy": True},
            "the bucket may be deleted with all of its objects",
        ),
        (
            "aws:rds/instance:Instance",
            {"backupRetentionPeriod": 14},
            {"backupRetentionPeriod": 1},
            "backups are kept 1 day, before: 14 days",
        ),
        (TABLE, {"replicas": [{"regionName": "eu-west-2"}]}, {"replicas": []}, "a replica goes: eu-west-2"),
    ],
)
def test_less_protection_needs_an_acknowledgement(
    tmp_path: Path, type_: str, old: Json, new: Json, said: str
) -> None:
    assert changed(tmp_path, type_, old, new) == [("data", "it", said, True)]


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (TABLE, {}, {"deletionProtectionEnabled": True}),
        (LOGS, {"retentionInDays": 7}, {"retentionInDays": 90}),
        (LOGS, {"retentionInDays": 7}, {"retentionInDays": 0}),
        (LOGS, {"retentionInDays": 7}, {}),
        (LOGS, {"retentionInDays": 90}, {"retentionInDays": UNKNOWN}),
        (TABLE, {"deletionProtectionEnabled": UNKNOWN}, {"deletionProtectionEnabled": UNKNOWN}),
        (TABLE, {"pointInTimeRecovery": UNKNOWN}, {"pointInTimeRecovery": {"enabled": False}}),
    ],
)
def test_more_protection_and_what_is_unknown_are_no_loss(
    tmp_path: Path, type_: str, old: Json, new: Json
) -> None:
    assert changed(tmp_path, type_, old, new) == []


@pytest.mark.parametrize(
    ("flag", "shown"), [({"protect": True}, "protect"), ({"retainOnDelete": True}, "retainOnDelete")]
)
def test_a_lost_flag_of_pulumi_needs_an_acknowledgement(
    tmp_path: Path, flag: dict[str, Any], shown: str
) -> None:
    result = reviewed(
        tmp_path, graph(resource(TABLE, "users", USERS, **flag)), graph(resource(TABLE, "users", USERS))
    )
    assert told(result) == [("data", "users", f"Pulumi's {shown} is switched off", True)]


BUCKET, LIFECYCLE = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)


def rules(days: int | None) -> Json:
    expiration = {"expiration": {"days": days}} if days else {}
    return {"rules": [{"id": "expire", "status": "Enabled", **expiration}]}


@pytest.mark.parametrize(("old", "shown"), [(90, "90 days"), (None, "never")])
def test_a_rule_that_deletes_objects_sooner_is_told(tmp_path: Path, old: int | None, shown: str) -> None:
    said = f"the rule expire deletes objects after 30 days, before: {shown}"
    assert changed(tmp_path, LIFECYCLE, rules(old), rules(30)) == [("data", "it", said, True)]
    assert changed(tmp_path, LIFECYCLE, rules(30), rules(old)) == []


def test_rules_of_a_new_bucket_delete_nothing_that_was_kept(tmp_path: Path) -> None:
    bucket = resource(BUCKET, "assets")
    lifecycle = resource(LIFECYCLE, "assets", rules(30), dependencies=[bucket["urn"]])
    assert told(reviewed(tmp_path, graph(), graph(bucket, lifecycle))) == []
    assert [item[0] for item in told(reviewed(tmp_path, graph(bucket), graph(bucket, lifecycle)))] == ["data"]


def test_an_unchanged_stack_says_nothing(tmp_path: Path) -> None:
    same = graph(resource(TABLE, "users", {**USERS, "name": UNKNOWN}))
    assert not reviewed(tmp_path, same, same).changed
