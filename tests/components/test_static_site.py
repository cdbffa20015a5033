from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from backplane.local import wire
from components import ArgumentError, CachingRule, StaticSite, StaticSiteArgs, UserPool, UserPoolArgs
from components._site_files import FOREVER, MAX_FILES, cache_control, content_type
from support.recorder import UNKNOWN, Graph, record

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
INVOCATION = "aws:lambda/invocation:Invocation"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "site"
    write(found, {"index.html": "<h1>", "app.3f9a2b1c.js": "1", "img/logo.svg": "<svg/>"})
    return found


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def graph(folder: Path, *, preview: bool = False, **args: Any) -> Graph:
    def program() -> None:
        StaticSite("web", StaticSiteArgs(folder=str(folder), **args))

    return record(program, preview=preview)


def objects(found: Graph) -> dict[str, dict[str, Any]]:
    return {item.inputs["key"]: item.inputs for item in found.all(OBJECT)}


def refused(folder: Path, **args: Any) -> str:
    with pytest.raises(ArgumentError) as refusal:
        graph(folder, **args)
    return str(refusal.value)


@preview_and_up
def test_each_file_is_an_object_in_a_preview_too(folder: Path, *, preview: bool) -> None:
    found = graph(folder, preview=preview)
    assert objects(found).keys() == {"index.html", "app.3f9a2b1c.js", "img/logo.svg"}
    logo = found.one(OBJECT, "web-img/logo.svg").inputs
    source = logo.pop("source")
    assert Path(source.path).resolve() == folder / "img" / "logo.svg"
    assert not Path(source.path).is_absolute()
    assert logo == {
        "bucket": UNKNOWN if preview else "web-bucket",
        "key": "img/logo.svg",
        "contentType": "image/svg+xml",
        "cacheControl": "no-cache",
        "sourceHash": hashlib.sha256(b"<svg/>").hexdigest(),
    }


def test_the_front_page_comes_when_all_that_it_names_is_there(folder: Path) -> None:
    found = graph(folder)
    page = found.one(OBJECT, "web-index.html")
    others = {item.urn for item in found.all(OBJECT)} - {page.urn}
    assert others <= set(page.dependencies)


@preview_and_up
def test_text_that_only_the_stack_knows_is_a_file(folder: Path, *, preview: bool) -> None:
    def program() -> None:
        pool = UserPool("people", UserPoolArgs())
        text = pulumi.Output.json_dumps({"issuer": pool.issuer})
        StaticSite("web", StaticSiteArgs(folder=str(folder), files={"config.json": text}))

    found = record(program, preview=preview).one(OBJECT, "web-config.json").inputs
    assert found["contentType"] == "application/json"
    assert found["cacheControl"] == "no-cache"
    if preview:
        assert found["content"] is UNKNOWN
    else:
        assert json.loads(found["content"]).keys() == {"issuer"}


@preview_and_up
def test_the_bucket_can_go_since_its_files_can_come_again(folder: Path, *, preview: bool) -> None:
    found = graph(folder, preview=preview)
    bucket = found.one("aws:s3/bucket:Bucket", "web")
    assert bucket.inputs["forceDestroy"] is True
    assert not bucket.protect
    versioning = found.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Suspended"}


def test_a_site_is_a_single_page_unless_it_has_folders(folder: Path) -> None:
    function = "aws:cloudfront/function:Function"
    single = graph(folder).one(function, "web-pages").inputs["code"]
    folders = graph(folder, pages="folders").one(function, "web-pages").inputs["code"]
    assert "request.uri = '/index.html'" in single
    assert "request.uri += 'index.html'" in folders


def test_what_a_cdn_can_be_told_a_site_can_be_told(folder: Path) -> None:
    found = graph(
        folder,
        apis={"/api": "https://api.example.com"},
        price_class="PriceClass_All",
        description="The shop",
        overrides={"distribution": {"staging": True}, "bucket": {"bucket": "shop"}},
    )
    inputs = found.one(DISTRIBUTION).inputs
    assert [item["pathPattern"] for item in inputs["orderedCacheBehaviors"]] == ["/api/*"]
    assert (inputs["priceClass"], inputs["comment"], inputs["staging"]) == (
        "PriceClass_All",
        "The shop",
        True,
    )
    assert found.one("aws:s3/bucket:Bucket").inputs["bucket"] == "shop"


def test_outputs(folder: Path) -> None:
    assert graph(folder).one("backplane:index:StaticSite").outputs == {
        "url": "https://web-domainName",
        "domainName": "web-domainName",
        "distributionId": "web-id",
        "distributionArn": "arn:aws:cloudfront:eu-west-1:123456789012:web",
        "bucketName": "web-bucket",
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("index.html", "no-cache"),
        ("app.3f9a2b1c.js", FOREVER),
        ("assets/app-00c0ffee00.css", FOREVER),
        ("app.deadbeef.js", "no-cache"),
        ("report-20240115.pdf", "no-cache"),
        ("3f9a2b1c/app.js", "no-cache"),
        ("app.js", "no-cache"),
    ],
)
def test_names_with_a_content_hash_are_kept_and_all_else_is_asked_for(key: str, expected: str) -> None:
    assert cache_control(key, ()) == expected


@pytest.mark.parametrize(
    ("rule", "header"),
    [
        (CachingRule(pattern="*"), "no-cache"),
        (CachingRule(pattern="*", immutable=True), "public, max-age=31536000, immutable"),
        (CachingRule(pattern="*", edge_seconds=60), "public, max-age=0, s-maxage=60"),
        (
            CachingRule(pattern="*", browser_seconds=5, edge_seconds=60),
            "public, max-age=5, s-maxage=60",
        ),
    ],
)
def test_a_rule_says_how_long_files_are_kept(rule: CachingRule, header: str) -> None:
    assert cache_control("a/b.png", [rule]) == header


