"""Where anyone may come in: routes, function addresses, networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from backplane.review.model import Change, Finding, Section
from backplane.review.values import Special
from backplane.review.words import Text, listed, say

_ROUTE, _API = "aws:apigatewayv2/route:Route", "aws:apigatewayv2/api:Api"
_METHOD = "aws:apigateway/method:Method"
_FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_RULES = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
)
_OPEN: Final = "NONE"
_INTERNET = ("0.0.0.0/0", "::/0")


def findings(change: Change, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    """What the change of one resource opens.

    Args:
        change: the resource.
        everywhere: all resources by URN, to know which kind of API a route belongs to.
    """
    if change.new is None or change.op == "same":
        return
    if change.type == _ROUTE and not _is_inside_a_connection(change, everywhere):
        yield from _entrance(change, "authorizationType", "routeKey", "authorizationScopes")
    elif change.type == _METHOD:
        yield from _entrance(change, "authorization", "httpMethod", "authorizationScopes")
    elif change.type == _FUNCTION_URL:
        yield from _entrance(change, "authorizationType", "qualifier", "")
    elif change.type in (_GROUP, *_RULES):
        opened = _from_the_internet(change.after) and not _from_the_internet(change.before)
        if opened:
            yield _finding(change, say("the internet may connect ({})", listed(_INTERNET)), weight=0)


def _finding(change: Change, text: Text, path: str = "", *, weight: int = 1, guarded: bool = True) -> Finding:
    return Finding(Section.ACCESS, change, text, weight, guarded, (path,) if path else ())


def _is_inside_a_connection(change: Change, everywhere: Mapping[str, Change]) -> bool:
    """Whether a route is of a WebSocket API and not `$connect`: who got in was checked there."""
    key = change.after.get("routeKey")
    if not isinstance(key, str) or key == "$connect":
        return False
    if key != "$default":
        return " " not in key
    dependencies = change.new.dependencies if change.new else ()
    apis = [everywhere[urn] for urn in dependencies if urn in everywhere and everywhere[urn].type == _API]
    return any(api.after.get("protocolType") == "WEBSOCKET" for api in apis)


def _entrance(change: Change, kind: str, label: str, scopes: str) -> Iterator[Finding]:
    old = change.before.get(kind) or (_OPEN if change.old else None)
    new = change.after.get(kind) or _OPEN
    if isinstance(old, Special) or isinstance(new, Special):
        return
    name = change.after.get(label)
    what = say("{}", name) if isinstance(name, str) else say("it")
    if new == _OPEN and old is None:
        yield _finding(change, say("{} is new and public: no authorization", what), kind)
    elif new == _OPEN and old != _OPEN:
        yield _finding(
            change, say("{} becomes public: authorization {}, before: {}", what, new, old), kind, weight=0
        )
    elif old not in (None, new):
        text = say("{} is authorized by {}, before: {}", what, new, old)
        yield _finding(change, text, kind, guarded=False)
    dropped = _dropped(change.before.get(scopes), change.after.get(scopes))
    if new != _OPEN and dropped:
        yield _finding(change, say("{} asks no more for the scopes {}", what, listed(dropped)), scopes)


def _dropped(old: Any, new: Any) -> list[str]:
    if not isinstance(old, list) or not isinstance(new, list | None):
        return []
    return [str(scope) for scope in old if scope not in (new or [])]


def _from_the_internet(inputs: Mapping[str, Any]) -> bool:
    if inputs.get("type") == "egress":
        return False
    ingress = inputs.get("ingress")
    rules = [inputs, *(ingress if isinstance(ingress, list) else [])]
    sources = [
        source
        for rule in rules
        if isinstance(rule, Mapping)
        for key in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
        for source in _many(rule.get(key))
    ]
    return any(source in _INTERNET for source in sources)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
