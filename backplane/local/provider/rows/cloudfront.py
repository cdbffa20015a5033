"""CloudFront: distributions, their access to buckets, functions and headers."""

from __future__ import annotations

import re
import uuid
from typing import Any

from backplane.local.provider.table import Inputs, Naming, Row, Step, Template

_SERVICE = "cloudfront"
_CONFIG = "DistributionConfigWithTags.DistributionConfig"
_HEADERS = "ResponseHeadersPolicyConfig"
_LOOPBACK = re.compile(r"(127\.0\.0\.1):(\d+)")
_AWS_SOURCE = re.compile(r"(?:https|wss)://[^\s;]*\.amazonaws\.com[^\s;]*")
_HERE = "http://127.0.0.1:*"

_BEHAVIOR = {
    "cachedMethods": "AllowedMethods.CachedMethods",
    "lambdaFunctionAssociations.lambdaArn": "LambdaFunctionARN",
}
_BEHAVIORS = {
    f"{kind}.{path}": member
    for kind in ("defaultCacheBehavior", "orderedCacheBehaviors")
    for path, member in _BEHAVIOR.items()
}
_TOP = {
    "aliases": "Aliases",
    "anycastIpListId": "AnycastIpListId",
    "cacheTagConfig": "CacheTagConfig",
    "comment": "Comment",
    "connectionFunctionAssociation": "ConnectionFunctionAssociation",
    "continuousDeploymentPolicyId": "ContinuousDeploymentPolicyId",
    "customErrorResponses": "CustomErrorResponses",
    "defaultCacheBehavior": "DefaultCacheBehavior",
    "defaultRootObject": "DefaultRootObject",
    "enabled": "Enabled",
    "httpVersion": "HttpVersion",
    "isIpv6Enabled": "IsIPV6Enabled",
    "loggingConfig": "Logging",
    "orderedCacheBehaviors": "CacheBehaviors",
    "originGroups": "OriginGroups",
    "origins": "Origins",
    "priceClass": "PriceClass",
    "restrictions": "Restrictions",
    "staging": "Staging",
    "viewerCertificate": "ViewerCertificate",
    "viewerMtlsConfig": "ViewerMtlsConfig",
    "webAclId": "WebACLId",
}


def _distribution(inputs: Inputs) -> None:
    rest = {"comment": "", **inputs}
    inputs.clear()
    own = {"CallerReference": str(uuid.uuid4())}
    inputs["DistributionConfigWithTags"] = {"DistributionConfig": own, "Tags": {}}
    inputs.update(rest)  # after it, so that they join it
    if isinstance(inputs.get("loggingConfig"), dict):
        inputs["loggingConfig"]["enabled"] = True
    origins = inputs.get("origins")
    for origin in origins if isinstance(origins, list) else ():
        if isinstance(origin, dict):
            _origin(origin)


def _origin(origin: dict[str, Any]) -> None:
    custom = origin.get("customOriginConfig")
    if custom is None and origin.get("vpcOriginConfig") is None:
        origin.setdefault("s3OriginConfig", {"originAccessIdentity": ""})
    # An API's address here has a port in it, and is plain HTTP.
    found = _LOOPBACK.fullmatch(str(origin.get("domainName")))
    if found and isinstance(custom, dict):
        origin["domainName"] = found[1]
        custom["httpPort"] = int(found[2])
        custom["originProtocolPolicy"] = "http-only"


def _headers(inputs: Inputs) -> None:
    security = inputs.get("securityHeadersConfig")
    policy = security.get("contentSecurityPolicy") if isinstance(security, dict) else None
    text = policy.get("contentSecurityPolicy") if isinstance(policy, dict) else None
    if isinstance(policy, dict) and isinstance(text, str):
        # Pages reach AWS's services on this machine; a browser has to let them.
        policy["contentSecurityPolicy"] = _AWS_SOURCE.sub(_HERE, text)


def _function(inputs: Inputs) -> None:
    inputs.setdefault("comment", "")
    found = inputs.get("keyValueStoreAssociations")
    if isinstance(found, list):
        inputs["keyValueStoreAssociations"] = [{"KeyValueStoreARN": arn} for arn in found]


