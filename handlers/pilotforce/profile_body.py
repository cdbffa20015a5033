"""What a profile may hold."""

from handlers.shared.bodies import Body, check, line, prose, reader

MAX_NAME = 100
MAX_CALL_SIGN = 20
MAX_BIO = 1000


class Profile(Body, frozen=True):
    """The body of `PUT /profiles/{userId}`; a field that is left out is removed."""

    name: str
    call_sign: str | None = None
    bio: str | None = None


_decode = reader(Profile)


def read(body: bytes) -> Profile:
    """The profile in a body, or the problem with all its mistakes."""
    found = _decode(body)
    check(
        line("name", found.name, MAX_NAME),
        None if found.call_sign is None else line("callSign", found.call_sign, MAX_CALL_SIGN),
        None if found.bio is None else prose("bio", found.bio, MAX_BIO),
    )
    return found
