from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components import (
    ArgumentError,
    AssetBucket,
    AssetBucketArgs,
    Cdn,
    CdnArgs,
    CdnDomain,
    Function,
    FunctionArgs,
    Route,
    SecurityHeaders,
    ServerlessApi,
    ServerlessApiArgs,
    ServiceAccess,
    WebAcl,
    WebAclArgs,
)
from components._cdn_functions import page_code, prefix_code
from support.linking import resolve
from support.recorder import ACCOUNT, UNKNOWN, Graph, record

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ACCESS = "aws:cloudfront/originAccessControl:OriginAccessControl"
FUNCTION = "aws:cloudfront/function:Function"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
RECORD = "aws:route53/record:Record"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery"

ARN = "arn:aws:cloudfront:eu-west-1:123456789012:web"
"""As the recorder makes them up."""
MINE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
FIREWALL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/web/1"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def make(**args: Any) -> Cdn:
    return Cdn("web", CdnArgs(bucket=AssetBucketArgs(), **args))


def graph(*, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: make(**args), preview=preview)


def built(more: Callable[[], dict[str, Any]], *, preview: bool = False) -> Graph:
    """With arguments that need a program around them."""
    return record(lambda: make(**more()), preview=preview)


def refused(more: Callable[[], dict[str, Any]]) -> str:
    with pytest.raises(ArgumentError) as refusal:
        built(more)
    return str(refusal.value)


def inputs(found: Graph) -> dict[str, Any]:
    return found.one(DISTRIBUTION, "web").inputs


def outputs(found: Graph) -> dict[str, Any]:
    return found.one("backplane:index:Cdn").outputs


@preview_and_up
def test_the_bucket_is_reached_with_a_signature(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(ACCESS, "web-access").inputs == {
        "originAccessControlOriginType": "s3",
        "signingBehavior": "always",
        "signingProtocol": "sigv4",
    }
    assert inputs(found)["origins"] == [
        {
            "originId": "bucket",
            "domainName": UNKNOWN if preview else "web-bucketRegionalDomainName",
            "originAccessControlId": UNKNOWN if preview else "web-access-id",
        }
    ]


def test_the_bucket_lets_this_distribution_in_and_nobody_else() -> None:
    policy = json.loads(graph().one(POLICY, "web-policy").inputs["policy"])
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    bucket = "arn:aws:s3:eu-west-1:123456789012:web"
    assert allowed == [
        {
            "Sid": "Service1",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"ArnEquals": {"aws:SourceArn": ARN}},
        }
    ]


def test_the_policy_is_unknown_in_a_preview() -> None:
    assert graph(preview=True).one(POLICY).inputs["policy"] is UNKNOWN


@preview_and_up
def test_the_policy_waits_for_the_distribution_that_it_names(*, preview: bool) -> None:
    found = graph(preview=preview)
    assert found.one(DISTRIBUTION).urn in found.one(POLICY).dependencies


@preview_and_up
def test_files_are_read_over_https_compressed_and_kept_as_they_say(*, preview: bool) -> None:
    assert inputs(graph(preview=preview))["defaultCacheBehavior"] == {
        "targetOriginId": "bucket",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": ["GET", "HEAD"],
        "cachedMethods": ["GET", "HEAD"],
        "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "responseHeadersPolicyId": UNKNOWN if preview else "web-headers-id",
        "compress": True,
    }


