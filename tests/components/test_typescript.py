"""A function in TypeScript is one file, the same bytes wherever it is built, and preview builds nothing."""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backplane.local.emulator import Emulator
from components import typescript
from components._base import ArgumentError
from components._esbuild import BundleError
from components.data_table import DataTable, DataTableArgs
from components.function import Function, FunctionArgs
from components.python_layer import PythonLayer, PythonLayerArgs
from components.typescript import building_in_previews, sources
from support import fixture_project
from support.command import Served, run
from support.recorder import UNKNOWN, Graph, record
from support.running import Runner
from support.waiting import until

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("typescript")
FUNCTION = "aws:lambda/function:Function"
HANDLER = "handlers.users.put_item.handler"
CLOSURE = ["handlers/users/put_item.ts", "handlers/users/rules.ts"]

builds = pytest.mark.skipif(
    shutil.which("node") is None or not (ROOT / "node_modules/.bin/esbuild").is_file(),
    reason="needs Node.js and node_modules: make setup",
)


def checkout(root: Path) -> Path:
    """A project with the sample handler; its packages are this repository's."""
    users = root / "handlers/users"
    users.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "tsconfig.json"):
        shutil.copyfile(ROOT / name, root / name)
    for path in SAMPLE.glob("*.ts"):
        shutil.copyfile(path, users / path.name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return checkout(tmp_path / "project")


def write(project: Path, name: str, text: str) -> None:
    path = project / "handlers/users" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def declare(project: Path, *, preview: bool = False, **values: Any) -> Graph:
    args = {"handler": HANDLER, "runtime": "nodejs22.x", **values}
    return record(lambda: Function("put", FunctionArgs(**args)), preview=preview, root=project)


def made(project: Path, **values: Any) -> typescript.Bundle:
    """The bundle of the sample handler, not built."""
    found: list[Any] = []

    def program() -> None:
        args = {"handler": HANDLER, "runtime": "nodejs22.x", **values}
        found.append(Function("put", FunctionArgs(**args)).package)

    record(program, preview=True, root=project)
    (bundle,) = found
    assert isinstance(bundle, typescript.Bundle)
    return bundle


def refusal(project: Path, **values: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        declare(project, preview=True, **values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# What goes into it, and its key


def test_knows_the_project_s_modules_that_it_imports(project: Path) -> None:
    write(project, "unrelated.ts", 'import "./rules";\n')
    assert list(made(project).modules) == CLOSURE


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('import "./other";', True),
        ("import { a } from './other';", True),
        ('import a, * as b from "./other";', True),
        ('import {\n  a, // from "./nowhere"\n  type B,\n} from "./other";', True),
        ('import a from "./other.js";', True),
        ('export * from "./other";', True),
        ('export type { A };\nimport b from "./other";', True),
        ('const a = await import("./other");', True),
        ('const a = require("../users/other");', True),
        ("const quote = /[\"'`]/;\nimport './other';", True),
        ('import type { A } from "./other";', False),
        ('export type { A } from "./other";', False),
        ('// import "./other";', False),
        ('/* import "./other"; */', False),
        ("const text = 'import \"./other\"';", False),
        ('const text = `import "./other"`;', False),
        ('const shape = { from: "./other" };', False),
    ],
)
def test_sees_every_form_of_import_and_nothing_else(project: Path, line: str, found: bool) -> None:
    write(project, "other.ts", "export const a = 1;\nexport default a;\n")
    write(project, "main.ts", f"{line}\nexport const handler = async () => 1;\n")
    modules = made(project, handler="handlers.users.main.handler").modules
    assert ("handlers/users/other.ts" in modules) == found


@pytest.mark.parametrize("name", ["put_item.ts", "rules.ts"])
def test_a_changed_byte_of_a_module_changes_the_key(project: Path, name: str) -> None:
    before = made(project).key
    with (project / "handlers/users" / name).open("a") as file:
        file.write(" ")
    assert made(project).key != before


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", "tsconfig.json"])
def test_what_the_bundler_reads_beside_modules_changes_the_key(project: Path, name: str) -> None:
    before = made(project).key
    text = (project / name).read_bytes()
    (project / name).write_bytes(text.replace(b"\n", b"\r\n"))
    assert made(project).key == before, "the line ends of a checkout decide nothing"
    (project / name).write_bytes(text.replace(b"{", b"{ ", 1))
    assert made(project).key != before


def test_options_and_format_change_the_key(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {made(project).key}
    monkeypatch.setattr(typescript, "FORMAT", 2)
    keys.add(made(project).key)
    monkeypatch.setattr(typescript, "OPTIONS", (*typescript.OPTIONS, "--keep-names"))
    keys.add(made(project).key)
    assert len(keys) == 3


def test_an_unrelated_file_a_type_and_a_time_do_not_change_the_key(project: Path) -> None:
    before = made(project).key
    write(project, "unrelated.ts", "export const a = 1;\n")
    write(project, "put_item.py", "def handler(event, context):\n    pass\n")
    os.utime(project / CLOSURE[0], (0, 0))
    assert made(project).key == before


def test_the_key_does_not_depend_on_the_place(project: Path, tmp_path: Path) -> None:
    assert made(checkout(tmp_path / "some/where else")).key == made(project).key


# Preview and update


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*args: Any, **_: Any) -> None:
        raise AssertionError(args)

    monkeypatch.setattr(subprocess, "Popen", refuse)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("no_processes")
def test_preview_builds_nothing_and_says_that_it_does_not_know(project: Path) -> None:
    before = sorted(project.rglob("*"))
    assert declare(project, preview=True).one(FUNCTION).inputs["code"] == UNKNOWN
    assert sorted(project.rglob("*")) == before


@builds
def test_up_builds_once_and_says_so(project: Path) -> None:
    first, second = declare(project), declare(project)
    assert [level for level, _ in first.messages] == ["info"]
    assert "handlers/users/put_item.ts bundled in " in first.messages[0][1]
    assert second.messages == []
    assert [path.name for path in (project / ".backplane/bundles").iterdir()] == [made(project).key]
    assert first.one(FUNCTION).inputs == second.one(FUNCTION).inputs


@builds
def test_preview_takes_what_has_been_built(project: Path, request: pytest.FixtureRequest) -> None:
    declare(project)
    request.getfixturevalue("no_processes")
    folder = f".backplane/bundles/{made(project).key}"
    code = declare(project, preview=True, include=["handlers/users/rules.ts"]).one(FUNCTION).inputs["code"]
    assert {name: asset.path for name, asset in code.assets.items()} == {
        "handlers/users/put_item.js": f"{folder}/put_item.js",
        "handlers/users/put_item.js.map": f"{folder}/put_item.js.map",
        "handlers/users/rules.ts": "handlers/users/rules.ts",
    }


@builds
def test_a_tool_that_follows_files_may_build_in_previews(project: Path) -> None:
    with building_in_previews():
        code = declare(project, preview=True).one(FUNCTION).inputs["code"]
    asset = project / code.assets["handlers/users/put_item.js"].path
    assert sources(asset) == CLOSURE
    assert sources(project / CLOSURE[0]) == []


@pytest.mark.parametrize("preview", [True, False])
@builds
def test_the_function_calls_the_bundle_and_maps_its_traces(project: Path, preview: bool) -> None:
    inputs = declare(project, preview=preview, environment={"LEVEL": "info"}).one(FUNCTION).inputs
    assert inputs["handler"] == "handlers/users/put_item.handler"
    assert inputs["runtime"] == "nodejs22.x"
    assert inputs["environment"] == {
        "variables": {"LEVEL": "info", "NODE_OPTIONS": "--enable-source-maps"},
    }


@builds
def test_names_start_at_the_source_directory(project: Path) -> None:
    values = {"handler": "users.put_item.handler", "source_directory": "handlers"}
    inputs = declare(project, **values).one(FUNCTION).inputs
    assert inputs["handler"] == "users/put_item.handler"
    assert set(inputs["code"].assets) == {"users/put_item.js", "users/put_item.js.map"}


# The bytes


@builds
def test_two_builds_in_two_places_are_the_same_bytes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = checkout(tmp_path / "some/where else")
    for path in other.rglob("handlers/users/*"):
        os.utime(path, (0, 0))
    one = files(made(project).build())
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert files(made(other).build()) == one
    assert set(one) == {"inputs.json", "put_item.js", "put_item.js.map"}
    for content in one.values():
        assert str(tmp_path).encode() not in content
        assert str(ROOT).encode() not in content


@builds
def test_the_map_leads_to_the_sources_beside_the_bundle(project: Path) -> None:
    folder = made(project).build()
    found = json.loads((folder / "put_item.js.map").read_bytes())
    assert {"put_item.ts", "rules.ts"} <= set(found["sources"])
    assert all(name.startswith(("../../node_modules/", "put", "rules")) for name in found["sources"])
    assert "sourcesContent" not in found
    assert (folder / "put_item.js").read_text().endswith("//# sourceMappingURL=put_item.js.map\n")


@builds
def test_builders_at_once_leave_one_whole_bundle(project: Path) -> None:
    bundle = made(project)
    threads = [threading.Thread(target=bundle.build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list((project / ".backplane/bundles").iterdir()) == [bundle.folder]
    assert set(files(bundle.folder)) == {"inputs.json", "put_item.js", "put_item.js.map"}


@builds
def test_a_build_removes_what_nobody_used_for_a_day(project: Path) -> None:
    cache = project / ".backplane/bundles"
    for name, age in (("old", 100_000), ("recent", 80_000)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (0, (project.stat().st_mtime) - age))
    made(project).build()
    assert {path.name for path in cache.iterdir()} == {"recent", made(project).key}


@builds
def test_an_update_counts_as_a_use(project: Path) -> None:
    declare(project)
    folder = made(project).folder
    os.utime(folder, (0, 0))
    declare(project, preview=True)
    assert folder.stat().st_mtime == 0
    declare(project)
    assert folder.stat().st_mtime > 0


# What is refused


@builds
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("export const handler = async ( => 1;\n", 'handlers/users/main.ts:1: Unexpected "=>"'),
        (
            'import x from "not-there";\nexport const handler = async () => x;\n',
            'handlers/users/main.ts:1: Could not resolve "not-there"',
        ),
        (
            "await Promise.resolve();\nexport const handler = async () => 1;\n",
            (
                "handlers/users/main.ts:1: Top-level await is currently not supported with the "
                '"cjs" output format'
            ),
        ),
    ],
)
def test_an_error_is_one_line_with_its_file_and_line(project: Path, text: str, message: str) -> None:
    write(project, "main.ts", text)
    with pytest.raises(BundleError) as caught:
        declare(project, handler="handlers.users.main.handler")
    assert str(caught.value) == message
    assert list((project / ".backplane/bundles").iterdir()) == []


@builds
def test_refuses_a_module_that_its_key_does_not_know(project: Path) -> None:
    config = json.dumps({"compilerOptions": {"paths": {"#rules": ["./handlers/users/rules.ts"]}}})
    (project / "tsconfig.json").write_text(config)
    write(project, "main.ts", 'import { checked } from "#rules";\nexport const handler = checked;\n')
    with pytest.raises(BundleError, match=r"the bundle holds handlers/users/rules\.ts, which no relative"):
        declare(project, handler="handlers.users.main.handler")


def test_says_what_to_install_without_node(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(BundleError) as caught:
        declare(project)
    assert str(caught.value) == (
        "functions in TypeScript need Node.js 20 or newer, found none; install it (nodejs.org, "
        "apt install nodejs npm, brew install node), then run: npm ci"
    )
    declare(project, handler="handlers.users.put_item.handler", preview=True)


def fake_node(folder: Path, version: str) -> None:
    folder.mkdir()
    (folder / "node").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "node").chmod(stat.S_IRWXU)


def test_refuses_an_old_node(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(tmp_path / "bin", "v18.20.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(BundleError, match=r"need Node\.js 20 or newer, found v18\.20\.0; install it"):
        declare(project)


@pytest.fixture
def some_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(tmp_path / "bin", "v22.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")


@pytest.mark.usefixtures("some_node")
def test_says_what_to_run_without_node_modules(project: Path) -> None:
    (project / "node_modules").unlink()
    with pytest.raises(BundleError, match=r"node_modules has no esbuild; run: npm ci$"):
        declare(project)


@pytest.mark.usefixtures("some_node")
def test_says_what_to_run_without_a_lock(project: Path) -> None:
    (project / "package-lock.json").unlink()
    with pytest.raises(BundleError, match=r"need a package-lock\.json beside Pulumi\.yaml"):
        declare(project)


@pytest.mark.usefixtures("some_node")
@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ({}, "node_modules holds none; run: npm ci"),
        ({"version": "0.9", "integrity": "sha512-old"}, "node_modules holds 0.9; run: npm ci"),
    ],
)
def test_refuses_other_packages_than_the_locked_ones(
    project: Path, installed: dict[str, str], said: str
) -> None:
    (project / "node_modules").unlink()
    (project / "node_modules/.bin").mkdir(parents=True)
    (project / "node_modules/.bin/esbuild").touch()
    wanted = {"version": "1.0", "integrity": "sha512-new"}
    for name, package in (("package-lock.json", wanted), ("node_modules/.package-lock.json", installed)):
        packages = {"node_modules/demo": package} if package else {}
        (project / name).write_text(json.dumps({"packages": packages}))
    with pytest.raises(BundleError) as caught:
        declare(project)
    assert str(caught.value) == f"package-lock.json locks demo 1.0, and {said}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"handler": "handlers.users.nothing.handler"},
            "there is no handlers/users/nothing.ts in",
        ),
        (
            {"handler": "handlers.users.put_item.bye"},
            "handlers/users/put_item.ts exports no 'bye'; its exports are: handler",
        ),
        ({"source_directory": str(ROOT.parent)}, "FunctionArgs.source_directory must be in the project"),
        ({"include": ["*.html"]}, "include: '*.html' matches no file"),
        ({"snap_start": True}, "FunctionArgs.snap_start needs runtime python3.12 or newer, got 'nodejs22.x'"),
        ({"runtime": "nodejs20.x"}, "FunctionArgs.runtime must be one of 'python3.11', "),
    ],
)
def test_refuses_a_mistake_before_anything_is_built(
    project: Path, values: dict[str, Any], message: str
) -> None:
    assert message in refusal(project, **values)


