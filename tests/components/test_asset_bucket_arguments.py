from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import (
    ArgumentError,
    AssetBucket,
    AssetBucketArgs,
    BucketCors,
    LifecycleRule,
    ObjectLock,
    PresignedUrls,
    ServiceAccess,
    Transition,
)
from components._bucket_verbs import check_prefix
from support.recorder import record


def args(**values: Any) -> AssetBucketArgs:
    return AssetBucketArgs(**values)


def rule(**values: Any) -> LifecycleRule:
    return LifecycleRule(**{"name": "old", **values})


def step(days: int, storage_class: Any) -> Transition:
    return Transition(after_days=days, storage_class=storage_class)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: args(noncurrent_days=0), "AssetBucketArgs.noncurrent_days must be at least 1 days, got 0"),
        (
            lambda: args(abort_incomplete_uploads_days=0),
            "AssetBucketArgs.abort_incomplete_uploads_days must be at least 1 days, got 0",
        ),
        (
            lambda: args(region="Frankfurt"),
            "AssetBucketArgs.region must be an AWS Region such as 'eu-west-1', got 'Frankfurt'",
        ),
        (
            lambda: args(object_lock=ObjectLock(mode="GOVERNANCE", days=1), versioning=False),
            "AssetBucketArgs.object_lock needs versioning, got versioning=False",
        ),
        (
            lambda: args(force_destroy=True),
            "AssetBucketArgs.force_destroy must be False unless deletion_protection is False",
        ),
        (
            lambda: args(lifecycle=[rule(expire_after_days=1), rule(expire_after_days=2)]),
            "AssetBucketArgs.lifecycle rules must differ in name, got 'old' twice",
        ),
        (
            lambda: rule(name="housekeeping", expire_after_days=1),
            (
                "LifecycleRule.name must be lower-case letters and digits in parts joined by '-', "
                "and not 'housekeeping', got 'housekeeping'"
            ),
        ),
        (rule, "LifecycleRule.must set expire_after_days or transitions"),
        (
            lambda: rule(expire_after_days=0),
            "LifecycleRule.expire_after_days must be at least 1 days, got 0",
        ),
        (
            lambda: rule(prefix="a*", expire_after_days=1),
            (
                "LifecycleRule.prefix must be the beginning of keys, without '/' first, '*', '?' or '${', "
                "got 'a*'"
            ),
        ),
        (
            lambda: step(29, "STANDARD_IA"),
            "Transition.after_days must be at least 30 days for STANDARD_IA, got 29",
        ),
        (
            lambda: step(1, "STANDARD"),
            (
                "Transition.storage_class must be one of 'STANDARD_IA', 'INTELLIGENT_TIERING', 'ONEZONE_IA', "
                "'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE', got 'STANDARD'"
            ),
        ),
        (
            lambda: rule(transitions=[step(1, "GLACIER"), step(60, "STANDARD_IA")]),
            (
                "LifecycleRule.transitions must go from warm to cold, STANDARD_IA, INTELLIGENT_TIERING, "
                "ONEZONE_IA, GLACIER_IR, GLACIER, DEEP_ARCHIVE, got STANDARD_IA after GLACIER"
            ),
        ),
        (
            lambda: rule(transitions=[step(30, "STANDARD_IA"), step(59, "GLACIER")]),
            (
                "LifecycleRule.transitions to GLACIER must be at least 30 days after STANDARD_IA, "
                "got 59 after 30"
            ),
        ),
        (
            lambda: rule(transitions=[step(30, "GLACIER")], expire_after_days=30),
            "LifecycleRule.expire_after_days must be after the last transition, 30, got 30",
        ),
        (
            lambda: PresignedUrls(max_upload_bytes=5 * 1024**3 + 1),
            "PresignedUrls.max_upload_bytes must be 1-5,368,709,120, got 5368709121",
        ),
        (
            lambda: PresignedUrls(lifetime_seconds=604_801),
            "PresignedUrls.lifetime_seconds must be 1-604,800 seconds, got 604801",
        ),
        (
            lambda: PresignedUrls(content_types=["image/*"]),
            (
                "PresignedUrls.content_types must be lower-case media types such as 'image/png', "
                "without parameters, got 'image/*'"
            ),
        ),
        (
            lambda: PresignedUrls(content_types=["image/png", "image/png"]),
            "PresignedUrls.content_types must differ, got ['image/png', 'image/png']",
        ),
        (
            lambda: BucketCors(allow_origins=[], allow_methods=["GET"]),
            "BucketCors.allow_origins and allow_methods must each name at least one",
        ),
        (
            lambda: BucketCors(allow_origins=["https://example.com/"], allow_methods=["GET"]),
            (
                "BucketCors.allow_origins must be http(s)://host without path or slash at the end, "
                "got 'https://example.com/'"
            ),
        ),
        (lambda: BucketCors(allow_methods=["GET"]), "BucketCors.allow_origins is required"),
        (
            lambda: ObjectLock(mode="SOFT", days=1),
            "ObjectLock.mode must be one of 'GOVERNANCE', 'COMPLIANCE', got 'SOFT'",
        ),
        (
            lambda: ObjectLock(mode="GOVERNANCE", days=36_501),
            "ObjectLock.days must be 1-36,500, got 36501",
        ),
        (
            lambda: ServiceAccess(service="cloudtrail", actions=["PutObject"]),
            (
                "ServiceAccess.service must be an AWS service such as 'cloudtrail.amazonaws.com', "
                "got 'cloudtrail'"
            ),
        ),
    ],
)
def test_rejects_in_one_line(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as refusal:
        wrong()
    assert str(refusal.value) == message


def test_a_service_may_do_what_s3_knows() -> None:
    with pytest.raises(ArgumentError) as refusal:
        ServiceAccess(service="cloudtrail.amazonaws.com", actions=["PutObject", "s3:*"])
    assert str(refusal.value).startswith("ServiceAccess.actions must be among AbortMultipartUpload, ")
    assert str(refusal.value).endswith(", RestoreObject; got 's3:*'")


def test_arguments_are_checked_before_anything_exists() -> None:
    def program() -> None:
        with pytest.raises(ArgumentError):
            AssetBucket("assets", args(noncurrent_days=0))

    assert [item for item in record(program).resources if "backplane:" in item.type] == []


@given(st.text(alphabet="ab/*?${}-é ", max_size=12))
def test_a_prefix_is_the_plain_beginning_of_keys(prefix: str) -> None:
    plain = not prefix.startswith("/") and not {"*", "?"} & set(prefix) and "${" not in prefix
    if plain:
        assert check_prefix(prefix) == prefix
    else:
        with pytest.raises(ValueError, match="must be the beginning of keys"):
            check_prefix(prefix)


@given(st.integers(0, 1100), st.sampled_from(["a", "é"]))
def test_a_prefix_is_at_most_as_long_as_a_key(count: int, letter: str) -> None:
    prefix = letter * count
    if len(prefix.encode()) <= 1024:
        assert check_prefix(prefix) == prefix
    else:
        with pytest.raises(ValueError, match="must be 0-1,024 bytes"):
            check_prefix(prefix)


CLASSES = ["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]


@given(
    st.lists(st.tuples(st.integers(30, 200), st.sampled_from(CLASSES)), max_size=3),
    st.one_of(st.none(), st.integers(1, 400)),
)
def test_a_rule_is_taken_exactly_when_its_steps_follow_each_other(
    steps: list[tuple[int, str]], expiry: int | None
) -> None:
    pairs = list(itertools.pairwise(steps))
    colder = all(CLASSES.index(later[1]) > CLASSES.index(earlier[1]) for earlier, later in pairs)
    later_enough = all(
        later[0] - earlier[0] >= (30 if earlier[1] in ("STANDARD_IA", "ONEZONE_IA") else 1)
        for earlier, later in pairs
    )
    ends = expiry is None or not steps or expiry > steps[-1][0]
    values = {"transitions": [step(*item) for item in steps], "expire_after_days": expiry}
    if colder and later_enough and ends and (steps or expiry is not None):
        inputs = rule(**values).inputs
        assert [item["days"] for item in inputs.get("transitions", [])] == [days for days, _ in steps]
        assert inputs.get("expiration") == (None if expiry is None else {"days": expiry})
    else:
        with pytest.raises(ArgumentError):
            rule(**values)
