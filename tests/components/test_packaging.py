"""What a function's package holds, and that only names and contents decide it."""

from __future__ import annotations

import keyword
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._base import ArgumentError
from components.packaging import MAX_UNZIPPED_MB, package

TREE = {
    "handlers/__init__.py": "",
    "handlers/users/__init__.py": "",
    "handlers/users/create.py": (
        "import json\nimport boto3\nfrom msgspec.json import decode\n"
        "from handlers.shared import store\nfrom . import rules\n\n"
        "def handler(event, context):\n    return rules, store\n\ndef helper():\n    pass\n"
    ),
    "handlers/users/rules.py": "from ..shared.limits import MOST\n",
    "handlers/users/delete.py": "def handler(event, context):\n    pass\n",
    "handlers/shared/__init__.py": "",
    "handlers/shared/store.py": "def save():\n    import handlers.shared.clock as clock\n    return clock\n",
    "handlers/shared/limits.py": "MOST = 1\n",
    "handlers/shared/clock.py": "import datetime\n",
    "handlers/shared/unused.py": "import requests\n",
    "handlers/mail/welcome.html": "<p>Welcome</p>",
    "handlers/mail/bye.html": "<p>Bye</p>",
    "stacks/__init__.py": "import pulumi\n",
}
CREATE = "handlers.users.create.handler"
CLOSURE = (
    "handlers/__init__.py",
    "handlers/shared/__init__.py",
    "handlers/shared/clock.py",
    "handlers/shared/limits.py",
    "handlers/shared/store.py",
    "handlers/users/__init__.py",
    "handlers/users/create.py",
    "handlers/users/rules.py",
)


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source", TREE)


def refusal(source: Path, handler: str = "main.handler", include: tuple[str, ...] = ()) -> str:
    with pytest.raises(ArgumentError) as caught:
        package(handler, source, include)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_holds_the_imports_of_the_handler_and_nothing_else(source: Path) -> None:
    assert package(CREATE, source).files == CLOSURE


def test_runs_where_only_its_files_and_the_layer_are(source: Path, tmp_path: Path) -> None:
    packed = package(CREATE, source)
    for name in packed.files:
        (tmp_path / "task" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, tmp_path / "task" / name)
    write(tmp_path / "layer", {"boto3.py": "", "msgspec/__init__.py": "", "msgspec/json.py": "decode = 1"})
    program = "import handlers.users.create as m; m.handler(1, 2)[1].save()"
    path = os.pathsep.join([str(tmp_path / "task"), str(tmp_path / "layer")])
    subprocess.run([sys.executable, "-S", "-c", program], env={"PYTHONPATH": path}, cwd=tmp_path, check=True)


def test_lists_what_a_layer_must_hold(source: Path) -> None:
    assert package(CREATE, source).third_party == {"boto3", "msgspec"}
    assert package("handlers.users.delete.handler", source).third_party == frozenset()


def test_asset_paths_start_at_the_programs_directory(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source / "stacks")
    assets = package(CREATE, source).archive().assets
    assert tuple(assets) == CLOSURE
    for name, asset in assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        assert asset.path == f"../{name}"
        assert Path(asset.path).read_text() == TREE[name]


def test_writes_nothing(source: Path) -> None:
    before = sorted(source.rglob("*"))
    package(CREATE, source, ["handlers/mail/*.html"]).archive()
    assert sorted(source.rglob("*")) == before


def test_two_checkouts_give_the_same_package(source: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "elsewhere" / "deep down", dict(reversed(TREE.items())))
    for number, path in enumerate(sorted(other.rglob("*.*"))):
        path.chmod(0o600 if number % 2 else 0o755)
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    one, two = (package(CREATE, root, ["handlers/mail/*.html"]) for root in (source, other))
    assert one.files == two.files
    assert list(one.archive().assets) == list(two.archive().assets)
    assert one.digest() == two.digest()
    assert one.third_party == two.third_party


def test_a_new_time_or_mode_changes_nothing(source: Path) -> None:
    before = package(CREATE, source).digest()
    for path in source.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert package(CREATE, source).digest() == before


@pytest.mark.parametrize("name", CLOSURE)
def test_a_changed_byte_in_any_input_changes_the_digest(source: Path, name: str) -> None:
    before = package(CREATE, source).digest()
    with (source / name).open("a") as file:
        file.write("#")
    assert package(CREATE, source).digest() != before


def test_a_changed_data_file_changes_the_digest(source: Path) -> None:
    before = package(CREATE, source, ["handlers/mail/*.html"]).digest()
    (source / "handlers/mail/bye.html").write_text("<p>Byf</p>")
    assert package(CREATE, source, ["handlers/mail/*.html"]).digest() != before


