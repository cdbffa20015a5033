"""The table of notifications, as a box of things that belong to users."""

from handlers.shared.environment import required
from handlers.shared.inbox import Box

NOTIFICATIONS = Box(
    required("NOTIFICATIONS_TABLE"), kind="notification", key="notificationId", has_updated_at=False
)