ROWS = (
    Row(
        type="aws:cloudfront/distribution:Distribution",
        service=_SERVICE,
        create="CreateDistributionWithTags",
        id="out.Distribution.Id",
        reshape=_distribution,
        rename={
            **{name: f"{_CONFIG}.{member}" for name, member in _TOP.items()},
            **_BEHAVIORS,
            "origins.originId": "Id",
            "origins.customHeaders.name": "HeaderName",
            "origins.customHeaders.value": "HeaderValue",
            "originGroups.originId": "Id",
            "restrictions.geoRestriction.locations": "Items",
            "tags": "DistributionConfigWithTags.Tags.Items",
        },
        dropped={
            "retainOnDelete": "says what happens on deletion, and nothing is deleted here",
            "waitForDeployment": "deployed at once",
        },
        front="out.Distribution.DomainName",
        outputs={
            "arn": "out.Distribution.ARN",
            "domainName": "front",
            "etag": "out.ETag",
            "status": "out.Distribution.Status",
        },
        defaults={
            "callerReference": "",
            "continuousDeploymentPolicyId": "",
            # AWS's own, for aliases of every distribution.
            "hostedZoneId": "Z2FDTNDATAQYW2",
            "inProgressValidationBatches": 0,
            "lastModifiedTime": "",
            "loggingV1Enabled": False,
            "trustedKeyGroups": [],
            "trustedSigners": [],
        },
        not_emulated=(
            "nothing is cached or compressed, there is no TLS, and a file that isn't there is 403; functions "
            "need Node.js"
        ),
        inputs_not_emulated={
            "aliases": "the names don't resolve here; its own address does",
            "loggingConfig": "no access logs",
            "restrictions.geoRestriction.locations": "requests from anywhere",
            "webAclId": "requests are not inspected",
        },
    ),
    Row(
        type="aws:cloudfront/originAccessControl:OriginAccessControl",
        service=_SERVICE,
        create="CreateOriginAccessControl",
        id="out.OriginAccessControl.Id",
        name=Naming(limit=64),
        rename={
            name: f"OriginAccessControlConfig.{name[0].upper()}{name[1:]}"
            for name in (
                "description",
                "name",
                "originAccessControlOriginType",
                "signingBehavior",
                "signingProtocol",
            )
        },
        outputs={
            "arn": Template("arn:aws:cloudfront::{account}:origin-access-control/{id}"),
            "etag": "out.ETag",
        },
    ),
    Row(
        type="aws:cloudfront/function:Function",
        service=_SERVICE,
        create="CreateFunction",
        id="in.name",
        name=Naming(limit=64),
        reshape=_function,
        given={"Name": "in.name"},
        rename={
            "code": "FunctionCode",
            "comment": "FunctionConfig.Comment",
            "keyValueStoreAssociations": "FunctionConfig.KeyValueStoreAssociations",
            "runtime": "FunctionConfig.Runtime",
            "tags": "Tags.Items",
        },
        steps=(
            Step(
                operation="PublishFunction",
                inputs=("name", "publish"),
                signals=("name", "publish"),
                given={"Name": "in.name", "IfMatch": "out.ETag"},
                when="in.publish != `false`",
            ),
        ),
        outputs={
            "arn": "out.FunctionSummary.FunctionMetadata.FunctionARN",
            "etag": "out.ETag",
            "liveStageEtag": "out.ETag",
        },
        defaults={"comment": "", "publish": True, "status": "UNASSOCIATED"},
    ),
    Row(
        type="aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        service=_SERVICE,
        create="CreateResponseHeadersPolicy",
        id="out.ResponseHeadersPolicy.Id",
        name=Naming(limit=128),
        reshape=_headers,
        rename={
            name: f"{_HEADERS}.{name[0].upper()}{name[1:]}"
            for name in (
                "comment",
                "corsConfig",
                "customHeadersConfig",
                "name",
                "removeHeadersConfig",
                "securityHeadersConfig",
                "serverTimingHeadersConfig",
            )
        },
        outputs={
            "arn": Template("arn:aws:cloudfront::{account}:response-headers-policy/{id}"),
            "etag": "out.ETag",
        },
    ),
)
