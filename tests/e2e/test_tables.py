from collections.abc import Mapping
from typing import Any

import pytest

from e2e.running import Backend

pytestmark = pytest.mark.e2e

INBOX = {"userId-createdAt-index": ("userId", "createdAt")}

# table: (partition key, sort key), indexes, attribute of the time to live
TABLES: Mapping[str, tuple[tuple[str, ...], Mapping[str, tuple[str, ...]], str | None]] = {
    "users": (("userId",), {}, None),
    "messages": (("messageId", "userId"), {"userId-createdAt-index": ("userId", "createdAt")}, None),
    "notifications": (
        ("notificationId", "userId"),
        {"userId-createdAt-index": ("userId", "createdAt")},
        None,
    ),
    "idempotency": (("id",), {}, "expiresAt"),
    "realtime-connections": (("connectionId",), {"userId-index": ("userId",)}, "expiresAt"),
}


def names(schema: list[dict[str, Any]]) -> tuple[str, ...]:
    assert [key["KeyType"] for key in schema] == ["HASH", "RANGE"][: len(schema)]
    return tuple(key["AttributeName"] for key in schema)


def test_there_are_the_documents_tables(backend: Backend) -> None:
    assert set(backend.tables) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_keys_indexes_and_time_to_live_are_those_of_the_document(backend: Backend, table: str) -> None:
    keys, indexes, time_to_live = TABLES[table]
    found = backend.dynamodb.describe_table(TableName=backend.tables[table])["Table"]
    assert names(found["KeySchema"]) == keys
    assert {each["AttributeType"] for each in found["AttributeDefinitions"]} == {"S"}
    assert {
        index["IndexName"]: names(index["KeySchema"]) for index in found.get("GlobalSecondaryIndexes", [])
    } == indexes
    expiry = backend.dynamodb.describe_time_to_live(TableName=backend.tables[table])["TimeToLiveDescription"]
    assert expiry.get("AttributeName") == time_to_live
    assert expiry["TimeToLiveStatus"] == ("ENABLED" if time_to_live else "DISABLED")