@preview_and_up
def test_modern_protocols_and_the_cheapest_places(*, preview: bool) -> None:
    found = inputs(graph(preview=preview))
    assert found["enabled"] is True
    assert found["httpVersion"] == "http2and3"
    assert found["isIpv6Enabled"] is True
    assert found["priceClass"] == "PriceClass_100"
    assert found["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert found["restrictions"] == {"geoRestriction": {"restrictionType": "none"}}
    assert inputs(graph(preview=preview, price_class="PriceClass_All"))["priceClass"] == "PriceClass_All"


def test_no_error_is_kept_and_none_is_turned_into_a_page() -> None:
    errors = inputs(graph())["customErrorResponses"]
    assert {error["errorCode"] for error in errors} >= {403, 404, 500, 502, 503, 504}
    assert all(error == {"errorCode": error["errorCode"], "errorCachingMinTtl": 0} for error in errors)


@preview_and_up
def test_an_api_is_passed_everything_and_never_cached(*, preview: bool) -> None:
    def more() -> dict[str, Any]:
        route = Route(Function("list", FunctionArgs(handler="handlers.users.get.handler")), public=True)
        return {"apis": {"/api": ServerlessApi("orders", ServerlessApiArgs(routes={"GET /orders": route}))}}

    found = built(more, preview=preview)
    (behavior,) = inputs(found)["orderedCacheBehaviors"]
    assert behavior == {
        "pathPattern": "/api/*",
        "targetOriginId": "/api",
        "viewerProtocolPolicy": "https-only",
        "allowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        "cachedMethods": ["GET", "HEAD"],
        "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "originRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "responseHeadersPolicyId": UNKNOWN if preview else "web-headers-id",
        "functionAssociations": [
            {
                "eventType": "viewer-request",
                "functionArn": UNKNOWN
                if preview
                else "arn:aws:cloudfront:eu-west-1:123456789012:web-path-api",
            }
        ],
    }


@preview_and_up
@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://a1.execute-api.eu-west-1.amazonaws.com/", "a1.execute-api.eu-west-1.amazonaws.com", ""),
        (
            "https://a1.execute-api.eu-west-1.amazonaws.com/v1",
            "a1.execute-api.eu-west-1.amazonaws.com",
            "/v1",
        ),
        ("https://api.example.com", "api.example.com", ""),
    ],
)
def test_an_api_is_found_at_its_host_and_stage(url: str, host: str, path: str, *, preview: bool) -> None:
    origin = inputs(graph(apis={"/api": url}, preview=preview))["origins"][1]
    assert origin == {
        "originId": "/api",
        "domainName": host,
        "originPath": path,
        "customOriginConfig": {
            "httpPort": 80,
            "httpsPort": 443,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
            "originReadTimeout": 30,
        },
    }


def test_the_deeper_path_is_looked_at_first() -> None:
    apis = {"/api": "https://a.example.com", "/api/admin": "https://b.example.com"}
    patterns = [item["pathPattern"] for item in inputs(graph(apis=apis))["orderedCacheBehaviors"]]
    assert patterns == ["/api/admin/*", "/api/*"]


@preview_and_up
def test_functions_are_published(*, preview: bool) -> None:
    found = graph(apis={"/api": "https://a.example.com"}, pages="single-page", preview=preview)
    assert {item.name: item.inputs for item in found.all(FUNCTION)} == {
        "web-path-api": {"runtime": "cloudfront-js-2.0", "code": prefix_code("/api"), "publish": True},
        "web-pages": {"runtime": "cloudfront-js-2.0", "code": page_code("single-page"), "publish": True},
    }
    association = inputs(found)["defaultCacheBehavior"]["functionAssociations"]
    assert [item["eventType"] for item in association] == ["viewer-request"]
    assert inputs(found)["defaultRootObject"] == "index.html"


def test_paths_are_keys_where_there_are_no_pages() -> None:
    found = graph()
    assert found.all(FUNCTION) == []
    assert "defaultRootObject" not in inputs(found)


def run(code: str, uri: str) -> str:
    """What a function makes of a path, in Node.js."""
    event = json.dumps({"request": {"uri": uri}})
    script = f"{code}\nconsole.log(handler({event}).uri)"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="functions are JavaScript")


@needs_node
@pytest.mark.parametrize(
    ("pages", "path", "key"),
    [
        ("single-page", "/", "/index.html"),
        ("single-page", "/users/ada", "/index.html"),
        ("single-page", "/v1.2/users", "/index.html"),
        ("single-page", "/app.js", "/app.js"),
        ("single-page", "/a/b/logo.svg", "/a/b/logo.svg"),
        ("folders", "/", "/index.html"),
        ("folders", "/docs", "/docs/index.html"),
        ("folders", "/docs/", "/docs/index.html"),
        ("folders", "/docs/a.png", "/docs/a.png"),
    ],
)
def test_pages_are_found(pages: Any, path: str, key: str) -> None:
    assert run(page_code(pages), path) == key