def test_the_first_rule_that_fits_counts() -> None:
    rules = [CachingRule(pattern="assets/*", immutable=True), CachingRule(pattern="*", browser_seconds=5)]
    assert cache_control("assets/a/b.js", rules) == FOREVER
    assert cache_control("index.html", rules) == "public, max-age=5, s-maxage=0"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.HTML", "text/html; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("LICENSE", "application/octet-stream"),
        ("a.glb", "model/gltf-binary"),
        ("a.css", "text/css"),
    ],
)
def test_the_ending_says_the_media_type_on_every_machine(key: str, expected: str) -> None:
    assert content_type(key, {".glb": "model/gltf-binary", ".css": "text/css"}) == expected


@preview_and_up
def test_nothing_has_to_be_invalidated_by_default(folder: Path, *, preview: bool) -> None:
    rules = [CachingRule(pattern="img/*", browser_seconds=60)]
    found = graph(folder, preview=preview, caching=rules)
    assert found.all(INVOCATION) == []
    assert found.all("aws:lambda/function:Function") == []


@preview_and_up
def test_what_the_edge_keeps_is_invalidated_when_a_file_has_changed(folder: Path, *, preview: bool) -> None:
    rules = [CachingRule(pattern="img/*", edge_seconds=60)]
    found = graph(folder, preview=preview, caching=rules)
    call = found.one(INVOCATION, "web-invalidation")
    assert call.inputs["input"] == (UNKNOWN if preview else '{"distributionId": "web-id"}')
    assert call.inputs["qualifier"] == "live"
    assert {item.urn for item in found.all(OBJECT)} <= set(call.dependencies)
    before = call.inputs["triggers"]["content"]
    assert graph(folder, preview=preview, caching=rules).one(INVOCATION).inputs["triggers"] == {
        "content": before
    }
    write(folder, {"img/logo.svg": "<svg></svg>"})
    assert graph(folder, preview=preview, caching=rules).one(INVOCATION).inputs["triggers"] != {
        "content": before
    }


def test_the_function_may_invalidate_this_distribution_and_nothing_else(folder: Path) -> None:
    found = graph(folder, caching=[CachingRule(pattern="*", edge_seconds=60)])
    document = json.loads(found.one(ROLE_POLICY).inputs["policy"])
    allowed = {tuple(item["Action"]): item["Resource"] for item in document["Statement"]}
    arn = "arn:aws:cloudfront:eu-west-1:123456789012:web"
    assert allowed[("cloudfront:CreateInvalidation",)] == [arn]
    assert [action for actions in allowed for action in actions if action.startswith("cloudfront:")] == [
        "cloudfront:CreateInvalidation"
    ]


def test_the_function_is_one_file_with_nothing_of_the_site(folder: Path) -> None:
    found = graph(folder, caching=[CachingRule(pattern="*", edge_seconds=60)])
    code = found.one("aws:lambda/function:Function").inputs["code"]
    assert isinstance(code, wire.Archive)
    assert list(code.assets or {}) == ["_invalidation.py"]


def test_hidden_files_stay_out_but_for_the_well_known(folder: Path) -> None:
    write(folder, {".env": "SECRET=1", ".git/config": "x", ".well-known/security.txt": "mail"})
    assert objects(graph(folder)).keys() == {
        "index.html",
        "app.3f9a2b1c.js",
        "img/logo.svg",
        ".well-known/security.txt",
    }


def test_names_with_spaces_and_unicode_are_keys(folder: Path) -> None:
    write(folder, {"Über uns (1).html": "<p>"})
    assert objects(graph(folder))["Über uns (1).html"]["contentType"] == "text/html; charset=utf-8"


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "secret.txt").symlink_to(tmp_path / "secret.txt")
    assert "secret.txt leads out of the folder" in refused(folder)


def test_a_folder_without_a_front_page_is_refused(folder: Path) -> None:
    (folder / "index.html").unlink()
    assert "StaticSiteArgs.folder must have an index.html" in refused(folder)
    assert objects(graph(folder, files={"index.html": "<h1>"}))["index.html"]["content"] == "<h1>"


def test_more_files_than_pulumi_should_hold_are_refused_with_the_way_out(folder: Path) -> None:
    write(folder, {f"many/{number}.txt": "" for number in range(MAX_FILES - 2)})
    message = refused(folder)
    assert "must have at most 1,000 files" in message
    assert "has 1,001" in message
    assert "aws s3 sync" in message


def bad_pattern() -> CachingRule:
    return CachingRule(pattern="/assets/*")


def both() -> CachingRule:
    return CachingRule(pattern="*", immutable=True, edge_seconds=5)


@pytest.mark.parametrize(
    ("make", "fix"),
    [(bad_pattern, "without '/' first"), (both, "must be unset with immutable")],
)
def test_rules_that_cannot_be_are_refused(make: Callable[[], CachingRule], fix: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        make()
    assert fix in str(refusal.value)


@pytest.mark.parametrize(
    ("args", "fix"),
    [
        ({"files": {"index.html": "x"}}, "files must not have 'index.html', which is in"),
        ({"files": {"../x": "x"}}, "without '/' first, '.' and '..', got '../x'"),
        ({"files": {"/x": "x"}}, "without '/' first"),
        ({"files": {"a\nb": "x"}}, "printable"),
        ({"content_types": {"glb": "model/gltf-binary"}}, "must be such as {'.glb': 'model/gltf-binary'}"),
        ({"overrides": {"cat": {}}}, "overrides must name one of bucket, certificate"),
    ],
)
def test_what_a_site_cannot_have_is_refused(folder: Path, args: dict[str, Any], fix: str) -> None:
    assert fix in refused(folder, **args)
