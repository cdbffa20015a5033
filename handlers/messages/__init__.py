"""Messages between users: sending, the inbox, marking as read."""