@needs_node
@pytest.mark.parametrize(
    ("prefix", "path", "route"),
    [
        ("/api", "/api/users", "/users"),
        ("/api", "/api/", "/"),
        ("/api", "/api/api/x", "/api/x"),
        ("/v1/api", "/v1/api/users/1", "/users/1"),
    ],
)
def test_an_apis_path_loses_its_beginning_once(prefix: str, path: str, route: str) -> None:
    assert run(prefix_code(prefix), path) == route


@preview_and_up
def test_every_answer_has_the_security_headers(*, preview: bool) -> None:
    found = graph(preview=preview).one(HEADERS, "web-headers").inputs
    assert found == {
        "securityHeadersConfig": {
            "contentSecurityPolicy": {
                "contentSecurityPolicy": "base-uri 'self'; default-src 'self'; form-action 'self'; "
                "frame-ancestors 'none'; object-src 'none'",
                "override": True,
            },
            "contentTypeOptions": {"override": True},
            "frameOptions": {"frameOption": "DENY", "override": True},
            "referrerPolicy": {"referrerPolicy": "strict-origin-when-cross-origin", "override": True},
            "strictTransportSecurity": {
                "accessControlMaxAgeSec": 63_072_000,
                "includeSubdomains": False,
                "override": True,
            },
        }
    }


def test_headers_can_be_chosen() -> None:
    headers = SecurityHeaders(
        content_security_policy={"img-src": ["'self'", "data:"], "default-src": ["'none'"]},
        frames="SAMEORIGIN",
        referrer_policy="no-referrer",
        hsts_seconds=60,
        hsts_subdomains=True,
        others={"Permissions-Policy": "camera=()"},
    )
    found = graph(headers=headers).one(HEADERS).inputs
    security = found["securityHeadersConfig"]
    assert security["contentSecurityPolicy"]["contentSecurityPolicy"] == (
        "base-uri 'self'; default-src 'none'; form-action 'self'; frame-ancestors 'self'; "
        "img-src 'self' data:; object-src 'none'"
    )
    assert security["frameOptions"]["frameOption"] == "SAMEORIGIN"
    assert security["referrerPolicy"]["referrerPolicy"] == "no-referrer"
    assert security["strictTransportSecurity"]["accessControlMaxAgeSec"] == 60
    assert security["strictTransportSecurity"]["includeSubdomains"] is True
    assert found["customHeadersConfig"] == {
        "items": [{"header": "Permissions-Policy", "value": "camera=()", "override": True}]
    }


