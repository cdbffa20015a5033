"""The table of messages, as a box of things that belong to users."""

from handlers.shared.environment import required
from handlers.shared.inbox import Box

MESSAGES = Box(required("MESSAGES_TABLE"), kind="message", key="messageId", has_updated_at=True)
