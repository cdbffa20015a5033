"""Access tokens of a user pool: whether one is good, and whose it is.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
"""

from dataclasses import dataclass

import jwt

from handlers.shared.keys import PoolKeys

ALGORITHM = "RS256"
"""The only one that Cognito signs with. The token's own word for it is never taken."""

TOKEN_USE = "access"  # noqa: S105 -- a kind of token
"""An id token says who somebody is; it doesn't let anybody in."""

LONGEST_TOKEN = 16_384

_REQUIRED = ("exp", "iat", "iss", "sub", "token_use", "client_id")


class BadTokenError(Exception):
    """The token lets nobody in. The reason is for the log; a client learns only that it is bad."""


@dataclass(frozen=True, slots=True)
class User:
    """Whose token it is."""

    user_id: str
    groups: tuple[str, ...]
    email: str = ""
    """Verified by the pool; empty where no function of the pool's puts it into access tokens."""


def verify(token: object, keys: PoolKeys, issuer: str, client_ids: frozenset[str]) -> User:
    """The user of an access token.

    Checks the signature against the pool's keys, issuer, expiry, not-before, token use and client.

    Raises:
        BadTokenError: a check fails.
        KeysUnavailableError: there are no keys to check against.
    """
    if not isinstance(token, str) or not 1 <= len(token) <= LONGEST_TOKEN:
        raise BadTokenError("missing")
    try:
        header = jwt.get_unverified_header(token)
        key = keys.find(_key_id(header))
        if key is None:
            raise BadTokenError("unknown key")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[ALGORITHM],
            issuer=issuer,
            options={"require": list(_REQUIRED), "verify_aud": False},  # an access token has no audience
        )
    except (jwt.PyJWTError, ValueError, ArithmeticError, RecursionError) as error:
        raise BadTokenError(type(error).__name__) from None
    if claims["token_use"] != TOKEN_USE:
        raise BadTokenError("not an access token")
    if not isinstance(claims["client_id"], str) or claims["client_id"] not in client_ids:
        raise BadTokenError("another client")
    groups, email = claims.get("cognito:groups", []), claims.get("email", "")
    return User(
        str(claims["sub"]),
        tuple(map(str, groups)) if isinstance(groups, list) else (),
        email if isinstance(email, str) else "",
    )


def _key_id(header: dict[str, object]) -> str:
    key_id = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
        raise BadTokenError("another algorithm, or no key named")
    return key_id
