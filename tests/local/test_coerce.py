from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local import wire
from backplane.local.provider import coerce, models, validation

TABLE: Any = models.input_shape("dynamodb", "CreateTable")
FUNCTION: Any = models.input_shape("lambda", "CreateFunction")
DISTRIBUTION: Any = models.input_shape("cloudfront", "CreateDistribution")
ALARM: Any = models.input_shape("cloudwatch", "PutMetricAlarm")


def request(shape: Any, values: dict[str, Any], **rename: str) -> tuple[dict[str, Any], list[str]]:
    conversion = coerce.Request(
        {key.replace("__", "."): member for key, member in rename.items()}, lambda _: b"zip"
    )
    return conversion.structure(shape, values), conversion.misplaced


def test_inputs_go_to_the_members_of_their_names() -> None:
    placed, _ = request(FUNCTION, {"memorySize": 256, "kmsKeyArn": "k", "tracingConfig": {"mode": "Active"}})

    assert placed == {"MemorySize": 256, "KMSKeyArn": "k", "TracingConfig": {"Mode": "Active"}}


def test_an_input_that_no_member_takes_is_reported_with_its_path() -> None:
    values = {"tracingConfig": {"mood": 1}, "colour": 2, "fileSystemConfigs": [{"arn": "a", "size": 3}]}

    _, misplaced = request(FUNCTION, values)

    assert misplaced == ["tracingConfig.mood", "colour", "fileSystemConfigs.size"]


def test_a_dotted_target_is_made_on_the_way_and_shared() -> None:
    placed, _ = request(FUNCTION, {"bucket": "b", "key": "k"}, bucket="Code.S3Bucket", key="Code.S3Key")

    assert placed == {"Code": {"S3Bucket": "b", "S3Key": "k"}}


def test_a_rename_holds_at_its_own_path_alone() -> None:
    placed, misplaced = request(
        TABLE,
        {"attributes": [{"name": "id"}], "name": "t"},
        attributes="AttributeDefinitions",
        attributes__name="AttributeName",
    )

    assert placed == {"AttributeDefinitions": [{"AttributeName": "id"}]}
    assert misplaced == ["name"]


def test_a_list_of_cloudfronts_has_its_length_beside_it() -> None:
    behavior = {"allowedMethods": ["GET"], "trustedKeyGroups": [], "trustedSigners": ["self"]}
    nowhere = {"geoRestriction": {"restrictionType": "none"}}
    placed, misplaced = request(
        DISTRIBUTION,
        {"aliases": ["a", "b"], "defaultCacheBehavior": behavior, "restrictions": nowhere},
        aliases="DistributionConfig.Aliases",
        defaultCacheBehavior="DistributionConfig.DefaultCacheBehavior",
        restrictions="DistributionConfig.Restrictions",
    )

    assert misplaced == []
    assert placed["DistributionConfig"] == {
        "Aliases": {"Quantity": 2, "Items": ["a", "b"]},
        "DefaultCacheBehavior": {
            "AllowedMethods": {"Quantity": 1, "Items": ["GET"]},
            "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
            "TrustedSigners": {"Enabled": True, "Quantity": 1, "Items": ["self"]},
        },
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    }


def test_what_is_put_into_an_unknown_stays_unknown() -> None:
    placed, misplaced = request(
        DISTRIBUTION,
        {"allowed": wire.UNKNOWN, "cached": ["GET"]},
        allowed="DistributionConfig.DefaultCacheBehavior.AllowedMethods",
        cached="DistributionConfig.DefaultCacheBehavior.AllowedMethods.CachedMethods",
    )

    assert misplaced == []
    assert placed["DistributionConfig"]["DefaultCacheBehavior"]["AllowedMethods"] is wire.UNKNOWN


