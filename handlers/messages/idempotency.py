"""Idempotency: a POST that a client repeats with the same key is carried out once.

The record is written in the transaction of the message, so that there is never one without the other.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.messages.message import Draft
from handlers.shared import problems
from handlers.shared.attributes import Item, Plain, to_item
from handlers.shared.aws import DynamoDB
from handlers.shared.clock import epoch

HEADER = "idempotency-key"
LIFETIME = timedelta(hours=24)
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Once:
    """One use of a key by one sender."""

    record_id: str
    request_hash: str


def once(key: str | None, sender_id: str, draft: Draft) -> Once | None:
    """What identifies the request, if the client sent a key."""
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        raise problems.invalid_field("Idempotency-Key", f"1 to {_LONGEST_KEY} visible ASCII characters")
    return Once(_hash("POST /messages", sender_id, key), _hash(draft.recipient_id, draft.content))


def record(use: Once, message: dict[str, Plain], moment: datetime) -> Item:
    """The record of a request that was carried out. DynamoDB removes it some time after it has expired."""
    return to_item(
        {
            "id": use.record_id,
            "requestHash": use.request_hash,
            "response": json.dumps(message, ensure_ascii=False),
            "expiresAt": epoch(moment + LIFETIME),
        }
    )


def first_answer(dynamodb: DynamoDB, table: str, use: Once) -> dict[str, Plain] | None:
    """The message that the first request with this key made; `None` when the record is gone by now.

    Raises:
        Problem: the first request with this key was another one (409).
    """
    answer = dynamodb.get_item(TableName=table, Key={"id": {"S": use.record_id}}, ConsistentRead=True)
    if "Item" not in answer:
        return None
    item = answer["Item"]
    if item["requestHash"]["S"] != use.request_hash:
        error = problems.FieldError("Idempotency-Key", "used before with another body")
        raise problems.conflict("This Idempotency-Key belongs to another request.", error)
    message: dict[str, Plain] = json.loads(item["response"]["S"])
    return message


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
