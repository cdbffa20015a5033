"""Transactions: several writes, all or none."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from handlers.shared import aws, problems
from handlers.shared.writes import attempts

FAILED = "ConditionalCheckFailed"

# What passes by itself: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_IN_PROGRESS = "TransactionInProgressException"


def commit(dynamodb: aws.DynamoDB, actions: Sequence[dict[str, Any]]) -> list[bool]:
    """Carries out the actions; others that hold the same items are waited for.

    Returns:
        for each action whether its condition failed, and nothing was written; empty when all is done.

    Raises:
        Problem: others kept writing the same items (409).
    """
    for _ in attempts():
        try:
            dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
            if FAILED in reasons:
                return [reason == FAILED for reason in reasons]
            if not _PASSING.intersection(reasons) and aws.code(error) != _IN_PROGRESS:
                raise
        else:
            return []
    raise problems.busy()
