"""`$default`: whatever a client says down its socket. Only a ping has an answer."""

import json

from handlers.shared.logs import text
from handlers.shared.sockets import PING, Event, Reply, misunderstood, socket


@socket
def handler(event: Event) -> Reply:
    """200 with a pong or an error; the connection stays either way."""
    if is_ping(text(event.get("body"))):
        return 200, {"type": "pong"}
    return misunderstood(event)


def is_ping(body: str) -> bool:
    """Whether a message is a ping and nothing else."""
    try:
        said: object = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return said == PING
