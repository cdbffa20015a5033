"""What the tests send, and the form of what comes back."""

import re
from typing import Any

from e2e.web import PROBLEM, Answer

PROFILE = {"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"}

USER_FIELDS = {"userId", "email", "firstName", "lastName", "settings", "createdAt", "updatedAt"}
MESSAGE_FIELDS = {"messageId", "senderId", "userId", "content", "read", "createdAt", "updatedAt"}
NOTIFICATION_FIELDS = {"notificationId", "userId", "type", "title", "content", "read", "createdAt"}

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
"""ISO 8601, UTC, with milliseconds."""

_INTERNALS = re.compile(r"traceback|\.py\b|exception|botocore|errorType|errorMessage", re.IGNORECASE)


def assert_problem(answer: Answer, status: int, *fields: str) -> None:
    """The answer is a problem document of that status, which names these fields, and no internals."""
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document = answer.body
    assert set(document) - {"errors"} == {"type", "title", "status", "detail", "requestId"}
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["requestId"]
    assert set(fields) <= set(answer.fields), document
    assert all(error["message"] for error in document.get("errors", []))
    assert not _INTERNALS.search(answer.text), document


def assert_times(thing: dict[str, Any], *names: str) -> None:
    for name in names:
        assert TIME.fullmatch(thing[name]), thing
