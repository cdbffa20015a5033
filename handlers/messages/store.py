"""Storing a message: message, notification and idempotency record in one transaction, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from handlers.messages import idempotency, message
from handlers.shared import aws, problems
from handlers.shared.attributes import Plain, to_item
from handlers.shared.clock import epoch
from handlers.shared.writes import attempts

# What passes by itself: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_CANCELED = "TransactionCanceledException"
_IN_PROGRESS = "TransactionInProgressException"
_FAILED = "ConditionalCheckFailed"

_RECIPIENT = 0
_RECORD = 3


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables that a message touches."""

    users: str
    messages: str
    notifications: str
    idempotency: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in its table."""

    message: dict[str, Plain]
    is_repeat: bool
    """An earlier request with the same key stored it, and has told its recipient."""


def store(
    dynamodb: aws.DynamoDB,
    tables: Tables,
    sender_id: str,
    draft: message.Draft,
    use: idempotency.Once | None,
    moment: datetime,
) -> Stored:
    """Stores a new message, or finds the one that the same request has stored before.

    Raises:
        Problem: there is no such recipient (404), the key belongs to another request (409), or others
            held the same items for as long as this request could wait (409).
    """
    new = message.to_message(sender_id, draft, moment)
    actions = _actions(tables, new, use, moment)
    for _ in attempts():
        try:
            dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = _reasons(error)
            if use and reasons[_RECORD] == _FAILED:
                first = idempotency.first_answer(dynamodb, tables.idempotency, use)
                if first:
                    return Stored(first, is_repeat=True)
            elif reasons[_RECIPIENT] == _FAILED:
                missing = problems.FieldError("recipientId", "has no profile")
                raise problems.not_found("There is no such recipient.", missing) from None
            elif not _PASSING.intersection(reasons):
                raise
        else:
            return Stored(new, is_repeat=False)
    raise problems.busy()


def _reasons(error: ClientError) -> list[str]:
    """Why each action was refused: `None` for those that weren't to blame."""
    if aws.code(error) == _CANCELED:
        found = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
        return found + ["None"] * (_RECORD + 1 - len(found))
    return ["TransactionConflict" if aws.code(error) == _IN_PROGRESS else "None"] * (_RECORD + 1)


def _actions(
    tables: Tables, new: dict[str, Plain], use: idempotency.Once | None, moment: datetime
) -> list[dict[str, Any]]:
    notification = message.to_notification(new)
    actions: list[dict[str, Any]] = [
        {
            "ConditionCheck": {
                "TableName": tables.users,
                "Key": to_item({"userId": new["userId"]}),
                "ConditionExpression": "attribute_exists(userId)",
            }
        },
        {"Put": {"TableName": tables.messages, "Item": to_item(new)}},
        {"Put": {"TableName": tables.notifications, "Item": to_item(notification)}},
    ]
    if use:
        # An expired record may wait days for DynamoDB to remove it; its key is free again before that.
        record = {
            "TableName": tables.idempotency,
            "Item": idempotency.record(use, new, moment),
            "ConditionExpression": "attribute_not_exists(id) OR expiresAt <= :now",
            "ExpressionAttributeValues": to_item({":now": epoch(moment)}),
        }
        actions.append({"Put": record})
    return actions
