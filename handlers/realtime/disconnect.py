"""`$disconnect`: forgets a connection. API Gateway calls it when it can, which is not always."""

from handlers.shared import aws
from handlers.shared.environment import required
from handlers.shared.sockets import Event, Reply, connection_id, is_message, misunderstood, socket

TABLE = required("REALTIME_CONNECTIONS_TABLE")
DYNAMODB = aws.dynamodb()


@socket
def handler(event: Event) -> Reply:
    """200, whether or not the connection was still known."""
    if is_message(event):
        return misunderstood(event)
    DYNAMODB.delete_item(TableName=TABLE, Key={"connectionId": {"S": connection_id(event)}})
    return 200, None
