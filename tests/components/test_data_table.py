from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._base import ArgumentError
from components._links import Link
from components.data_table import (
    Capacity,
    DataTable,
    DataTableArgs,
    Index,
    Key,
    OnDemand,
    Provisioned,
    Replica,
)
from support.linking import resolve
from support.recorder import UNKNOWN, Graph, record

TABLE = "aws:dynamodb/table:Table"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:users"
STREAM = "users-streamArn"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key"

ITEM_VERBS = (
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
)
METADATA_VERBS = ("DescribeTable", "DescribeTimeToLive")

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def args(**more: Any) -> DataTableArgs:
    return DataTableArgs(**{"partition_key": "userId", **more})


def graph(*, preview: bool = False, **more: Any) -> Graph:
    return record(lambda: DataTable("users", args(**more)), preview=preview)


def table(*, preview: bool = False, **more: Any) -> dict[str, Any]:
    return dict(graph(preview=preview, **more).one(TABLE).inputs)


def linked(*verbs: str, index: str | None = None, **more: Any) -> Callable[[], Link]:
    return lambda: DataTable("users", args(**more)).link(*verbs, index=index)


def with_key(*verbs: str, index: str | None = None, **more: Any) -> Callable[[], Link]:
    return lambda: DataTable("users", args(kms_key=aws.kms.Key("key"), **more)).link(*verbs, index=index)


EMAIL_INDEX = Index("email-index", partition_key="email")


