"""Settings of a function: environment variables that its links set."""

import os


def required(name: str) -> str:
    """The value of an environment variable, read while the module is imported.

    A function without it can't work: it fails when it starts, and not with the first request.

    Raises:
        RuntimeError: the variable is missing or empty.
    """
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"environment variable {name} is not set: link the function to what provides it")
    return value