@preview_and_up
def test_a_source_may_be_an_output(*, preview: bool) -> None:
    def more() -> dict[str, Any]:
        uploads = AssetBucket("uploads", AssetBucketArgs())
        origin = pulumi.Output.concat("https://", uploads.bucket_regional_domain_name)
        return {"headers": SecurityHeaders(content_security_policy={"connect-src": ["'self'", origin]})}

    security = built(more, preview=preview).one(HEADERS).inputs["securityHeadersConfig"]
    text = security["contentSecurityPolicy"]["contentSecurityPolicy"]
    if preview:
        assert text is UNKNOWN
    else:
        assert "connect-src 'self' https://uploads-bucketRegionalDomainName;" in text


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"content_security_policy": {"imgSrc": ["x"]}}, "directives must be such as 'img-src'"),
        ({"content_security_policy": {"frame-ancestors": ["x"]}}, "frames instead of 'frame-ancestors'"),
        ({"content_security_policy": {"img-src": ["'self'; script-src *"]}}, "without spaces, ';' and ','"),
        ({"others": {"X-Frame-Options": "DENY"}}, "must not have 'X-Frame-Options': that is frames"),
        ({"others": {"bad header": "1"}}, "names must be letters, digits and '-'"),
        ({"others": {f"X-{n}": "1" for n in range(11)}}, "must be 0-10, got 11"),
        ({"hsts_seconds": 63_072_001}, "hsts_seconds must be 0-63,072,000 seconds"),
    ],
)
def test_headers_that_mislead_are_refused(arguments: dict[str, Any], fix: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        SecurityHeaders(**arguments)
    assert fix in str(refusal.value)


@preview_and_up
def test_its_own_names_have_a_certificate_that_is_proven(*, preview: bool) -> None:
    domain = CdnDomain(names=["www.example.com", "example.com"], hosted_zone_id="Z1")
    found = graph(domain=domain, preview=preview)
    assert found.one(CERTIFICATE, "web").inputs == {
        "domainName": "www.example.com",
        "subjectAlternativeNames": ["example.com"],
        "validationMethod": "DNS",
        "region": "us-east-1",
    }
    validation = found.one(VALIDATION, "web").inputs
    assert validation["region"] == "us-east-1"
    assert len(validation["validationRecordFqdns"]) == 2
    proof = found.one(RECORD, "web-example.com-proof").inputs
    if not preview:
        assert (proof["name"], proof["type"], proof["records"]) == (
            "_proof.example.com.",
            "CNAME",
            ["_proof-of-example.com.acm-validations.aws."],
        )
    assert inputs(found)["aliases"] == ["www.example.com", "example.com"]
    assert inputs(found)["viewerCertificate"] == {
        "acmCertificateArn": UNKNOWN if preview else "arn:aws:acm:eu-west-1:123456789012:web",
        "minimumProtocolVersion": "TLSv1.2_2021",
        "sslSupportMethod": "sni-only",
    }


@preview_and_up
def test_its_names_point_at_it_for_both_kinds_of_address(*, preview: bool) -> None:
    domain = CdnDomain(names=["www.example.com"], hosted_zone_id="Z1", certificate=MINE)
    found = graph(domain=domain, preview=preview)
    kinds = {"A": "web-www.example.com-a", "AAAA": "web-www.example.com-aaaa"}
    for kind, name in kinds.items():
        assert found.one(RECORD, name).inputs == {
            "zoneId": "Z1",
            "name": "www.example.com",
            "type": kind,
            "aliases": [
                {
                    "name": UNKNOWN if preview else "web-domainName",
                    "zoneId": UNKNOWN if preview else "web-hostedZoneId",
                    "evaluateTargetHealth": False,
                }
            ],
        }
    assert found.all(CERTIFICATE) == []
    assert inputs(found)["viewerCertificate"]["acmCertificateArn"] == MINE


def test_the_url_is_the_first_of_its_own_names() -> None:
    domain = CdnDomain(names=["www.example.com", "example.com"], certificate=MINE)
    found = graph(domain=domain)
    assert outputs(found)["url"] == "https://www.example.com"
    assert found.all(RECORD) == []
    assert outputs(graph())["url"] == "https://web-domainName"


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"names": ["www.example.com"]}, "certificate must be given where no hosted_zone_id"),
        ({"names": []}, "names must be 1-10 host names that differ"),
        ({"names": ["a.com", "a.com"]}, "names must be 1-10 host names that differ"),
        ({"names": ["https://a.com"]}, "must be lower-case host names such as 'www.example.com'"),
        (
            {"names": ["a.com"], "certificate": MINE.replace("us-east-1", "eu-west-1")},
            "certificate must be one of ACM in us-east-1, where CloudFront looks",
        ),
    ],
)
def test_names_that_cannot_be_are_refused(arguments: dict[str, Any], fix: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        CdnDomain(**arguments)
    assert fix in str(refusal.value)


def test_a_certificate_of_another_region_is_refused_once_it_is_known() -> None:
    def more() -> dict[str, Any]:
        mine = aws.acm.Certificate("mine", domain_name="a.com")
        return {"domain": CdnDomain(names=["a.com"], certificate=mine)}

    assert "certificate must be one of ACM in us-east-1" in refused(more)


@preview_and_up
def test_access_logs_are_delivered_to_the_bucket(*, preview: bool) -> None:
    def more() -> dict[str, Any]:
        services = [ServiceAccess.log_delivery()]
        return {"access_logs": AssetBucket("logs", AssetBucketArgs(services=services))}

    found = built(more, preview=preview)
    assert found.one(SOURCE, "web-logs").inputs == {
        "logType": "ACCESS_LOGS",
        "resourceArn": UNKNOWN if preview else ARN,
        "region": "us-east-1",
    }
    assert found.one(DESTINATION, "web-logs").inputs == {
        "outputFormat": "json",
        "deliveryDestinationConfiguration": {
            "destinationResourceArn": UNKNOWN if preview else "arn:aws:s3:eu-west-1:123456789012:logs"
        },
        "region": "us-east-1",
    }
    delivery = found.one(DELIVERY, "web-logs")
    assert delivery.inputs["region"] == "us-east-1"
    assert delivery.inputs["s3DeliveryConfigurations"] == [
        {"suffixPath": "/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"}
    ]
    assert found.one(POLICY, "logs-policy").urn in delivery.dependencies


def test_a_bucket_that_takes_no_deliveries_is_refused() -> None:
    message = refused(lambda: {"access_logs": AssetBucket("logs", AssetBucketArgs())})
    assert "'logs' must have ServiceAccess.log_delivery() among its services" in message


@preview_and_up
def test_a_firewall_is_put_in_front(*, preview: bool) -> None:
    found = built(lambda: {"web_acl": WebAcl("wall", WebAclArgs())}, preview=preview)
    expected = UNKNOWN if preview else "arn:aws:wafv2:eu-west-1:123456789012:wall"
    assert inputs(found)["webAclId"] == expected
    assert inputs(graph(web_acl=FIREWALL, preview=preview))["webAclId"] == FIREWALL


def test_a_firewall_of_a_region_is_refused() -> None:
    message = refused(lambda: {"web_acl": WebAcl("wall", WebAclArgs(scope="REGIONAL"))})
    assert "'wall' must have the scope CLOUDFRONT, got REGIONAL" in message
    message = refused(lambda: {"web_acl": FIREWALL.replace("us-east-1", "eu-west-1")})
    assert "must be the ARN of a global web ACL in us-east-1" in message


def test_a_bucket_that_lets_no_cdn_in_is_refused() -> None:
    def program() -> None:
        Cdn("web", CdnArgs(bucket=AssetBucket("files", AssetBucketArgs())))

    with pytest.raises(ArgumentError, match=r"'files' must have ServiceAccess.cdn\(...\) among its services"):
        record(program)


@preview_and_up
def test_a_bucket_that_lets_it_in_is_taken(*, preview: bool) -> None:
    def program() -> None:
        files = AssetBucket.from_name("files", "older-files", services=["cloudfront.amazonaws.com"])
        Cdn("web", CdnArgs(bucket=files))

    found = record(program, preview=preview)
    assert inputs(found)["origins"][0]["domainName"] == "older-files.s3.eu-west-1.amazonaws.com"
    assert found.all(POLICY) == []


def test_the_buckets_own_services_stay_in() -> None:
    def program() -> None:
        Cdn("web", CdnArgs(bucket=AssetBucketArgs(services=[ServiceAccess.access_logs()])))

    policy = json.loads(record(program).one(POLICY).inputs["policy"])
    allowed = [item["Principal"]["Service"] for item in policy["Statement"] if item["Effect"] == "Allow"]
    assert allowed == ["logging.s3.amazonaws.com", "cloudfront.amazonaws.com"]


def test_a_failure_is_told_and_not_waited_for() -> None:
    def program() -> None:
        Cdn("web", CdnArgs(bucket=AssetBucketArgs(), overrides={"distribution": {"enabled": None}}))

    with pytest.raises(TypeError, match="enabled"):
        record(program)


@pytest.mark.parametrize(
    ("apis", "fix"),
    [
        ({"api": "https://a.com"}, "such as '/api'"),
        ({"/api/": "https://a.com"}, "without '/' at the end"),
        ({"/api": "http://a.com"}, "must be an API or an https:// URL"),
        ({"/a/b": "https://a.com", "/a-b": "https://b.com"}, "must differ in more than"),
    ],
)
def test_paths_of_apis_that_cannot_be_are_refused(apis: dict[str, str], fix: str) -> None:
    assert fix in refused(lambda: {"apis": apis})


def test_a_link_reaches_this_distribution_alone() -> None:
    found = resolve(lambda: make().link("CreateInvalidation"))
    assert found.statements == [(["cloudfront:CreateInvalidation"], [ARN])]
    assert found.environment == {"WEB_DISTRIBUTION_ID": "web-id"}


def test_a_verb_that_it_does_not_know_is_refused() -> None:
    with pytest.raises(ArgumentError, match="verbs must be among CreateInvalidation"):
        record(lambda: make().link("DeleteDistribution"))  # type: ignore[arg-type]
