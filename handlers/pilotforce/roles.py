"""The groups of the user pool, each of which may do what those below it may."""

from collections.abc import Iterable

VIEWER = "viewer"
PILOT = "pilot"
ADMIN = "admin"
ROLES = (VIEWER, PILOT, ADMIN)
"""From the least to the highest."""


def highest(groups: Iterable[str]) -> str:
    """The highest role among groups; empty when none is one."""
    found = [ROLES.index(group) for group in groups if group in ROLES]
    return ROLES[max(found)] if found else ""


def up_to(role: str) -> tuple[str, ...]:
    """The role and those below it; none for the empty one."""
    return ROLES[: ROLES.index(role) + 1] if role else ()
