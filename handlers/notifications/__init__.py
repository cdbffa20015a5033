"""The notifications of a user: listing, marking as read."""
