"""`$connect`: remembers a connection and whose it is."""

from datetime import datetime, timedelta

from handlers.shared import aws, clock
from handlers.shared.attributes import to_item
from handlers.shared.environment import required
from handlers.shared.sockets import (
    Event,
    Reply,
    connected_user,
    connection_id,
    is_message,
    misunderstood,
    socket,
)

TABLE = required("REALTIME_CONNECTIONS_TABLE")
DYNAMODB = aws.dynamodb()

LIFETIME = timedelta(hours=2, minutes=5)
"""API Gateway closes a connection after two hours, and `$disconnect` may never come: rows expire too.
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""


@socket
def handler(event: Event) -> Reply:
    """200; 401 without the user whom the authorizer names, and the handshake fails."""
    if is_message(event):
        return misunderstood(event)
    user_id = connected_user(event)
    if not user_id:
        return 401, None
    remember(DYNAMODB, TABLE, connection_id(event), user_id, clock.now())
    return 200, None


def remember(dynamodb: aws.DynamoDB, table: str, connection: str, user_id: str, moment: datetime) -> None:
    """Stores that a user is reachable over a connection."""
    row = to_item(
        {
            "connectionId": connection,
            "userId": user_id,
            "timestamp": clock.timestamp(moment),
            "expiresAt": clock.epoch(moment + LIFETIME),
        }
    )
    dynamodb.put_item(TableName=table, Item=row)
