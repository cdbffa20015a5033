"""`PUT /messages/{messageId}/read`: marks a message as read."""

from handlers.messages.inbox import MESSAGES
from handlers.shared import aws
from handlers.shared.entry import Answer, http
from handlers.shared.events import Request
from handlers.shared.inbox import mark_read

DYNAMODB = aws.dynamodb()


@http("userId")
def handler(request: Request) -> Answer:
    """200 with the message, 404 when the user has no such one; admins may name another `userId`."""
    return Answer(200, mark_read(DYNAMODB, MESSAGES, request.path_id(MESSAGES.key), request.target_user()))
