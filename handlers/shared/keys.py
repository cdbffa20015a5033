"""The public keys of a user pool, kept while the function lives.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

import json
import os
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException

import jwt

LIFETIME_SECONDS = 3600
"""Keys that Cognito withdraws are trusted this long at most."""

SECONDS_BETWEEN_FETCHES = 30
"""A token may name any key: unknown ones can't make us ask more often than this."""

TIMEOUT_SECONDS = 2
_MOST_BYTES = 65_536


class KeysUnavailableError(Exception):
    """The pool's keys can't be fetched: nobody can be let in, and nobody is to blame for it."""


class PoolKeys:
    """The keys of one pool by their id."""

    def __init__(self, fetch: Callable[[], bytes], clock: Callable[[], float] = time.time) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of that id, if the pool has it.

        Raises:
            KeysUnavailableError: the keys are not known, and can't be fetched.
        """
        if self._age() > LIFETIME_SECONDS or (
            key_id not in self._keys and self._age() > SECONDS_BETWEEN_FETCHES
        ):
            self._refresh()
        return self._keys.get(key_id)

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    def _refresh(self) -> None:
        try:
            keys = jwt.PyJWKSet.from_dict(json.loads(self._fetch())).keys
        except (OSError, HTTPException, ValueError, AttributeError, jwt.PyJWTError) as error:
            raise KeysUnavailableError(type(error).__name__) from error
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fetched_at = self._clock()


def address(issuer: str) -> str:
    """Where a pool publishes its keys.

    The setting that redirects every SDK call to another endpoint redirects this one too:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER") or os.environ.get(
        "AWS_ENDPOINT_URL"
    )
    base = f"{endpoint.rstrip('/')}/{issuer.rpartition('/')[2]}" if endpoint else issuer
    if not endpoint and not issuer.startswith("https://"):
        raise ValueError(f"USER_POOL_ISSUER must be an https address, got {issuer!r}")
    return f"{base}/.well-known/jwks.json"


def fetcher(url: str) -> Callable[[], bytes]:
    """A function that fetches the keys from `url`, which `address` has checked."""

    def fetch() -> bytes:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 -- not the client's choice
            body: bytes = answer.read(_MOST_BYTES)
            return body

    return fetch