def test_refuses_an_import_that_leads_nowhere(project: Path) -> None:
    write(project, "main.ts", '\nimport "../nowhere";\nexport const handler = 1;\n')
    said = refusal(project, handler="handlers.users.main.handler")
    assert said == "handlers/users/main.ts:2 imports '../nowhere', and there is no such file"


def test_refuses_a_module_outside_of_the_project(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.ts").write_text("export const a = 1;\n")
    (project / "handlers/users/link.ts").symlink_to(tmp_path / "secret.ts")
    write(project, "main.ts", 'import "./link";\nexport const handler = 1;\n')
    said = refusal(project, handler="handlers.users.main.handler")
    assert said.startswith("handlers/users/link.ts leads out of ")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("export async function handler() {}", True),
        ("const a = 1;\nexport { a as handler };", True),
        ('export * from "./rules";', True),
        ("export const { handler } = made();", True),
        ("const handler = 1;", False),
        ("export type handler = string;", False),
        ("export { type handler };", False),
        ('const text = "export const handler = 1";', False),
    ],
)
def test_looks_the_exported_function_up(project: Path, text: str, allowed: bool) -> None:
    write(project, "main.ts", f"{text}\n")
    if allowed:
        declare(project, preview=True, handler="handlers.users.main.handler")
    else:
        assert "exports no 'handler'" in refusal(project, handler="handlers.users.main.handler")