@preview_and_up
def test_defaults_are_safe(*, preview: bool) -> None:
    resource = graph(preview=preview).one(TABLE)
    assert resource.inputs == {
        "hashKey": "userId",
        "attributes": [{"name": "userId", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "pointInTimeRecovery": {"enabled": True},
        "deletionProtectionEnabled": True,
    }
    assert resource.protect
    assert resource.retain_on_delete


@preview_and_up
def test_an_unprotected_table_can_be_deleted(*, preview: bool) -> None:
    resource = graph(preview=preview, deletion_protection=False).one(TABLE)
    assert resource.inputs["deletionProtectionEnabled"] is False
    assert not resource.protect
    assert not resource.retain_on_delete


@preview_and_up
def test_only_key_attributes_are_defined_once_and_with_their_types(*, preview: bool) -> None:
    inputs = table(
        preview=preview,
        sort_key=Key("createdAt", "N"),
        time_to_live_attribute="expiresAt",
        indexes=[
            Index("by-hash", partition_key=Key("hash", "B"), sort_key=Key("createdAt", "N")),
            Index("by-owner", partition_key="owner", projection=["title"]),
        ],
    )
    assert inputs["rangeKey"] == "createdAt"
    assert inputs["attributes"] == [
        {"name": "createdAt", "type": "N"},
        {"name": "hash", "type": "B"},
        {"name": "owner", "type": "S"},
        {"name": "userId", "type": "S"},
    ]
    assert inputs["ttl"] == {"attributeName": "expiresAt", "enabled": True}


@preview_and_up
def test_indexes_carry_keys_and_projection_without_the_deprecated_form(*, preview: bool) -> None:
    found = graph(
        preview=preview,
        indexes=[
            EMAIL_INDEX,
            Index("by-age", partition_key="town", sort_key=Key("age", "N"), projection="KEYS_ONLY"),
            Index("by-team", partition_key="team", projection=["title", "name"]),
        ],
    )
    assert found.one(TABLE).inputs["globalSecondaryIndexes"] == [
        {
            "name": "email-index",
            "keySchemas": [{"attributeName": "email", "keyType": "HASH"}],
            "projectionType": "ALL",
        },
        {
            "name": "by-age",
            "keySchemas": [
                {"attributeName": "town", "keyType": "HASH"},
                {"attributeName": "age", "keyType": "RANGE"},
            ],
            "projectionType": "KEYS_ONLY",
        },
        {
            "name": "by-team",
            "keySchemas": [{"attributeName": "team", "keyType": "HASH"}],
            "projectionType": "INCLUDE",
            "nonKeyAttributes": ["title", "name"],
        },
    ]
    assert found.messages == []


@preview_and_up
def test_stream_recovery_and_key(*, preview: bool) -> None:
    key = record(
        lambda: DataTable(
            "users", args(stream="NEW_IMAGE", recovery_period_days=9, kms_key=aws.kms.Key("key"))
        ),
        preview=preview,
    ).one(TABLE)
    assert (key.inputs["streamEnabled"], key.inputs["streamViewType"]) == (True, "NEW_IMAGE")
    assert key.inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 9}
    assert key.inputs["serverSideEncryption"] == {
        "enabled": True,
        "kmsKeyArn": UNKNOWN if preview else KEY_ARN,
    }


@preview_and_up
def test_on_demand_throughput_can_be_bounded_for_table_and_index(*, preview: bool) -> None:
    inputs = table(
        preview=preview,
        billing=OnDemand(max_read_units=11, max_write_units=7),
        indexes=[Index("by-team", partition_key="team", capacity=OnDemand(max_read_units=5)), EMAIL_INDEX],
    )
    own = {"maxReadRequestUnits": 11, "maxWriteRequestUnits": 7}
    assert inputs["onDemandThroughput"] == own
    by_team, by_email = inputs["globalSecondaryIndexes"]
    assert by_team["onDemandThroughput"] == {"maxReadRequestUnits": 5}
    assert by_email["onDemandThroughput"] == own


SCALED = Provisioned(
    read=Capacity(minimum=2, maximum=20, target_percent=60), write=Capacity(minimum=3, maximum=30)
)


@preview_and_up
def test_provisioned_capacity_scales_reads_and_writes_of_table_and_index(*, preview: bool) -> None:
    index = Index(
        "email-index",
        partition_key="email",
        capacity=Provisioned(read=Capacity(minimum=4, maximum=40), write=Capacity(minimum=5, maximum=50)),
    )
    found = graph(preview=preview, billing=SCALED, indexes=[index])
    inputs = found.one(TABLE).inputs
    assert (inputs["billingMode"], inputs["readCapacity"], inputs["writeCapacity"]) == ("PROVISIONED", 2, 3)
    assert inputs["globalSecondaryIndexes"][0]["readCapacity"] == 4
    assert inputs["globalSecondaryIndexes"][0]["writeCapacity"] == 5
    name = "table/users-name"
    expected = {
        "users-read-target": (name, "dynamodb:table:ReadCapacityUnits", 2, 20),
        "users-write-target": (name, "dynamodb:table:WriteCapacityUnits", 3, 30),
        "users-email-index-read-target": (
            f"{name}/index/email-index",
            "dynamodb:index:ReadCapacityUnits",
            4,
            40,
        ),
        "users-email-index-write-target": (
            f"{name}/index/email-index",
            "dynamodb:index:WriteCapacityUnits",
            5,
            50,
        ),
    }
    for target in found.all(TARGET):
        resource, dimension, low, high = expected.pop(target.name)
        assert target.inputs == {
            "serviceNamespace": "dynamodb",
            "resourceId": UNKNOWN if preview else resource,
            "scalableDimension": dimension,
            "minCapacity": low,
            "maxCapacity": high,
        }
    assert expected == {}


@preview_and_up
def test_each_target_is_tracked_by_its_own_metric(*, preview: bool) -> None:
    found = graph(preview=preview, billing=SCALED)
    expected = {
        "read": ("DynamoDBReadCapacityUtilization", 60),
        "write": ("DynamoDBWriteCapacityUtilization", 70),
    }
    for direction, (metric, percent) in expected.items():
        policy = found.one(POLICY, f"users-{direction}-policy")
        assert policy.inputs["policyType"] == "TargetTrackingScaling"
        assert policy.inputs["scalableDimension"] == f"dynamodb:table:{direction.title()}CapacityUnits"
        assert policy.inputs["targetTrackingScalingPolicyConfiguration"] == {
            "targetValue": percent,
            "predefinedMetricSpecification": {"predefinedMetricType": metric},
        }
        assert found.one(TARGET, f"users-{direction}-target").urn in policy.dependencies


@preview_and_up
def test_a_deployment_keeps_what_scaling_has_reached(*, preview: bool) -> None:
    assert graph(preview=preview, billing=SCALED).one(TABLE).ignore_changes == (
        "readCapacity",
        "writeCapacity",
    )
    moving = Provisioned(read=SCALED.read, write=SCALED.write, keep_scaled=False)
    assert graph(preview=preview, billing=moving).one(TABLE).ignore_changes == ()


@preview_and_up
def test_equal_minimum_and_maximum_is_fixed_capacity(*, preview: bool) -> None:
    fixed = Provisioned(read=Capacity(minimum=6, maximum=6), write=Capacity(minimum=7, maximum=9))
    found = graph(preview=preview, billing=fixed)
    assert [target.name for target in found.all(TARGET)] == ["users-write-target"]
    assert found.one(TABLE).ignore_changes == ("writeCapacity",)


@preview_and_up
def test_replicas_are_as_protected_as_the_table(*, preview: bool) -> None:
    inputs = table(preview=preview, stream="NEW_AND_OLD_IMAGES", replicas=["eu-central-1"])
    assert inputs["replicas"] == [
        {
            "regionName": "eu-central-1",
            "pointInTimeRecovery": True,
            "deletionProtectionEnabled": True,
            "propagateTags": True,
        }
    ]


@preview_and_up
def test_overrides_replace_what_the_component_sets(*, preview: bool) -> None:
    override = {"table": {"table_class": "STANDARD_INFREQUENT_ACCESS", "billing_mode": "PROVISIONED"}}
    inputs = table(preview=preview, overrides=override)
    assert inputs["tableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert inputs["billingMode"] == "PROVISIONED"


@preview_and_up
def test_every_child_belongs_to_the_component(*, preview: bool) -> None:
    found = graph(preview=preview, billing=SCALED, indexes=[EMAIL_INDEX])
    parent = found.component("users").urn
    children = [item for item in found.resources if item.custom]
    assert len(children) == 9
    assert {item.parent for item in children} == {parent}
    assert [item.name for item in children if item.protect] == ["users"]


@preview_and_up
def test_registers_name_arn_and_stream(*, preview: bool) -> None:
    outputs = graph(preview=preview, stream="KEYS_ONLY").component("users").outputs
    expected = {"tableName": "users-name", "tableArn": ARN, "streamArn": STREAM}
    assert outputs == (dict.fromkeys(expected, UNKNOWN) if preview else expected)


@pytest.mark.parametrize("verb", ITEM_VERBS + METADATA_VERBS)
def test_a_link_allows_its_verb_on_the_table_alone(verb: str) -> None:
    link = resolve(linked(verb, indexes=[EMAIL_INDEX]))
    assert link.statements == [([f"dynamodb:{verb}"], [ARN])]
    assert link.environment == {"USERS_TABLE": "users-name"}


def test_a_link_in_a_preview_knows_neither_arn_nor_name() -> None:
    link = resolve(linked("GetItem"), preview=True)
    assert link.statements == [(["dynamodb:GetItem"], [UNKNOWN])]
    assert link.environment == {"USERS_TABLE": UNKNOWN}


def test_a_link_keeps_verbs_in_order_and_once() -> None:
    link = resolve(linked("PutItem", "GetItem", "PutItem"))
    assert link.statements == [(["dynamodb:PutItem", "dynamodb:GetItem"], [ARN])]


@pytest.mark.parametrize("verb", ["Query", "Scan", "PartiQLSelect"])
def test_a_link_to_an_index_leaves_the_table_out(verb: str) -> None:
    link = resolve(linked(verb, index="email-index", indexes=[EMAIL_INDEX]))
    assert link.statements == [([f"dynamodb:{verb}"], [f"{ARN}/index/email-index"])]
    assert link.environment == {"USERS_TABLE": "users-name"}


@pytest.mark.parametrize("verb", ["DescribeStream", "GetRecords", "GetShardIterator"])
def test_a_link_reads_exactly_this_stream(verb: str) -> None:
    link = resolve(linked(verb, stream="KEYS_ONLY"))
    assert link.statements == [([f"dynamodb:{verb}"], [STREAM])]
    assert link.environment == {"USERS_STREAM_ARN": STREAM}


def test_listing_streams_reaches_the_streams_of_this_table_alone() -> None:
    link = resolve(linked("ListStreams", stream="KEYS_ONLY"))
    assert link.statements == [(["dynamodb:ListStreams"], [f"{ARN}/stream/*"])]


def test_verbs_of_table_and_stream_go_to_their_own_arns() -> None:
    link = resolve(linked("GetItem", "GetRecords", stream="KEYS_ONLY"))
    assert link.statements == [(["dynamodb:GetItem"], [ARN]), (["dynamodb:GetRecords"], [STREAM])]
    assert link.environment == {"USERS_TABLE": "users-name", "USERS_STREAM_ARN": STREAM}


@pytest.mark.parametrize("verb", ITEM_VERBS)
def test_a_customer_key_adds_decrypt_on_that_key(verb: str) -> None:
    assert resolve(with_key(verb)).statements == [
        ([f"dynamodb:{verb}"], [ARN]),
        (["kms:Decrypt"], [KEY_ARN]),
    ]


def test_a_customer_key_adds_decrypt_to_links_of_index_and_stream() -> None:
    index = resolve(with_key("Query", index="email-index", indexes=[EMAIL_INDEX]))
    assert index.statements[1:] == [(["kms:Decrypt"], [KEY_ARN])]
    stream = resolve(with_key("GetRecords", stream="KEYS_ONLY"))
    assert stream.statements[1:] == [(["kms:Decrypt"], [KEY_ARN])]


@pytest.mark.parametrize("verb", METADATA_VERBS)
def test_metadata_needs_no_key(verb: str) -> None:
    assert len(resolve(with_key(verb)).statements) == 1


TABLE_VERBS = ", ".join(sorted(ITEM_VERBS + METADATA_VERBS))


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (linked("Frobnicate"), f"DataTable 'users'.link verbs must be among {TABLE_VERBS}; got 'Frobnicate'"),
        (linked(), f"DataTable 'users'.link verbs must be among {TABLE_VERBS}; got none"),
        (linked("*"), f"DataTable 'users'.link verbs must be among {TABLE_VERBS}; got '*'"),
        (linked("GetRecords"), f"DataTable 'users'.link verbs must be among {TABLE_VERBS}; got 'GetRecords'"),
        (
            linked("GetItem", index="email-index", indexes=[EMAIL_INDEX]),
            (
                "DataTable 'users' index 'email-index'.link verbs must be among PartiQLSelect, Query, Scan; "
                "got 'GetItem'"
            ),
        ),
        (
            linked("Query", index="name-index", indexes=[EMAIL_INDEX]),
            "DataTable 'users'.link index must be among email-index; got 'name-index'",
        ),
        (
            linked("Query", index="name-index"),
            "DataTable 'users'.link index must be among nothing; got 'name-index'",
        ),
    ],
)
def test_a_link_refuses_what_the_table_does_not_have(link: Callable[[], Link], message: str) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            link()
        assert str(refusal.value) == message

    record(program)


