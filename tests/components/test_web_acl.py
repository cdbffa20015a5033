from __future__ import annotations

from typing import Any

import pytest

from components import ArgumentError, ManagedRules, WebAcl, WebAclArgs
from support.recorder import Graph, record

WEB_ACL = "aws:wafv2/webAcl:WebAcl"

preview_and_up = pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])


def graph(*, preview: bool = False, **args: Any) -> Graph:
    return record(lambda: WebAcl("wall", WebAclArgs(**args)), preview=preview)


def visible(metric: str) -> dict[str, Any]:
    return {"cloudwatchMetricsEnabled": True, "metricName": metric, "sampledRequestsEnabled": True}


def group(name: str, priority: int, **statement: Any) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS", **statement}},
        "visibilityConfig": visible(f"wall-{name}"),
    }


@preview_and_up
def test_a_limit_comes_first_and_then_the_rules_that_aws_keeps(*, preview: bool) -> None:
    assert graph(preview=preview).one(WEB_ACL, "wall").inputs == {
        "scope": "CLOUDFRONT",
        "region": "us-east-1",
        "defaultAction": {"allow": {}},
        "rules": [
            {
                "name": "rate-limit",
                "priority": 0,
                "action": {"block": {}},
                "statement": {
                    "rateBasedStatement": {
                        "aggregateKeyType": "IP",
                        "limit": 2_000,
                        "evaluationWindowSec": 300,
                    }
                },
                "visibilityConfig": visible("wall-rate-limit"),
            },
            group("AWSManagedRulesAmazonIpReputationList", 1),
            group("AWSManagedRulesCommonRuleSet", 2),
            group("AWSManagedRulesKnownBadInputsRuleSet", 3),
        ],
        "visibilityConfig": visible("wall"),
    }


@preview_and_up
def test_one_for_apis_is_in_the_stacks_region(*, preview: bool) -> None:
    inputs = graph(scope="REGIONAL", preview=preview).one(WEB_ACL).inputs
    assert inputs["scope"] == "REGIONAL"
    assert "region" not in inputs


def test_a_rule_of_a_group_may_only_count() -> None:
    rules = [ManagedRules(name="AWSManagedRulesCommonRuleSet", count_only=["SizeRestrictions_BODY"])]
    inputs = graph(managed_rules=rules, rate_limit=None).one(WEB_ACL).inputs
    overrides = [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}]
    assert inputs["rules"] == [group("AWSManagedRulesCommonRuleSet", 1, ruleActionOverrides=overrides)]


def test_nothing_is_blocked_where_all_is_counted() -> None:
    rules = graph(count_only=True).one(WEB_ACL).inputs["rules"]
    assert [rule.get("action") or rule["overrideAction"] for rule in rules] == [{"count": {}}] * 4


def test_its_arn_is_known_to_who_takes_it() -> None:
    outputs = graph().one("backplane:index:WebAcl").outputs
    assert outputs == {"webAclArn": "arn:aws:wafv2:eu-west-1:123456789012:wall"}


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"managed_rules": [], "rate_limit": None}, "an ACL without rules blocks nothing"),
        ({"rate_limit": 9}, "rate_limit must be 10-2,000,000,000, got 9"),
        (
            {"managed_rules": [ManagedRules(name="AWSManagedRulesCommonRuleSet")] * 2},
            "managed_rules must differ in name, got 'AWSManagedRulesCommonRuleSet' twice",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused(arguments: dict[str, Any], fix: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        WebAclArgs(**arguments)
    assert fix in str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"name": "MyRules"}, "must be a group of AWS such as 'AWSManagedRulesSQLiRuleSet'"),
        ({"name": "AWSManagedRulesBotControlRuleSet"}, "without settings and a price of its own"),
        ({"name": "AWSManagedRulesSQLiRuleSet", "count_only": ["a rule"]}, "must be names of rules"),
    ],
)
def test_groups_that_cannot_be_are_refused(arguments: dict[str, Any], fix: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        ManagedRules(**arguments)
    assert fix in str(refusal.value)