def test_refuses_layers_of_python(project: Path) -> None:
    (project / "requirements.txt").write_text("demo==1.0 --hash=sha256:00\n")

    def program() -> None:
        layer = PythonLayer("deps", PythonLayerArgs(requirements="requirements.txt"))
        Function("put", FunctionArgs(handler=HANDLER, runtime="nodejs22.x", layers=[layer]))

    with pytest.raises(ArgumentError, match=r"FunctionArgs\.layers must be empty for nodejs22\.x, got 1"):
        record(program, preview=True, root=project)


def test_a_python_and_a_typescript_module_of_one_name_lie_side_by_side(project: Path) -> None:
    write(project, "put_item.py", "def handler(event, context):\n    pass\n")
    inputs = declare(project, runtime="python3.13").one(FUNCTION).inputs
    assert list(inputs["code"].assets) == ["handlers/users/put_item.py"]
    assert "environment" not in inputs


# For real


def program(action: str) -> None:
    """A table, and the sample handler with one right on it."""
    table = DataTable("users", DataTableArgs(partition_key="id"))
    Function("put", FunctionArgs(handler=HANDLER, runtime="nodejs22.x", links=[table.link(action)]))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def invoke(runner: Runner, name: str, event: Any) -> Any:
    answer = runner.client("lambda").invoke(
        FunctionName=name, Qualifier="live", Payload=json.dumps(event), LogType="Tail"
    )
    return json.loads(answer["Payload"].read()), base64.b64decode(answer.get("LogResult", "")).decode()


