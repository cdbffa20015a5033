"""`POST /messages`: stores a message, then tells its recipient."""

from functools import partial

from handlers.messages import delivery, idempotency, message
from handlers.messages.store import Tables, store
from handlers.shared import aws, clock
from handlers.shared.entry import Answer, http
from handlers.shared.environment import required
from handlers.shared.events import Request

TABLES = Tables(
    users=required("USERS_TABLE"),
    messages=required("MESSAGES_TABLE"),
    notifications=required("NOTIFICATIONS_TABLE"),
    idempotency=required("IDEMPOTENCY_TABLE"),
)
CHANNELS = delivery.Channels(
    topic_arn=required("NOTIFICATIONS_TOPIC_ARN"),
    topics=aws.topics,
    connections_table=required("REALTIME_CONNECTIONS_TABLE"),
    dynamodb=aws.brisk_dynamodb,
    sockets=partial(aws.connections, required("REALTIME_ENDPOINT")),
)
DYNAMODB = aws.dynamodb()


@http()
def handler(request: Request) -> Answer:
    """201 with the message; 404 when the recipient has no profile; 409 for a key used otherwise."""
    draft = message.read(request.body)
    sender_id = request.caller.user_id
    use = idempotency.once(request.headers.get(idempotency.HEADER), sender_id, draft)
    stored = store(DYNAMODB, TABLES, sender_id, draft, use, clock.now())
    if stored.is_repeat:
        request.invocation.note(repeat=True)
        return Answer(201, stored.message, {"idempotent-replayed": "true"})
    report = delivery.tell(CHANNELS, stored.message, clock.now(), request.invocation.seconds_left)
    request.invocation.note(**report.counts)
    if report.failures:
        request.invocation.note(level="warning", failures=report.failures[:20])
    return Answer(201, stored.message)
