"""`PUT /notifications/{notificationId}/read`: marks a notification as read."""

from handlers.notifications.inbox import NOTIFICATIONS
from handlers.shared import aws
from handlers.shared.entry import Answer, http
from handlers.shared.events import Request
from handlers.shared.inbox import mark_read

DYNAMODB = aws.dynamodb()


@http("userId")
def handler(request: Request) -> Answer:
    """200 with the notification, 404 when the user has no such one; admins may name another `userId`."""
    return Answer(
        200, mark_read(DYNAMODB, NOTIFICATIONS, request.path_id(NOTIFICATIONS.key), request.target_user())
    )