@builds
@pytest.mark.e2e
def test_a_handler_writes_what_its_link_allows_with_no_layer_at_all(
    project: Path, emulator: Emulator
) -> None:
    runner = Runner(project, emulator.endpoint)
    outcome = runner(lambda: program("PutItem"))
    name = outcome.physical_id(FUNCTION, "put")
    answer, log = invoke(runner, name, {"id": "one", "name": "Zoë"})
    assert answer == {"stored": "one"}
    assert "Warning" not in log, "an older Node.js is no news"
    table = outcome.physical_id("aws:dynamodb/table:Table", "users")
    item = runner.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "one"}})["Item"]
    assert item == {"id": {"S": "one"}, "name": {"S": "Zoë"}}


@builds
@pytest.mark.e2e
def test_a_handler_is_denied_what_no_link_allows(project: Path, emulator: Emulator) -> None:
    runner = Runner(project, emulator.endpoint)
    outcome = runner(lambda: program("GetItem"))
    answer, _ = invoke(runner, outcome.physical_id(FUNCTION, "put"), {"id": "one"})
    assert answer == {"error": "AccessDeniedException"}


@builds
@pytest.mark.e2e
def test_a_trace_names_the_line_that_was_written(project: Path, emulator: Emulator) -> None:
    runner = Runner(project, emulator.endpoint)
    outcome = runner(lambda: program("PutItem"))
    answer, log = invoke(runner, outcome.physical_id(FUNCTION, "put"), {})
    assert answer["errorMessage"] == "an item without an id"
    assert "rules.ts:13" in json.dumps(answer) + log


