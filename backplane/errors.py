"""What ends a command, beside success: each error's message is for a person."""

from __future__ import annotations


class ConfigurationError(Exception):
    """What was asked for can't run; one line for each mistake, with its file and key."""


class ProgramFailed(Exception):  # noqa: N818 - an error of an error reads badly
    """The program or one of its resources failed."""
