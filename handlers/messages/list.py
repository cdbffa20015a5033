"""`GET /messages`: a user's messages, newest first."""

from handlers.messages.inbox import MESSAGES
from handlers.shared import aws
from handlers.shared.entry import Answer, http
from handlers.shared.events import Request
from handlers.shared.inbox import PARAMETERS, page

DYNAMODB = aws.dynamodb()


@http(*PARAMETERS)
def handler(request: Request) -> Answer:
    """200 with `items` and, when there are more, `nextCursor`; admins may name another `userId`."""
    return Answer(200, page(DYNAMODB, MESSAGES, request.target_user(), request.query))
