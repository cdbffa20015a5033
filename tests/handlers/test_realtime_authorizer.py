import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from lambda_backend import KEYS, Backend
from lambda_events import Context, socket_event

from handlers.shared import keys as keys_module
from handlers.shared.keys import KeysUnavailableError, PoolKeys, address, fetcher
from handlers.shared.tokens import BadTokenError, User, verify

POOL = "us-east-1_Pool"
ISSUER = f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}"
CLIENTS = frozenset({"client-1", "client-2"})
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)


def jwks(*private_keys: rsa.RSAPrivateKey) -> bytes:
    found = []
    for number, private in enumerate(private_keys):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
        found.append(public | {"kid": f"kid/{number}+=", "use": "sig", "alg": "RS256"})
    return json.dumps({"keys": found}).encode()


def claims(**others: Any) -> dict[str, Any]:
    now = int(time.time())
    found = {
        "sub": "ada",
        "iss": ISSUER,
        "token_use": "access",
        "client_id": "client-1",
        "iat": now,
        "exp": now + 3600,
        "cognito:groups": ["admin", "staff"],
    } | others
    return {name: value for name, value in found.items() if value is not None}


def token(key: Any = KEY, algorithm: Any = "RS256", kid: Any = "kid/0+=", **others: Any) -> str:
    return jwt.encode(claims(**others), key, algorithm, headers={"kid": kid} if kid else None)


def pool_keys() -> PoolKeys:
    return PoolKeys(lambda: jwks(KEY))


def check(candidate: object) -> User:
    return verify(candidate, pool_keys(), ISSUER, CLIENTS)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def tampered() -> str:
    header, _, signature = token().split(".")
    return f"{header}.{part(claims(sub='eve'))}.{signature}"


def signed_with_the_public_key() -> str:
    """The public key as the secret of HS256: what a verifier that believes the token's `alg` accepts."""
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'kid/0+='})}.{part(claims())}"
    signature = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_good_access_token_names_its_user_and_groups() -> None:
    assert check(token()) == User("ada", ("admin", "staff"))
    assert check(token(**{"client_id": "client-2", "cognito:groups": None})) == User("ada", ())


BAD: dict[str, Callable[[], object]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "no token": lambda: "hello",
    "three dots": lambda: "a.b.c",
    "too long": lambda: token() + "A" * 20_000,
    "expired": lambda: token(exp=int(time.time()) - 1),
    "never expires": lambda: token(exp=None),
    "expiry is no number": lambda: token(exp="soon"),
    "expiry without bounds": lambda: token(exp=float("inf")),
    "not yet": lambda: token(nbf=int(time.time()) + 60),
    "issued in the future": lambda: token(iat=int(time.time()) + 60),
    "tampered": tampered,
    "cut": lambda: token()[:-4],
    "alg none": lambda: f"{part({'alg': 'none', 'kid': 'kid/0+='})}.{part(claims())}.",
    "alg None": lambda: f"{part({'alg': 'None', 'kid': 'kid/0+='})}.{part(claims())}.",
    "HS256 with the public key": signed_with_the_public_key,
    "RS512": lambda: token(algorithm="RS512"),
    "another key": lambda: token(OTHER_KEY),
    "unknown key id": lambda: token(kid="other"),
    "no key id": lambda: token(kid=None),
    "another issuer": lambda: token(iss=ISSUER + "x"),
    "no issuer": lambda: token(iss=None),
    "another client": lambda: token(client_id="client-3"),
    "no client": lambda: token(client_id=None, aud="client-1"),
    "a list of clients": lambda: token(client_id=["client-1"]),
    "id token": lambda: token(token_use="id", client_id=None, aud="client-1"),
    "id token with a client": lambda: token(token_use="id"),
    "no token use": lambda: token(token_use=None),
    "no subject": lambda: token(sub=None),
    "key in the header": lambda: jwt.encode(
        claims(), OTHER_KEY, "RS256", headers={"kid": "x", "jwk": json.loads(jwks(OTHER_KEY))["keys"][0]}
    ),
    "deep header": lambda: base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.x",
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_token_lets_nobody_in(case: str) -> None:
    with pytest.raises(BadTokenError):
        check(BAD[case]())


@given(
    st.text(max_size=80)
    | st.tuples(*[st.binary(max_size=40).map(lambda b: base64.urlsafe_b64encode(b).decode())] * 3).map(
        ".".join
    )
)
def test_no_text_is_a_token_by_chance(candidate: str) -> None:
    with pytest.raises(BadTokenError):
        check(candidate)


def sign_in(endpoint: str) -> tuple[str, str, dict[str, str]]:
    """A pool and a client of the emulator, and the tokens of a user who signed in there."""
    cognito = boto3.client("cognito-idp", endpoint_url=endpoint, **KEYS)
    pool = cognito.create_user_pool(PoolName="pool")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="client", ExplicitAuthFlows=flows)
    client = made["UserPoolClient"]["ClientId"]
    credentials = {"USERNAME": "ada", "PASSWORD": "Analytical-1843"}
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="ada", Password=credentials["PASSWORD"], Permanent=True
    )
    signed_in = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=credentials
    )
    return pool, client, signed_in["AuthenticationResult"]


