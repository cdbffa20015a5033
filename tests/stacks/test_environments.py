"""Each backend in each of the three environments, and what differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from backplane import project
from backplane.local import wire
from backplane.local.engine import Resource
from backplane.preview import preview
from stacks.settings import BACKENDS
from stacks.tiers import TIERS

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = {"dev": "development", "staging": "staging", "prod": "production"}


def resources(
    environment: str, backend: str = "pilotforce", config: Mapping[str, str] | None = None
) -> list[Resource]:
    loaded = project.load(ROOT, environment, {"backplane:backend": backend, **(config or {})})
    return list(preview(loaded).resources.values())


def inputs(found: list[Resource], type_: str) -> dict[str, Any]:
    """The inputs of the resources of a type, by name."""
    return {item.name: wire.plain(item.inputs) for item in found if item.type == type_}


def test_each_environment_has_a_tier_of_its_own() -> None:
    tiers = {name: project.load(ROOT, name, {}).config["backplane:tier"] for name in ENVIRONMENTS}
    assert tiers == ENVIRONMENTS
    assert set(tiers.values()) == set(TIERS)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_in_staging_what_it_is_in_production_but_for_protection(backend: str) -> None:
    staging, production = (resources(name, backend) for name in ("staging", "prod"))
    assert not [item.name for item in staging if item.protect]
    extra = {item.type for item in production} - {item.type for item in staging}
    warm = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
    assert extra <= {warm, "aws:sns/topicSubscription:TopicSubscription"}


def test_critical_functions_are_kept_warm_in_production_alone() -> None:
    type_ = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
    assert inputs(resources("dev"), type_) == inputs(resources("staging"), type_) == {}
    kept = inputs(resources("prod"), type_)
    assert set(kept) == {"rules-function-warm", "claims-warm", "get-profile-warm", "list-media-warm"}
    assert {item["provisionedConcurrentExecutions"] for item in kept.values()} == {2}


def test_a_replica_region_has_a_copy_of_each_table_and_of_the_pictures() -> None:
    alone, copied = (
        resources("prod", config=config) for config in ({}, {"backplane:replicaRegion": "eu-central-1"})
    )
    table, bucket = "aws:dynamodb/table:Table", "aws:s3/bucket:Bucket"
    assert [item.get("replicas") for item in inputs(alone, table).values()] == [None, None]
    regions = {
        name: [copy["regionName"] for copy in item["replicas"]]
        for name, item in inputs(copied, table).items()
    }
    assert regions == {"profiles": ["eu-central-1"], "media": ["eu-central-1"]}
    assert inputs(copied, bucket)["media-copy"]["region"] == "eu-central-1"
    assert set(inputs(copied, bucket)) - set(inputs(alone, bucket)) == {"media-copy"}
    (rules,) = inputs(copied, "aws:s3/bucketReplicationConfig:BucketReplicationConfig").values()
    assert rules["rules"][0]["status"] == "Enabled"
    protected = {item.name for item in copied if item.type == bucket and item.protect}
    assert {"media", "media-copy"} <= protected
