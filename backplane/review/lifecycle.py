"""When a bucket's rules delete objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from backplane.review.model import Change, Finding, Section, type_of
from backplane.review.words import say

_TYPE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_BUCKET: Final = "aws:s3/bucket:Bucket"
_WEIGHT = 3
_WHAT: Final = (
    ("expiration", "days", "objects"),
    ("noncurrentVersionExpiration", "noncurrentDays", "former versions of objects"),
)


def findings(change: Change, everywhere: Mapping[str, Change]) -> Iterator[Finding]:
    """Rules that delete what was kept, or delete it sooner.

    Args:
        change: the resource.
        everywhere: all resources by URN: in a new bucket there is nothing to lose.
    """
    if change.type != _TYPE or change.new is None or change.op == "same":
        return
    buckets = [everywhere.get(urn) for urn in change.new.dependencies if type_of(urn) == _BUCKET]
    if buckets and all(bucket is not None and bucket.op == "create" for bucket in buckets):
        return
    before, after = (_rules(inputs) for inputs in (change.before, change.after))
    for name, rule in after.items():
        for part, key, what in _WHAT:
            old, new = (_days(rules.get(part), key) for rules in (before.get(name, {}), rule))
            if new is not None and (old is None or new < old):
                former = f"{old:,} days" if old is not None else "never"
                text = say(
                    f"the rule {{}} deletes {what} after {{}}, before: {{}}", name, f"{new:,} days", former
                )
                yield Finding(Section.DATA, change, text, _WEIGHT, guarded=True, covers=("rules",))


def _rules(inputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    rules = inputs.get("rules")
    enabled = [
        rule
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, Mapping) and rule.get("status") != "Disabled"
    ]
    return {str(rule.get("id", index)): rule for index, rule in enumerate(enabled)}


def _days(part: Any, key: str) -> int | None:
    days = part.get(key) if isinstance(part, Mapping) else None
    return days if isinstance(days, int) and not isinstance(days, bool) and days > 0 else None
