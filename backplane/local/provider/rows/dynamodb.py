"""DynamoDB tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backplane.local.provider.table import Inputs, Naming, Read, Row, Step


def _key_schema(partition: Any, sort: Any) -> list[dict[str, Any]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort is not None else keys


def _table(inputs: Inputs) -> None:
    partition = inputs.pop("hashKey", None)
    inputs["KeySchema"] = _key_schema(partition, inputs.pop("rangeKey", None))
    for index in _items(inputs, "globalSecondaryIndexes"):
        old = _key_schema(index.pop("hashKey", None), index.pop("rangeKey", None))
        index["KeySchema"] = index.pop("keySchemas", None) or old
    for index in _items(inputs, "localSecondaryIndexes"):
        index["KeySchema"] = _key_schema(partition, index.pop("rangeKey", None))
    if inputs.get("billingMode") == "PAY_PER_REQUEST":  # capacities are kept for when the mode changes back
        for holder in (inputs, *_items(inputs, "globalSecondaryIndexes")):
            holder.pop("readCapacity", None)
            holder.pop("writeCapacity", None)
    encryption = inputs.get("serverSideEncryption")
    if isinstance(encryption, dict) and encryption.get("enabled") is True:
        encryption["SSEType"] = "KMS"


def _items(inputs: Inputs, name: str) -> Iterator[dict[str, Any]]:
    found = inputs.get(name)
    yield from (item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


_CAPACITY = {
    "readCapacity": "ProvisionedThroughput.ReadCapacityUnits",
    "writeCapacity": "ProvisionedThroughput.WriteCapacityUnits",
}
_INDEX = {
    "name": "IndexName",
    "projectionType": "Projection.ProjectionType",
    "nonKeyAttributes": "Projection.NonKeyAttributes",
}

ROWS = (
    Row(
        type="aws:dynamodb/table:Table",
        service="dynamodb",
        create="CreateTable",
        id="in.name",
        name=Naming(),
        reshape=_table,
        rename={
            "name": "TableName",
            "attributes": "AttributeDefinitions",
            "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
            **_CAPACITY,
            "streamEnabled": "StreamSpecification.StreamEnabled",
            "streamViewType": "StreamSpecification.StreamViewType",
            "serverSideEncryption": "SSESpecification",
            "serverSideEncryption.kmsKeyArn": "KMSMasterKeyId",
            **{f"globalSecondaryIndexes.{key}": member for key, member in {**_INDEX, **_CAPACITY}.items()},
            **{f"localSecondaryIndexes.{key}": member for key, member in _INDEX.items()},
        },
        dropped={"replicas": "the emulator has one region"},
        steps=(
            Step(
                operation="UpdateTimeToLive",
                inputs=("ttl",),
                rename={"ttl": "TimeToLiveSpecification"},
                given={"TableName": "id"},
                when="in.ttl.enabled",
            ),
            Step(
                operation="UpdateContinuousBackups",
                inputs=("pointInTimeRecovery",),
                rename={
                    "pointInTimeRecovery": "PointInTimeRecoverySpecification",
                    "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
                },
                given={"TableName": "id"},
            ),
        ),
        result="TableDescription",
        outputs={
            "arn": "out.TableArn",
            "hashKey": "out.KeySchema[?KeyType=='HASH'].AttributeName | [0]",
            "rangeKey": "out.KeySchema[?KeyType=='RANGE'].AttributeName | [0]",
            "readCapacity": "out.ProvisionedThroughput.ReadCapacityUnits",
            "writeCapacity": "out.ProvisionedThroughput.WriteCapacityUnits",
            "billingMode": "out.BillingModeSummary.BillingMode",
            "streamArn": "out.LatestStreamArn",
            "streamLabel": "out.LatestStreamLabel",
            "streamEnabled": "out.StreamSpecification.StreamEnabled",
            "streamViewType": "out.StreamSpecification.StreamViewType",
        },
        defaults={
            "attributes": [],
            "globalSecondaryIndexes": [],
            "globalTableWitness": {},
            "pointInTimeRecovery": {"enabled": False},
            "readCapacity": 0,
            "serverSideEncryption": {"enabled": False},
            "streamArn": "",
            "streamLabel": "",
            "streamViewType": "",
            "ttl": {"enabled": False},
            "warmThroughput": {},
            "writeCapacity": 0,
        },
        read=Read(operation="DescribeTable", given={"TableName": "id"}, result="Table"),
        inputs_not_emulated={
            "billingMode=PROVISIONED": "capacity is not limited",
            "readCapacity": "capacity is not limited",
            "replicas": "there is one region",
            "ttl": "expired items go within seconds, on AWS within days",
        },
    ),
)