def test_a_token_of_a_user_who_signed_in_is_good(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", backend.endpoint)
    pool, client, tokens = sign_in(backend.endpoint)
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    keys = PoolKeys(fetcher(address(issuer)))
    user = verify(tokens["AccessToken"], keys, issuer, frozenset({client}))
    assert user.user_id == jwt.decode(tokens["IdToken"], options={"verify_signature": False})["sub"]
    with pytest.raises(BadTokenError, match=r"access token|Missing"):
        verify(tokens["IdToken"], keys, issuer, frozenset({client}))


class Pool:
    """A pool's published keys, its clock, and how often it was asked."""

    def __init__(self, *keys: rsa.RSAPrivateKey) -> None:
        self.published = keys
        self.asked = 0
        self.now = 1_000.0
        self.reachable = True
        self.keys = PoolKeys(self.fetch, lambda: self.now)

    def fetch(self) -> bytes:
        self.asked += 1
        if not self.reachable:
            raise urllib.error.URLError("no route")
        return jwks(*self.published)


def test_keys_are_fetched_once() -> None:
    pool = Pool(KEY)
    assert pool.keys.find("kid/0+=") is pool.keys.find("kid/0+=")
    assert pool.asked == 1


def test_a_key_that_was_added_is_found_and_unknown_ones_do_not_flood_the_pool() -> None:
    pool = Pool(KEY)
    for number in range(50):
        assert pool.keys.find(f"unknown-{number}") is None
    assert pool.asked == 1
    pool.published = (KEY, OTHER_KEY)
    pool.now += keys_module.SECONDS_BETWEEN_FETCHES + 1
    assert pool.keys.find("kid/1+=") is not None
    assert pool.asked == 2


def test_a_withdrawn_key_is_trusted_for_an_hour_at_most() -> None:
    pool = Pool(KEY, OTHER_KEY)
    assert pool.keys.find("kid/1+=")
    pool.published = (KEY,)
    pool.now += keys_module.LIFETIME_SECONDS - 1
    assert pool.keys.find("kid/1+=")
    pool.now += 2
    assert pool.keys.find("kid/1+=") is None


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b'{"keys":[]}', b'{"keys":[{"kty":"RSA"}]}', b"null"]
)
def test_an_answer_without_keys_counts_as_unreachable(answer: bytes) -> None:
    with pytest.raises(KeysUnavailableError):
        PoolKeys(lambda: answer).find("kid")


def test_unreachable_keys_are_no_verdict_on_the_token_and_are_asked_for_again() -> None:
    pool = Pool(KEY)
    pool.reachable = False
    with pytest.raises(KeysUnavailableError):
        verify(token(), pool.keys, ISSUER, CLIENTS)
    pool.reachable = True
    assert verify(token(), pool.keys, ISSUER, CLIENTS).user_id == "ada"


def test_the_keys_lie_at_the_issuer_unless_the_sdks_setting_redirects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert address(ISSUER) == f"{ISSUER}/.well-known/jwks.json"
    with pytest.raises(ValueError, match="https"):
        address("http://cognito.example/pool")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/")
    assert address(ISSUER) == f"http://127.0.0.1:4566/{POOL}/.well-known/jwks.json"
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1")
    assert address(ISSUER) == f"http://127.0.0.1:1/{POOL}/.well-known/jwks.json"


@pytest.fixture
def published() -> Iterator[str]:
    """The address of a server that publishes the pool's keys."""

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = self.path == f"/{POOL}/.well-known/jwks.json"
            self.send_response(200 if good else 404)
            self.end_headers()
            self.wfile.write(jwks(KEY) if good else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def authorizer(monkeypatch: pytest.MonkeyPatch, published: str) -> Any:
    monkeypatch.setenv("USER_POOL_ISSUER", ISSUER)
    monkeypatch.setenv("USER_POOL_CLIENT_IDS", ", ".join(CLIENTS))
    monkeypatch.setenv("AWS_ENDPOINT_URL", published)
    from handlers.realtime import authorize

    monkeypatch.setattr(authorize, "KEYS", PoolKeys(fetcher(address(ISSUER))))
    return authorize


ARN = "arn:aws:execute-api:us-east-1:000000000000:api/live/$connect"


def test_a_good_token_is_allowed_to_connect(authorizer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    good = token()
    answer = authorizer.handler(socket_event(token=good) | {"methodArn": ARN}, Context())
    assert answer["principalId"] == "ada"
    assert answer["context"] == {"userId": "ada", "groups": "admin,staff"}
    [statement] = answer["policyDocument"]["Statement"]
    assert statement == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}
    out = capsys.readouterr().out
    assert json.loads(out)["status"] == 200
    assert all(piece not in out for piece in (*good.split("."), "ada", "admin"))


@pytest.mark.parametrize("bad", [None, "", "x.y.z", "expired"])
def test_a_bad_token_is_denied_and_never_logged(
    authorizer: Any, capsys: pytest.CaptureFixture[str], bad: str | None
) -> None:
    bad = token(exp=1) if bad == "expired" else bad
    answer = authorizer.handler(socket_event(token=bad) | {"methodArn": ARN}, Context())
    assert [statement["Effect"] for statement in answer["policyDocument"]["Statement"]] == ["Deny"]
    assert answer["context"] == {}
    line = json.loads(capsys.readouterr().out)
    assert line["status"] == 403
    assert line["level"] == "info"
    assert not bad or bad not in json.dumps(line)


def test_unreachable_keys_are_an_error_of_the_function(
    authorizer: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(authorizer, "KEYS", PoolKeys(fetcher("http://127.0.0.1:1/")))
    with pytest.raises(KeysUnavailableError):
        authorizer.handler(socket_event(token=token()) | {"methodArn": ARN}, Context())
    line = json.loads(capsys.readouterr().out)
    assert (line["status"], line["level"], line["error"]) == (500, "error", "KeysUnavailableError")