SERVED = """
import pulumi
from components import Function, FunctionArgs, Route, ServerlessApi, ServerlessApiArgs

hello = Function("hello", FunctionArgs(handler="handlers.hello.handler", runtime="nodejs22.x"))
api = ServerlessApi("api", ServerlessApiArgs(routes={"GET /hello": Route(function=hello, public=True)}))
pulumi.export("apiUrl", api.url)
"""
HELLO = """
import { word } from "./words";

export const handler = async () => {
  console.log("one line");
  return { statusCode: 200, body: word };
};
"""


def get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - the emulator's
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.code)


@builds
@pytest.mark.e2e
def test_a_saved_module_is_live_and_a_broken_one_is_not(tmp_path: Path) -> None:
    folder = fixture_project.write(tmp_path / "served", SERVED)
    checkout(folder)
    words = folder / "handlers/words.ts"
    (folder / "handlers/hello.ts").write_text(HELLO)
    words.write_text('export const word: string = "hello";\n')
    with Served("hello", "--env", "dev", "--watch", folder=folder) as served:
        url = f"{served.line['outputs']['apiUrl']}/hello"
        assert get(url) == "hello"
        words.write_text('export const word: string = "again";\n')
        until(lambda: get(url) == "again")
        served.until_said("handlers/words.ts: hello live (")
        words.write_text("export const word: string = ;\n")
        served.until_said('handlers/words.ts:1: Unexpected ";"')
        words.write_text('\nthrow new Error("at the start");\nexport const word = "x";\n')
        served.until_said("Error: at the start")
        assert "at words.ts:2:" in served.said() or "handlers/words.ts:2:" in served.said()
        assert get(url) == "again"
        words.write_text('export const word: string = "mended";\n')
        until(lambda: get(url) == "mended")


@builds
@pytest.mark.e2e
def test_a_bundle_from_elsewhere_is_not_served_without_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fixture_project.write(tmp_path / "served", SERVED)
    checkout(folder)
    (folder / "handlers/hello.ts").write_text("export const handler = async () => ({ statusCode: 200 });\n")
    made(folder, handler="handlers.hello.handler").build()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    done = run("up", "hello", "--port", "0", folder=folder)
    assert done.returncode == 1
    assert "run on this machine's Node.js, and there is none; install version 20 or newer" in done.stderr