EXISTING = "arn:aws:dynamodb:eu-west-1:123456789012:table/legacy"


@preview_and_up
def test_an_existing_table_creates_nothing_and_links_to_its_arn(*, preview: bool) -> None:
    def program() -> DataTable:
        return DataTable.from_name("old", "legacy", index_names=["byName"], kms_key_arn="arn:key")

    assert [item for item in record(program, preview=preview).resources if item.custom] == []
    link = resolve(lambda: program().link("PutItem"), preview=preview)
    assert link.statements == [(["dynamodb:PutItem"], [EXISTING]), (["kms:Decrypt"], ["arn:key"])]
    assert link.environment == {"OLD_TABLE": "legacy"}
    by_name = resolve(lambda: program().link("Query", index="byName"), preview=preview)
    assert by_name.statements[0] == (["dynamodb:Query"], [f"{EXISTING}/index/byName"])


def test_an_existing_table_may_have_a_stream() -> None:
    link = resolve(lambda: DataTable.from_name("old", "legacy", stream_arn="arn:stream").link("GetRecords"))
    assert link.statements == [(["dynamodb:GetRecords"], ["arn:stream"])]


def test_an_existing_table_is_no_resource_of_the_program() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            _ = DataTable.from_name("old", "legacy").table
        assert str(refusal.value) == (
            "DataTable 'old' came from_name: its table is not a resource of this program"
        )

    record(program)


