"""The configuration of a stack is refused early, with one line for each mistake."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.settings import check, parse

GOOD = {
    "aws:region": "eu-west-1",
    "backplane:backend": "site-communications",
    "backplane:tenant": "demo",
    "backplane:tier": "development",
    "backplane:runbookUrl": "https://runbooks.example.com",
}
SOURCE = "Pulumi.dev.yaml"


def test_accepts_the_keys_that_a_stack_must_have() -> None:
    assert check(GOOD, SOURCE) == []


def test_reads_lists_as_pulumi_hands_them_over() -> None:
    config = {**GOOD, "backplane:corsOrigins": '["https://a.example", "http://localhost:5173"]'}
    assert parse(config, SOURCE).cors_origins == ("https://a.example", "http://localhost:5173")


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("backplane:tenant", "Demo", "backplane:tenant must be 2-31 lower-case letters"),
        ("backplane:tenant", "a" * 64, "backplane:tenant must be 2-31 lower-case letters"),
        ("backplane:tenant", "demo-", "backplane:tenant must be 2-31 lower-case letters"),
        ("backplane:backend", "shop", "backplane:backend must be one of site-communications, "),
        (
            "backplane:tier",
            "gold",
            "backplane:tier must be one of development, staging, production, got 'gold'",
        ),
        ("backplane:corsOrigins", '["*"]', "backplane:corsOrigins must be a list of origins"),
        ("backplane:corsOrigins", '["https', "backplane:corsOrigins must be a list of origins"),
        ("backplane:alertEmail", "nobody", "backplane:alertEmail must be an e-mail address, got 'nobody'"),
        ("backplane:createAccountLogRole", "maybe", "backplane:createAccountLogRole must be true or false"),
        ("backplane:runbookUrl", "http://x", "backplane:runbookUrl must be an https:// address"),
        ("backplane:acknowledge", '[{"urn": "x"}]', "backplane:acknowledge must be a list of urn and reason"),
        ("backplane:colour", "red", "backplane:colour is not a key; backplane: takes acknowledge, alert"),
        ("backplane:language", "go", "backplane:language must be one of python, typescript, got 'go'"),
        ("backplane:public", "yes, please", "backplane:public must be true or false, got 'yes, please'"),
        (
            "backplane:replicaRegion",
            "Oz",
            "backplane:replicaRegion must be an AWS region such as eu-central-1",
        ),
        ("aws:region", "Ireland", "aws:region must be an AWS region such as eu-west-1, got 'Ireland'"),
    ],
)
def test_names_the_file_the_key_and_what_is_allowed(key: str, value: str, line: str) -> None:
    mistake = check({**GOOD, key: value}, SOURCE)[0]
    assert mistake.startswith(f"{SOURCE}: {line}")


ASSET_API = {**GOOD, "backplane:backend": "asset-api"}


def test_a_backend_is_in_python_and_wants_sign_in_unless_told_otherwise() -> None:
    plain = parse(ASSET_API, SOURCE)
    assert (plain.language, plain.public) == ("python", False)
    told = parse({**ASSET_API, "backplane:language": "typescript", "backplane:public": "true"}, SOURCE)
    assert (told.language, told.public) == ("typescript", True)


@pytest.mark.parametrize(("key", "value"), [("language", "python"), ("public", "false")])
def test_a_key_that_the_backend_would_ignore_is_refused(key: str, value: str) -> None:
    assert check({**ASSET_API, f"backplane:{key}": value}, SOURCE) == []
    assert check({**GOOD, f"backplane:{key}": value}, SOURCE) == [
        f"{SOURCE}: backplane:{key} is read by asset-api alone; site-communications would ignore it"
    ]


PILOTFORCE = {**GOOD, "backplane:backend": "pilotforce"}


def test_a_copy_is_in_another_region_and_in_none_unless_told() -> None:
    assert parse(PILOTFORCE, SOURCE).replica_region is None
    told = {**PILOTFORCE, "backplane:replicaRegion": "eu-central-1"}
    assert parse(told, SOURCE).replica_region == "eu-central-1"
    assert check({**told, "aws:region": "eu-central-1"}, SOURCE) == [
        f"{SOURCE}: backplane:replicaRegion must differ from aws:region, got 'eu-central-1' for both"
    ]
    assert check({**GOOD, "backplane:replicaRegion": "eu-central-1"}, SOURCE) == [
        f"{SOURCE}: backplane:replicaRegion is read by pilotforce alone; site-communications would ignore it"
    ]


def test_reports_every_mistake_on_a_line_of_its_own() -> None:
    mistakes = check({"backplane:tenant": "X", "backplane:colour": "red"}, SOURCE)
    assert [mistake.split(" ")[1] for mistake in mistakes] == [
        "aws:region",
        "backplane:backend",
        "backplane:tenant",
        "backplane:tier",
        "backplane:runbookUrl",
        "backplane:colour",
    ]


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_. ", max_size=40))
def test_a_tenant_is_either_refused_or_fit_for_a_tag(tenant: str) -> None:
    mistakes = check({**GOOD, "backplane:tenant": tenant}, SOURCE)
    fit = (
        2 <= len(tenant) <= 31
        and tenant[0].isalpha()
        and tenant == tenant.lower()
        and not tenant.endswith("-")
    )
    assert (not mistakes) == (fit and set(tenant) <= set(string.ascii_lowercase + string.digits + "-"))