def test_a_renamed_data_file_changes_the_digest(source: Path) -> None:
    before = package(CREATE, source, ["handlers/mail/*.html"]).digest()
    (source / "handlers/mail/bye.html").rename(source / "handlers/mail/cheers.html")
    assert package(CREATE, source, ["handlers/mail/*.html"]).digest() != before


def test_a_moved_byte_between_two_files_changes_the_digest(source: Path) -> None:
    write(source, {"handlers/users/__init__.py": "#a", "handlers/shared/__init__.py": "#"})
    before = package(CREATE, source).digest()
    write(source, {"handlers/users/__init__.py": "#", "handlers/shared/__init__.py": "#a"})
    assert package(CREATE, source).digest() != before


@pytest.mark.parametrize("name", sorted(set(TREE) - set(CLOSURE)))
def test_a_file_that_it_does_not_import_leaves_it_alone(source: Path, name: str) -> None:
    before = package(CREATE, source)
    with (source / name).open("a") as file:
        file.write("#")
    write(source, {"handlers/users/new.py": "", "notes.txt": "x"})
    after = package(CREATE, source)
    assert (after.files, after.digest()) == (before.files, before.digest())


def test_a_new_import_is_seen_in_the_same_process(source: Path) -> None:
    assert "handlers/shared/unused.py" not in package(CREATE, source).files
    write(source, {"handlers/users/rules.py": "from handlers.shared import unused\n"})
    assert "handlers/shared/unused.py" in package(CREATE, source).files


def test_finds_imports_in_every_kind_of_block(tmp_path: Path) -> None:
    blocks = [
        "if a:\n    import m0\nelif b:\n    import m1\nelse:\n    import m2\n",
        "for i in a:\n    import m3\nelse:\n    import m4\n",
        "while a:\n    import m5\n",
        "with a:\n    import m6\n",
        "try:\n    import m7\nexcept E:\n    import m8\nelse:\n    import m9\nfinally:\n    import m10\n",
        "try:\n    import m11\nexcept* E:\n    import m12\n",
        "class C:\n    import m13\n    async def f(self):\n        import m14\n",
        "match a:\n    case 1:\n        import m15\n",
        "import m16, m17\n",
    ]
    modules = {f"m{number}.py": "" for number in range(18)}
    write(tmp_path, {"main.py": "def handler():\n    pass\n" + "".join(blocks), **modules})
    assert package("main.handler", tmp_path).files == tuple(sorted({"main.py", *modules}))


def test_follows_modules_of_packages_without_init(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/pay/card.py": "import shop.pay\nfrom shop import tax\n\ndef handler():\n    pass\n",
            "shop/tax.py": "from .pay.rates import RATE",
            "shop/pay/rates.py": "RATE = 1",
        },
    )
    packed = package("shop.pay.card.handler", tmp_path)
    assert packed.files == ("shop/pay/card.py", "shop/pay/rates.py", "shop/tax.py")
    assert packed.third_party == frozenset()


def test_an_import_cycle_ends(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import other\nhandler = other", "other.py": "import main"})
    assert package("main.handler", tmp_path).files == ("main.py", "other.py")


def test_an_installed_package_wins_over_a_mere_directory(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import build\n\ndef handler():\n    pass\n", "build/notes.txt": ""})
    packed = package("main.handler", tmp_path)
    assert packed.files == ("main.py",)
    assert packed.third_party == {"build"}


@pytest.mark.parametrize(
    "line",
    [
        "handler = wrap(1)",
        "from other import handler",
        "import other as handler",
        "if True:\n    def handler(): pass",
        "handler: object = 1",
        "class handler: pass",
        "a, (b, *handler) = x",
    ],
)
def test_a_handler_may_be_bound_in_any_way(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"main.py": line, "other.py": ""})
    assert "main.py" in package("main.handler", tmp_path).files


@pytest.mark.parametrize(
    "line", ["handler()", "def f():\n    handler = 1", "f = lambda: (handler := 1)", "a.handler = 1"]
)
def test_refuses_a_handler_that_its_module_does_not_bind(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"main.py": line})
    assert "main.py defines no 'handler'" in refusal(tmp_path)


def test_refuses_a_missing_function_and_names_those_there(source: Path) -> None:
    message = refusal(source, "handlers.users.create.handle")
    assert message == (
        "handler: handlers/users/create.py defines no 'handle'; its functions are: handler, helper"
    )


def test_refuses_a_missing_module(source: Path) -> None:
    message = refusal(source, "handlers.users.get.handler")
    assert f"there is no handlers/users/get.py in {source}" in message


def test_refuses_an_async_handler(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "async def handler(event, context):\n    pass\n"})
    assert "async" in refusal(tmp_path)