def test_maps_become_lists_of_keys_and_values() -> None:
    placed, _ = request(ALARM, {"dimensions": {"FunctionName": "f"}, "tags": {"a": "b"}})

    assert placed == {
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("kind", "value", "converted"),
    [
        ("integer", "12", 12),
        ("integer", 12.0, 12),
        ("integer", 12.5, 12.5),
        ("integer", "many", "many"),
        ("integer", True, True),
        ("double", 3, 3.0),
        ("boolean", "true", True),
        ("boolean", "yes", "yes"),
        ("string", 7, "7"),
        ("string", False, "false"),
        ("string", {"Version": "1"}, '{"Version": "1"}'),
        ("string", [wire.UNKNOWN], wire.UNKNOWN),
        ("blob", "text", b"text"),
        ("timestamp", "2026-01-01", "2026-01-01"),
    ],
)
def test_scalars_become_what_the_shape_says_or_stay(kind: str, value: Any, converted: Any) -> None:
    answer = coerce.scalar(kind, value)

    assert answer == converted
    assert type(answer) is type(converted)


def test_archives_become_bytes() -> None:
    placed, _ = request(FUNCTION, {"code": wire.Archive(path=".")}, code="Code.ZipFile")

    assert placed == {"Code": {"ZipFile": b"zip"}}


NAMES = st.sampled_from(["Policies", "Policy", "Address", "Tags", "CORSRules", "S3Key", "KMSMasterKeyId"])


@given(NAMES)
def test_a_member_is_found_by_its_name_in_camel_case(name: str) -> None:
    assert coerce.find((name, "Other"), coerce.camel(name)) == name


@pytest.mark.parametrize(("candidates", "name"), [(("Tag", "Tags"), "tag"), (("Tag", "Tags"), "tags")])
def test_the_exact_name_wins_over_the_plural(candidates: tuple[str, ...], name: str) -> None:
    found = coerce.find(candidates, name)

    assert found is not None
    assert found.lower() == name


def test_a_name_that_no_member_has_or_two_could_have_is_not_found() -> None:
    assert coerce.find(("Alias", "Policies"), "rules") is None
    assert coerce.find(("RULE", "Rule"), "rules") is None


KINDS = st.sampled_from(["string", "integer", "long", "float", "double", "boolean", "blob", "timestamp"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(wire.UNKNOWN)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(KINDS, LEAVES)
def test_converting_twice_is_converting_once(kind: str, value: Any) -> None:
    once = coerce.scalar(kind, value)

    assert repr(coerce.scalar(kind, once)) == repr(once)


@given(st.dictionaries(st.sampled_from(sorted(map(coerce.camel, TABLE.members))), TREES, max_size=5))
def test_whatever_a_program_gives_is_placed_reported_or_refused_and_never_breaks(
    values: dict[str, Any],
) -> None:
    placed, misplaced = request(TABLE, values)

    tops = {path.split(".")[0] for path in misplaced}
    assert {coerce.camel(name) for name in placed} | tops >= {
        key for key, v in values.items() if v is not None
    }
    assert isinstance(validation.faults(TABLE, placed), str)


def test_what_is_not_known_yet_is_taken_to_be_right() -> None:
    unknown = {"TableName": wire.UNKNOWN, "AttributeDefinitions": wire.UNKNOWN, "KeySchema": wire.UNKNOWN}

    assert validation.faults(TABLE, unknown) == ""


def test_what_is_known_is_checked_beside_what_is_not() -> None:
    mixed = {"TableName": wire.UNKNOWN, "KeySchema": [{"AttributeName": 3, "KeyType": wire.UNKNOWN}]}

    faults = validation.faults(TABLE, mixed)

    assert "KeySchema[0].AttributeName, value: 3" in faults
    assert "TableName" not in faults


def test_answers_come_back_under_pulumis_names() -> None:
    shape: Any = models.output_shape("dynamodb", "DescribeTable")
    answer = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "CreationDateTime": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        "SSEDescription": {"KMSMasterKeyArn": "k"},
    }
    rename = {
        "attributes": "AttributeDefinitions",
        "attributes.name": "AttributeName",
        "attributes.type": "AttributeType",
    }

    assert coerce.from_answer(shape.members["Table"], answer, rename) == {
        "attributes": [{"name": "id", "type": "S"}],
        "creationDateTime": "2026-01-02T03:04:05Z",
        "sseDescription": {"kmsMasterKeyArn": "k"},
    }


def test_tags_come_back_as_a_map() -> None:
    shape: Any = models.output_shape("iam", "GetRole")

    role = coerce.from_answer(shape.members["Role"], {"Tags": [{"Key": "a", "Value": "b"}]}, {})

    assert role == {"tags": {"a": "b"}}
