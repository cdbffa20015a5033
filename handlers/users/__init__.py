"""The profiles of users."""
