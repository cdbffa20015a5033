"""Tokens that must not be let in, made from one that is good."""

import base64
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from e2e.people import Person
from e2e.running import Backend


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def signed(backend: Backend, person: Person, **changes: object) -> str:
    """The person's access token with other claims, signed by the user pool."""
    return _like(person.token, claims(person.token) | changes, backend.signing_key("access"))


def _like(token: str, payload: Mapping[str, Any], key: bytes) -> str:
    headers = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(dict(payload), key, algorithm="RS256", headers=headers)


def _expired(backend: Backend, person: Person) -> str:
    now = int(time.time())
    return signed(backend, person, iat=now - 7200, auth_time=now - 7200, exp=now - 3600)


def _tampered(backend: Backend, person: Person) -> str:
    """Somebody else's name under the old signature."""
    del backend
    header, _, signature = person.token.split(".")
    payload = json.dumps(claims(person.token) | {"sub": str(uuid.uuid4()), "cognito:groups": ["admin"]})
    return ".".join([header, _encoded(payload), signature])


def _signed_by_another_key(backend: Backend, person: Person) -> str:
    del backend
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _like(person.token, claims(person.token), pem)


def _unsigned(backend: Backend, person: Person) -> str:
    del backend
    return jwt.encode(claims(person.token), key="", algorithm="none")


def _signed_with_the_public_key(backend: Backend, person: Person) -> str:
    """HS256 with the public key as the secret: good to whoever believes a token's own `alg`."""
    private = serialization.load_pem_private_key(backend.signing_key("access"), None)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": jwt.get_unverified_header(person.token)["kid"]}
    signed_part = f"{_encoded(json.dumps(header))}.{_encoded(json.dumps(claims(person.token)))}"
    return f"{signed_part}.{_encoded(hmac.digest(public, signed_part.encode(), 'sha256'))}"


def _of_another_client(backend: Backend, person: Person) -> str:
    """A good token of the same pool and person, for an application that this API doesn't know."""
    client = backend.cognito.create_user_pool_client(
        UserPoolId=backend.pool,
        ClientName=str(uuid.uuid4()),
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    return backend.sign_in(person.name, client)["AccessToken"]


def _of_another_issuer(backend: Backend, person: Person) -> str:
    return signed(backend, person, iss=claims(person.token)["iss"] + "x")


def _id_token(backend: Backend, person: Person) -> str:
    del backend
    return person.id_token


def _garbage(backend: Backend, person: Person) -> str:
    del backend, person
    return "not.a.token"


def _encoded(part: str | bytes) -> str:
    raw = part.encode() if isinstance(part, str) else part
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


BAD: Mapping[str, Callable[[Backend, Person], str]] = {
    "expired": _expired,
    "tampered": _tampered,
    "signed by another key": _signed_by_another_key,
    "alg none": _unsigned,
    "alg HS256": _signed_with_the_public_key,
    "of another client": _of_another_client,
    "of another issuer": _of_another_issuer,
    "an id token": _id_token,
    "garbage": _garbage,
}