def test_rejects_an_existing_table_with_an_impossible_name() -> None:
    with pytest.raises(ArgumentError) as refusal:
        DataTable.from_name("old", "a/b")
    assert str(refusal.value) == (
        "DataTable.from_name table_name must be 3-255 letters, digits, '_', '.' and '-', got 'a/b'"
    )


def many_indexes(count: int, projected: int = 0) -> list[Index]:
    return [
        Index(
            f"index-{number}",
            partition_key=f"key{number}",
            projection=[f"a{attribute}" for attribute in range(projected)] or "ALL",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (DataTableArgs, "DataTableArgs.partition_key is required"),
        (lambda: args(partition_key=""), "DataTableArgs.partition_key must be 1-255 bytes, got ''"),
        (
            lambda: args(sort_key="userId"),
            "DataTableArgs.sort_key must differ from the partition key 'userId'",
        ),
        (
            lambda: args(sort_key=Key("email", "N"), indexes=[EMAIL_INDEX]),
            "DataTableArgs.keys must give 'email' one type, got 'N' and 'S'",
        ),
        (
            lambda: args(time_to_live_attribute="userId"),
            "DataTableArgs.time_to_live_attribute must be a number, but 'userId' is a key of type 'S'",
        ),
        (
            lambda: args(recovery_period_days=36),
            "DataTableArgs.recovery_period_days must be 1-35 days, got 36",
        ),
        (
            lambda: args(point_in_time_recovery=False, recovery_period_days=7),
            "DataTableArgs.recovery_period_days must be unset without point_in_time_recovery, got 7",
        ),
        (
            lambda: args(stream="ALL"),
            (
                "DataTableArgs.stream must be one of 'KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', "
                "'NEW_AND_OLD_IMAGES', got 'ALL'"
            ),
        ),
        (lambda: args(indexes=many_indexes(21)), "DataTableArgs.indexes must be 0-20, got 21"),
        (
            lambda: args(indexes=[EMAIL_INDEX, EMAIL_INDEX]),
            "DataTableArgs.indexes must differ, got 'email-index' twice",
        ),
        (
            lambda: args(indexes=[Index("own", partition_key="userId")]),
            "DataTableArgs.indexes: 'own' has the table's own key; query the table and drop it",
        ),
        (
            lambda: args(indexes=many_indexes(6, projected=17)),
            (
                "DataTableArgs.indexes must project 0-100 attributes in total, got 102; "
                'project "ALL" or "KEYS_ONLY"'
            ),
        ),
        (
            lambda: args(indexes=[Index("abc", partition_key="b", capacity=Provisioned())]),
            "DataTableArgs.indexes: the capacity of 'abc' must be OnDemand, as the table's is",
        ),
        (
            lambda: args(replicas=["eu-central-1"], stream="NEW_IMAGE"),
            "DataTableArgs.replicas need stream=\"NEW_AND_OLD_IMAGES\", got 'NEW_IMAGE'",
        ),
        (
            lambda: args(replicas=["eu-central-1", "eu-central-1"], stream="NEW_AND_OLD_IMAGES"),
            "DataTableArgs.replicas must differ, got 'eu-central-1' twice",
        ),
        (
            lambda: args(
                replicas=[Replica(region="eu-central-1", kms_key_arn="arn:key")], stream="NEW_AND_OLD_IMAGES"
            ),
            "DataTableArgs.replicas: 'eu-central-1' needs no kms_key_arn, as the table has no kms_key",
        ),
        (
            lambda: args(
                replicas=["eu-central-1"],
                stream="NEW_AND_OLD_IMAGES",
                billing=Provisioned(write=Capacity(minimum=2, maximum=2)),
            ),
            (
                "DataTableArgs.replicas need write capacity that scales: a maximum above the minimum, "
                "or OnDemand()"
            ),
        ),
        (
            lambda: Replica(region="Frankfurt"),
            "Replica.region must be an AWS Region such as 'eu-west-1', got 'Frankfurt'",
        ),
        (lambda: Key("id", "X"), "Key.type must be one of 'S', 'N', 'B', got 'X'"),
        (
            lambda: Index("ab", partition_key="b"),
            "Index.name must be 3-255 letters, digits, '_', '.' and '-', got 'ab'",
        ),
        (
            lambda: Index("abc", partition_key="b", projection=["b"]),
            "Index.projection must leave out the key 'b', which is always projected",
        ),
        (
            lambda: Index("abc", partition_key="b", projection=["c", "c"]),
            "Index.projection must differ, got 'c' twice",
        ),
        (
            lambda: Index("abc", partition_key="b", projection=[]),
            'Index.projection must name an attribute; for the keys alone say "KEYS_ONLY"',
        ),
        (lambda: Capacity(minimum=9, maximum=8), "Capacity.maximum must be at least the minimum, 9, got 8"),
        (lambda: Capacity(minimum=0), "Capacity.minimum must be at least 1, got 0"),
        (lambda: Capacity(target_percent=91), "Capacity.target_percent must be 20-90 percent, got 91"),
        (lambda: OnDemand(max_read_units=0), "OnDemand.max_read_units must be at least 1, got 0"),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        wrong()
    assert str(refusal.value) == message


def test_a_replica_of_a_table_under_a_customer_key_needs_its_own_key() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError) as refusal:
            args(replicas=["eu-central-1"], stream="NEW_AND_OLD_IMAGES", kms_key=aws.kms.Key("key"))
        assert str(refusal.value) == (
            "DataTableArgs.replicas: 'eu-central-1' needs a kms_key_arn, as the table has kms_key"
        )

    record(program)


def test_arguments_are_checked_before_anything_exists() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError):
            DataTable("users", args(recovery_period_days=0))

    assert [item for item in record(program).resources if "backplane:" in item.type] == []