def test_reports_a_syntax_error_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import broken\ndef handler(): pass", "broken.py": "x = 1\ny = (\n"})
    assert refusal(tmp_path).startswith("broken.py:2: ")


def test_reports_bytes_that_are_not_python(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_bytes(b"x = '\x00'\n")
    assert refusal(tmp_path).startswith("main.py:1: ")


@pytest.mark.parametrize(
    "line", ["import handlers.typo", "from handlers.typo import x", "from .typo import x"]
)
def test_refuses_an_import_of_its_own_that_leads_nowhere(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"handlers/main.py": f"\n{line}\n\ndef handler():\n    pass\n"})
    message = refusal(tmp_path, "handlers.main.handler")
    assert message == (
        f"handlers/main.py:2 imports handlers.typo, and there is no handlers/typo.py in {tmp_path}"
    )


def test_a_name_taken_from_a_package_may_be_its_attribute(tmp_path: Path) -> None:
    write(tmp_path, {"lib/__init__.py": "rate = 1", "main.py": "from lib import rate as handler"})
    assert package("main.handler", tmp_path).files == ("lib/__init__.py", "main.py")


def test_an_import_in_a_try_may_lead_nowhere(tmp_path: Path) -> None:
    body = "try:\n    from handlers import fast\n    import handlers.faster\nexcept ImportError:\n    pass\n"
    write(tmp_path, {"handlers/main.py": f"{body}\nhandler = 1\n"})
    assert package("handlers.main.handler", tmp_path).files == ("handlers/main.py",)


@pytest.mark.parametrize("line", ["from . import x", "from .. import x", "from ...a import x"])
def test_refuses_a_relative_import_from_above_the_source(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"main.py": f"{line}\nhandler = x\n"})
    assert refusal(tmp_path).startswith("main.py:1 imports from ")


def test_refuses_a_module_that_leads_out_of_the_source(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.py": "x = 1"}) / "secret.py"
    source = write(tmp_path / "in", {"main.py": "import secret\nhandler = secret"})
    (source / "secret.py").symlink_to(outside)
    assert refusal(source) == (
        f"secret.py leads out of {source}, to {outside}; copy it below the source directory"
    )


def test_includes_data_files(source: Path) -> None:
    packed = package("handlers.users.delete.handler", source, ["handlers/mail/*.html", "handlers/**/b*.html"])
    assert packed.files == (
        "handlers/__init__.py",
        "handlers/mail/bye.html",
        "handlers/mail/welcome.html",
        "handlers/users/__init__.py",
        "handlers/users/delete.py",
    )


def test_never_includes_bytecode(source: Path) -> None:
    write(source, {"handlers/mail/__pycache__/x.cpython-313.pyc": ""})
    packed = package("handlers.users.delete.handler", source, ["handlers/mail/**/*"])
    assert not [name for name in packed.files if "__pycache__" in name]


@pytest.mark.parametrize("pattern", ["", "/etc/*", "../*", "handlers/../../*"])
def test_refuses_a_pattern_that_leads_out(source: Path, pattern: str) -> None:
    message = refusal(source, "handlers.users.delete.handler", (pattern,))
    assert message == f"include must be patterns below the source directory, got {pattern!r}"


def test_refuses_a_pattern_without_a_match(source: Path) -> None:
    message = refusal(source, "handlers.users.delete.handler", ("handlers/mail/*.txt",))
    assert message == f"include: 'handlers/mail/*.txt' matches no file in {source}"


def test_refuses_a_data_file_that_leads_out(source: Path, tmp_path: Path) -> None:
    write(tmp_path, {"secret.html": "x"})
    (source / "handlers/mail/x.html").symlink_to(tmp_path / "secret.html")
    assert "handlers/mail/x.html leads out of" in refusal(
        source, "handlers.users.delete.handler", ("handlers/mail/*",)
    )


def test_refuses_a_package_above_lambdas_limit(source: Path) -> None:
    with (source / "handlers/mail/big.html").open("wb") as file:
        file.truncate((MAX_UNZIPPED_MB + 1) * 2**20)
    message = refusal(source, "handlers.users.delete.handler", ("handlers/mail/*",))
    assert f"at most {MAX_UNZIPPED_MB} MB, got {MAX_UNZIPPED_MB + 1} MB" in message


NAMES = st.text("abcdefg_", min_size=1, max_size=6).filter(
    lambda name: not name.startswith("__") and not keyword.iskeyword(name)
)


@settings(deadline=None)
@given(names=st.sets(NAMES, min_size=1, max_size=6), data=st.data())
def test_every_import_is_packed_whatever_the_modules_are_called(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("source")
    wanted = data.draw(st.sets(st.sampled_from(sorted(names))))
    imports = "".join(f"from lib import {name}\n" for name in data.draw(st.permutations(sorted(wanted))))
    modules = {f"lib/{name}.py": "" for name in names}
    write(root, {"main.py": f"{imports}def handler():\n    pass\n", "lib/__init__.py": "", **modules})
    expected = {"main.py", *(f"lib/{name}.py" for name in wanted), *(["lib/__init__.py"] if wanted else [])}
    assert package("main.handler", root).files == tuple(sorted(expected))
