"""Writes to one item, with what AWS refuses turned into what a client can act on."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from handlers.shared import aws, problems
from handlers.shared.attributes import Item

_CONFLICTS = ("TransactionConflictException", "TransactionInProgressException")

_ATTEMPTS = 8
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.4


class ConditionFailedError(Exception):
    """The write's condition doesn't hold. Nothing was written."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item
        """What is there instead, when the write asked for it."""


def attempts() -> Iterator[int]:
    """Numbers of attempts, with a random pause before each but the first: below 2 s in all.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    for number in range(_ATTEMPTS):
        if number:
            longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**number)
            time.sleep(random.random() * longest)  # noqa: S311 -- spreads writers, guards nothing
        yield number


def write(call: Callable[..., dict[str, Any]], **request: object) -> dict[str, Any]:
    """Makes a conditional write; a failing condition brings back the item that is there.

    A transaction that holds the item, such as a message to that user, is waited for.

    Raises:
        ConditionFailedError: the condition doesn't hold.
        Problem: the item is too large (413), or others kept writing it (409).
    """
    for _ in attempts():
        try:
            return call(**request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except ClientError as error:
            if aws.code(error) == "ConditionalCheckFailedException":
                raise ConditionFailedError(error.response.get("Item")) from None
            if _is_too_large(error):
                raise problems.too_large("body") from None
            if aws.code(error) not in _CONFLICTS:
                raise
    raise problems.busy()


def _is_too_large(error: ClientError) -> bool:
    # "Item size has exceeded the maximum allowed size", "Item size to update has exceeded ..."
    message = str(error.response.get("Error", {}).get("Message", ""))
    return aws.code(error) == "ValidationException" and "exceeded the maximum allowed size" in message