@given(st.integers())
def test_recovery_period_is_taken_exactly_from_1_to_35_days(days: int) -> None:
    if 1 <= days <= 35:
        assert args(recovery_period_days=days).recovery_period_days == days
    else:
        with pytest.raises(ArgumentError, match=r"must be 1-35 days, got "):
            args(recovery_period_days=days)


@given(st.text(max_size=300))
def test_a_key_name_is_taken_exactly_up_to_255_bytes(name: str) -> None:
    if 1 <= len(name.encode("utf-8", "surrogatepass")) <= 255:
        assert Key(name).name == name
    else:
        with pytest.raises(ArgumentError, match="must be 1-255 bytes"):
            Key(name)


@given(st.text(alphabet="aZ9_.-/ é", max_size=6))
def test_an_index_name_is_taken_exactly_when_aws_takes_it(name: str) -> None:
    if len(name) >= 3 and set(name) <= set("aZ9_.-"):
        assert Index(name, partition_key="other").name == name
    else:
        with pytest.raises(ArgumentError, match=r"^Index\.name must be 3-255 "):
            Index(name, partition_key="other")


@given(st.integers(-5, 60_000), st.integers(-5, 60_000), st.integers(0, 110))
def test_capacity_is_taken_exactly_when_it_can_scale(minimum: int, maximum: int, percent: int) -> None:
    if 1 <= minimum <= maximum and 20 <= percent <= 90:
        assert Capacity(minimum=minimum, maximum=maximum, target_percent=percent).maximum == maximum
    else:
        with pytest.raises(ArgumentError, match=r"^Capacity\.\w+ must be "):
            Capacity(minimum=minimum, maximum=maximum, target_percent=percent)


@given(st.sets(st.sampled_from([f"attribute{number}" for number in range(12)]), min_size=1))
def test_every_key_is_defined_once_whatever_the_indexes(names: set[str]) -> None:
    indexes = [Index(f"by-{name}", partition_key=name, sort_key="shared") for name in sorted(names)]
    defined = {key.name for index in args(indexes=indexes).indexes for key in index.keys}
    assert defined == names | {"shared"}
