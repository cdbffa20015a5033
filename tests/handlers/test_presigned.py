"""Addresses against botocore's own S3 client, and against what AWS says of them."""

import re
from collections.abc import Iterator
from unittest import mock
from urllib.parse import parse_qs, quote, unquote, urlsplit

import botocore.session
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.shared import aws, presigned

HEADERS = {"content-type": "image/png", "content-length": "12"}
TOKEN = "FwoGZXIvYXdzE/+=="
NAMES = ["plain.png", "a b+c%d.png", "Grüße \U0001f600~*'().png", "x" * 255]


@pytest.fixture(autouse=True)
def _on_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in Lambda: temporary credentials, a region, no endpoint."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    aws._session.cache_clear()
    yield
    aws._session.cache_clear()


def botocores(method: str, parameters: dict[str, object]) -> str:
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client = botocore.session.get_session().create_client("s3", config=config)
    url: str = client.generate_presigned_url(method, Params=parameters, ExpiresIn=3600)
    return url


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_those_of_botocores_client(name: str) -> None:
    key = f"assets/1/{name}"
    where: dict[str, object] = {"Bucket": "files", "Key": key}
    disposition = presigned.disposition(name)
    with mock.patch("botocore.auth.get_current_datetime") as now:
        from datetime import UTC, datetime

        now.return_value = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
        assert presigned.upload("files", key, HEADERS, 3600) == botocores(
            "put_object", {**where, "ContentType": "image/png", "ContentLength": 12}
        )
        assert presigned.download("files", key, name, 3600) == botocores(
            "get_object", {**where, "ResponseContentDisposition": disposition}
        )


def test_type_and_size_are_signed_and_the_token_goes_along() -> None:
    url = urlsplit(presigned.upload("files", "assets/1/a b.png", HEADERS, 3600))
    assert (url.scheme, url.netloc, url.path) == (
        "https",
        "files.s3.eu-west-1.amazonaws.com",
        "/assets/1/a%20b.png",
    )
    query = parse_qs(url.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert (query["X-Amz-Expires"], query["X-Amz-Security-Token"]) == (["3600"], [TOKEN])


def test_china_has_another_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    assert "://files.s3.cn-north-1.amazonaws.com.cn/k?" in presigned.upload("files", "k", {}, 60)


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_an_endpoint_of_ones_own_takes_the_bucket_in_the_path(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:4566/")
    assert presigned.upload("files", "k", {}, 60).startswith("http://127.0.0.1:4566/files/k?")


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_name_breaks_out_of_the_header(name: str) -> None:
    found = presigned.disposition(name)
    assert re.fullmatch(
        r"attachment; filename=\"[ -!#-$&-\[\]-~]*\"; filename\*=UTF-8''[A-Za-z0-9%._~-]*", found
    )
    assert unquote(found.rpartition("''")[2]) == name
    assert quote(name, safe="") in found
