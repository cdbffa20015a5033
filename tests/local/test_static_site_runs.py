"""A site as browsers and other clients meet it, on the emulator, with IAM enforced."""

from __future__ import annotations

import http.client
import json
import shutil
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pytest

from backplane.local.emulator import Emulator
from components import (
    CachingRule,
    Function,
    FunctionArgs,
    Route,
    SecurityHeaders,
    ServerlessApi,
    ServerlessApiArgs,
    StaticSite,
    StaticSiteArgs,
    WebAcl,
    WebAclArgs,
)
from support.running import Outcome, Runner

ECHO = """
import json


def handler(event, context):
    print("asked")
    status = 404 if event["rawPath"] == "/nothing" else 200
    told = {key: event.get(key) for key in ("rawPath", "rawQueryString", "body", "headers")}
    told["method"] = event["requestContext"]["http"]["method"]
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(told)}
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="edge functions are JavaScript")


class Site:
    """A site that runs."""

    def __init__(self, outcome: Outcome, up: Runner) -> None:
        self.outcome, self.up, self.outputs = outcome, up, outcome.outputs

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, bytes]:
        split = urllib.parse.urlsplit(self.outputs["siteUrl"])
        assert split.scheme == "http"
        connection = http.client.HTTPConnection(split.netloc, timeout=30)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    files = {
        "echo.py": ECHO,
        "web/index.html": "<h1>front</h1>",
        "web/app.js": "1",
        "web/a b/ü.svg": "<svg/>",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    def program() -> None:
        echo = Route(Function("echo", FunctionArgs(handler="echo.handler")), public=True)
        api = ServerlessApi("api", ServerlessApiArgs(routes={"ANY /{rest+}": echo}))
        amazon = "https://cognito-idp.eu-west-1.amazonaws.com"
        found = StaticSite(
            "web",
            StaticSiteArgs(
                folder="web",
                files={"config.json": pulumi.Output.json_dumps({"api": api.url})},
                apis={"/api": api},
                caching=[CachingRule(pattern="*.svg", edge_seconds=60)],
                headers=SecurityHeaders(content_security_policy={"connect-src": ["'self'", amazon]}),
                web_acl=WebAcl("wall", WebAclArgs()),
            ),
        )
        pulumi.export("siteUrl", found.url)
        pulumi.export("domainName", found.domain_name)
        pulumi.export("bucket", found.bucket_name)
        pulumi.export("distribution", found.distribution_id)

    up = Runner(root, emulator.endpoint)
    outcome = up(program)
    yield Site(outcome, up)
    outcome.provider.close()


def test_the_front_page_is_at_the_url_as_it_is_printed(site: Site) -> None:
    status, headers, body = site.ask("/")
    assert (status, body) == (200, b"<h1>front</h1>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert site.outputs["siteUrl"] == f"http://{site.outputs['domainName']}"


@pytest.mark.parametrize("path", ["/users/ada", "/deep/er?tab=1", "/api"])
def test_a_deep_link_is_the_front_page(site: Site, path: str) -> None:
    assert site.ask(path)[::2] == (200, b"<h1>front</h1>")


def test_files_are_themselves(site: Site) -> None:
    status, headers, body = site.ask("/app.js")
    assert (status, headers["Content-Type"], body) == (200, "text/javascript; charset=utf-8", b"1")
    assert site.ask("/a%20b/%C3%BC.svg")[::2] == (200, b"<svg/>")
    assert json.loads(site.ask("/config.json")[2]).keys() == {"api"}


def test_a_file_that_is_not_there_is_no_page(site: Site) -> None:
    # AWS says 404: CloudFront may list the bucket. The emulator doesn't ask for that.
    assert site.ask("/gone.js")[0] in (403, 404)


def test_the_api_has_its_own_paths_and_all_that_the_client_sent(site: Site) -> None:
    headers = {"Authorization": "Bearer 1", "Content-Type": "text/plain", "Cookie": "a=1"}
    status, _, body = site.ask("/api/users/1?x=%20y", "PATCH", "text", headers)
    told = json.loads(body)
    assert status == 200
    assert (told["method"], told["rawPath"], told["rawQueryString"]) == ("PATCH", "/users/1", "x=%20y")
    assert told["body"] == "text"
    assert told["headers"]["authorization"] == "Bearer 1"


def test_what_the_api_does_not_find_is_no_page(site: Site) -> None:
    status, headers, body = site.ask("/api/nothing")
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body)["rawPath"] == "/nothing"


@pytest.mark.parametrize("path", ["/", "/app.js", "/api/users", "/api/nothing"])
def test_every_answer_has_the_security_headers(site: Site, path: str) -> None:
    _, headers, _ = site.ask(path)
    assert headers["Strict-Transport-Security"] == "max-age=63072000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_pages_may_reach_the_services_of_aws_on_this_machine(site: Site) -> None:
    policy = site.ask("/")[1]["Content-Security-Policy"]
    assert "connect-src 'self' http://127.0.0.1:*" in policy


def test_pages_take_no_uploads(site: Site) -> None:
    assert site.ask("/", "POST", "x")[0] == 403


def test_the_bucket_answers_to_the_cdn_alone(site: Site) -> None:
    endpoint = urllib.parse.urlsplit(str(site.up.endpoint))
    connection = http.client.HTTPConnection(endpoint.netloc, timeout=30)
    try:
        connection.request("GET", f"/{site.outputs['bucket']}/index.html")
        assert connection.getresponse().status == 403
    finally:
        connection.close()


def test_what_the_edge_kept_was_invalidated_by_the_deployment(site: Site) -> None:
    client = site.up.client("cloudfront")
    found = client.list_invalidations(DistributionId=site.outputs["distribution"])["InvalidationList"]
    (made,) = found["Items"]
    batch = client.get_invalidation(DistributionId=site.outputs["distribution"], Id=made["Id"])
    assert batch["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] == ["/*"]


def test_what_is_not_emulated_is_said(site: Site) -> None:
    said = "\n".join(site.outcome.provider.not_emulated)
    assert "aws.cloudfront.Distribution: nothing is cached" in said
    assert "aws.cloudfront.Distribution webAclId: requests are not inspected" in said
    assert "aws.wafv2.WebAcl: stored, not done" in said
