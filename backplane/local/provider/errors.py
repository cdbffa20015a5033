"""What a failed call says to the person who ran the program."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError

_CLASH = "two resources of this program have the same physical name: leave the name out, or make it unique"
_MISSING = "it has to be created first: pass the other resource's output instead of its name"
_FIXES = {
    "BucketAlreadyExists": f"bucket names are shared by all accounts; {_CLASH}",
    "BucketAlreadyOwnedByYou": _CLASH,
    "ConflictException": _CLASH,
    "EntityAlreadyExists": _CLASH,
    "GroupExistsException": _CLASH,
    "NoSuchEntity": _MISSING,
    "NotFoundException": _MISSING,
    "ParameterAlreadyExists": _CLASH,
    "ResourceAlreadyExistsException": _CLASH,
    "ResourceConflictException": _CLASH,
    "ResourceInUseException": _CLASH,
    "ResourceNotFoundException": _MISSING,
}


def explain(error: ClientError | BotoCoreError, service: str, operation: str, endpoint: str | None) -> str:
    """One line: the operation, what went wrong and, where one is known, the fix."""
    what = f"{service}:{operation}"
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "an error without a code")
        fix = f"; {_FIXES[code]}" if code in _FIXES else ""
        return f"{what} answered {code}: {details.get('Message', '').rstrip('.')}{fix}"
    if isinstance(error, (EndpointConnectionError, HTTPClientError)):
        return f"{what} got no answer: the emulator at {endpoint} is gone; start it again with `make up`"
    return f"{what} was not sent: {error}"
