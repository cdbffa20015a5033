"""`GET /notifications`: a user's notifications, newest first."""

from handlers.notifications.inbox import NOTIFICATIONS
from handlers.shared import aws
from handlers.shared.entry import Answer, http
from handlers.shared.events import Request
from handlers.shared.inbox import PARAMETERS, page

DYNAMODB = aws.dynamodb()


@http(*PARAMETERS)
def handler(request: Request) -> Answer:
    """200 with `items` and, when there are more, `nextCursor`; admins may name another `userId`."""
    return Answer(200, page(DYNAMODB, NOTIFICATIONS, request.target_user(), request.query))
