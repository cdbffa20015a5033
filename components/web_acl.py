"""A firewall for web requests: AWS's managed rules, and a limit for each address.

Creates one AWS WAF web ACL: `Cdn(web_acl=...)` takes one for CloudFront, a REST API one of its own Region.

Costs: $5 a month, $1 a month for each group of rules and for the limit, $0.60 a million requests.
https://aws.amazon.com/waf/pricing/

Does not offer bot control and fraud prevention, which cost by the request, nor rules of one's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import pulumi
import pulumi_aws as aws
import pydantic

from components._base import Children, Component, ComponentArgs, Shape
from components._cdn_domain import REGION

__all__ = ["ManagedRules", "WebAcl", "WebAclArgs"]

Scope = Literal["CLOUDFRONT", "REGIONAL"]

_GROUP = re.compile(r"AWSManagedRules[A-Za-z0-9]+RuleSet|AWSManagedRules[A-Za-z0-9]+List")
_BY_THE_REQUEST = ("ACFP", "ATP", "AntiDDoS", "BotControl")
_RULE = re.compile(r"[A-Za-z0-9_-]{1,128}")


class ManagedRules(Shape):
    """A group of rules that AWS keeps up to date.

    https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
    """

    name: str
    """AWS's name of the group: `AWSManagedRulesSQLiRuleSet`."""

    count_only: Sequence[str] = ()
    """Rules of the group that only count what they would block: `SizeRestrictions_BODY` where clients send
    more than 8 KB at once."""

    @pydantic.field_validator("name")
    @classmethod
    def _name_is_aws(cls, name: str) -> str:
        if not _GROUP.fullmatch(name):
            raise ValueError(f"must be a group of AWS such as 'AWSManagedRulesSQLiRuleSet', got {name!r}")
        if any(part in name for part in _BY_THE_REQUEST):
            raise ValueError(f"must be a group without settings and a price of its own, got {name!r}")
        return name

    @pydantic.field_validator("count_only")
    @classmethod
    def _rules_are_names(cls, rules: Sequence[str]) -> Sequence[str]:
        for rule in rules:
            if not _RULE.fullmatch(rule):
                raise ValueError(f"must be names of rules such as 'SizeRestrictions_BODY', got {rule!r}")
        return rules


DEFAULT_RULES = (
    ManagedRules(name="AWSManagedRulesAmazonIpReputationList"),
    ManagedRules(name="AWSManagedRulesCommonRuleSet"),
    ManagedRules(name="AWSManagedRulesKnownBadInputsRuleSet"),
)


class WebAclArgs(ComponentArgs):
    """Arguments of `WebAcl`."""

    children: ClassVar[Children] = {"web_acl": lambda: aws.wafv2.WebAcl}

    scope: Scope = "CLOUDFRONT"
    """What it can be put before: a CDN, or APIs of the stack's Region. A change replaces it."""

    managed_rules: Sequence[ManagedRules] = DEFAULT_RULES
    """Groups of AWS's rules, in the order in which they look. Each costs $1 a month."""

    rate_limit: Annotated[int, pydantic.Field(ge=10, le=2_000_000_000)] | None = 2_000
    """How many requests one address may make in `rate_window_seconds`, 10-2,000,000,000; further ones are
    answered with 403 until it is fewer. None: no limit.
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html"""

    rate_window_seconds: Literal[60, 120, 300, 600] = 300
    """The time that `rate_limit` is for."""

    count_only: bool = False
    """Whether nothing is blocked and all of it is counted, to try the rules on real traffic first."""

    @pydantic.model_validator(mode="after")
    def _rules_do_something(self) -> WebAclArgs:
        names = Counter(rules.name for rules in self.managed_rules)
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise ValueError(f"managed_rules must differ in name, got {twice[0]!r} twice")
        if not self.managed_rules and self.rate_limit is None:
            raise ValueError("managed_rules or rate_limit must be given: an ACL without rules blocks nothing")
        return self


class WebAcl(Component):
    """A web ACL of AWS WAF."""

    web_acl: aws.wafv2.WebAcl
    """The main child."""

    web_acl_arn: pulumi.Output[str]
    """Its ARN, which the thing that it protects takes."""

    scope: Scope
    """What it can be put before."""

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.scope = args.scope
        self.web_acl = aws.wafv2.WebAcl(
            name,
            **args.overriding(
                "web_acl",
                scope=args.scope,
                region=REGION if args.scope == "CLOUDFRONT" else None,
                default_action={"allow": {}},
                rules=[*_limit(name, args), *_groups(name, args)],
                visibility_config=_visibility(name),
            ),
            opts=self._child(),
        )
        self.web_acl_arn = self.web_acl.arn
        self.register_outputs({"webAclArn": self.web_acl_arn})


def _limit(name: str, args: WebAclArgs) -> list[dict[str, Any]]:
    """The limit comes first: it is cheap, and what it turns away needs no further look."""
    if args.rate_limit is None:
        return []
    return [
        {
            "name": "rate-limit",
            "priority": 0,
            "action": {"count": {}} if args.count_only else {"block": {}},
            "statement": {
                "rate_based_statement": {
                    "aggregate_key_type": "IP",
                    "limit": args.rate_limit,
                    "evaluation_window_sec": args.rate_window_seconds,
                }
            },
            "visibility_config": _visibility(f"{name}-rate-limit"),
        }
    ]


def _groups(name: str, args: WebAclArgs) -> list[dict[str, Any]]:
    return [
        {
            "name": rules.name,
            "priority": priority,
            "override_action": {"count": {}} if args.count_only else {"none": {}},
            "statement": {"managed_rule_group_statement": _group(rules)},
            "visibility_config": _visibility(f"{name}-{rules.name}"),
        }
        for priority, rules in enumerate(args.managed_rules, 1)
    ]


def _group(rules: ManagedRules) -> dict[str, Any]:
    group: dict[str, Any] = {"name": rules.name, "vendor_name": "AWS"}
    if rules.count_only:
        group["rule_action_overrides"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in rules.count_only
        ]
    return group


def _visibility(metric: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": True}
