"""What a function's package holds, and what its start costs: found without running it, and by running it."""

import os
import subprocess
import sys
from modulefinder import ModuleFinder
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "handlers").glob("*/*.py")
    if "\ndef handler(" in path.read_text()
)
AUTHORIZERS = ["handlers.pilotforce.authorize", "handlers.realtime.authorize"]
AWS_FREE = [*AUTHORIZERS, "handlers.realtime.default"]
MSGSPEC_FREE = [
    *AUTHORIZERS,
    *(name for name in FUNCTIONS if name.startswith("handlers.realtime.")),
    "handlers.pilotforce.claims",
]


def closure(function: str) -> set[str]:
    finder = ModuleFinder([str(ROOT)])
    finder.run_script(str(ROOT / (function.replace(".", "/") + ".py")))
    return {name for name in finder.modules if name.startswith("handlers.")}


def loaded(function: str) -> set[str]:
    """The modules that importing the function loads, in a process of its own."""
    names = (
        "USERS_TABLE MESSAGES_TABLE NOTIFICATIONS_TABLE IDEMPOTENCY_TABLE REALTIME_CONNECTIONS_TABLE "
        "REALTIME_ENDPOINT NOTIFICATIONS_TOPIC_ARN USER_POOL_CLIENT_IDS AWS_DEFAULT_REGION "
        "ASSETS_TABLE ASSETS_BUCKET PROFILES_TABLE MEDIA_TABLE MEDIA_BUCKET"
    )
    variables = dict.fromkeys(names.split(), "value") | {
        "USER_POOL_ISSUER": "https://issuer.example/pool",
        "ASSETS_UPLOAD_MAX_BYTES": "1",
        "ASSETS_URL_SECONDS": "1",
        "MEDIA_UPLOAD_MAX_BYTES": "1",
        "MEDIA_UPLOAD_CONTENT_TYPES": "image/png",
        "MEDIA_URL_SECONDS": "1",
    }
    code = f"import sys, {function}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_every_function_is_found() -> None:
    assert len(FUNCTIONS) == 36


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_nothing_of_the_house_but_what_its_package_holds(function: str) -> None:
    modules = loaded(function)
    mine = {name for name in modules if name.startswith("handlers.")} - {function}
    packages = {name for name in mine if (ROOT / name.replace(".", "/")).is_dir()}
    assert mine - packages <= closure(function)
    assert not {"pulumi", "components", "stacks", "backplane", "pydantic"} & modules
    assert "boto3" not in modules, "botocore is enough"
    assert ("botocore" in modules) == (function not in AWS_FREE)
    assert ("msgspec" in modules) == (function not in MSGSPEC_FREE)
    assert ("jwt" in modules) == (function in AUTHORIZERS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_only_its_own_domain(function: str) -> None:
    domain = function.split(".")[1]
    strangers = {name for name in closure(function) if name.split(".")[1] not in {domain, "shared"}}
    assert strangers == set()


@pytest.mark.parametrize(
    "package", sorted((ROOT / "handlers").glob("**/__init__.py")), ids=lambda p: p.parent.name
)
def test_packages_import_nothing(package: Path) -> None:
    assert "import " not in package.read_text().split('"""')[2]


def test_a_function_without_its_variable_fails_when_it_starts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import handlers.users.get"],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RuntimeError: environment variable USERS_TABLE is not set" in done.stderr
