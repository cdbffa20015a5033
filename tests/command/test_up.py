"""`backplane up` as a tool uses it: a line of JSON, a backend that serves, and nothing left when it stops."""

import os
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support import fixture_project
from support.command import COMMAND, Served, run
from support.waiting import until

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="edge functions are JavaScript")
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(90)]


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - the emulator's
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fixture_project.write(tmp_path)


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    with Served("hello", "--env", "dev", "--tenant", "acme", "--watch", folder=folder) as served:
        yield served


def save(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_one_line_of_json_says_all_that_the_contract_promises(folder: Path) -> None:
    with Served("hello", "--env", "dev", "--tenant", "acme", folder=folder) as served:
        line = served.line
        assert set(line) == {
            "backend",
            "environment",
            "tenant",
            "endpoint",
            "region",
            "resources",
            "notEmulated",
            "seconds",
            "outputs",
        }
        assert (line["backend"], line["environment"], line["tenant"]) == ("hello", "dev", "acme")
        assert line["region"] == "eu-west-1"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", line["endpoint"])
        assert line["resources"] == 23
        assert all(isinstance(item, str) for item in line["notEmulated"])
        assert {"emulator", "program", "total"} <= set(line["seconds"])
        assert line["outputs"]["tenant"] == "acme"
        assert line["outputs"]["password"] == {"secret": True}
        assert get(f"{line['outputs']['apiUrl']}/hello") == (200, "hello")
        assert served.stop() == (0, "")
        assert "programs may print" in served.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_0_and_leaves_no_process_and_no_file(
    folder: Path, number: signal.Signals
) -> None:
    before = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    with Served(folder=folder) as served:
        get(f"{served.line['outputs']['apiUrl']}/hello")
        processes = served.family()
        assert len(processes) >= 4, "the command, the supervisor, the server and a Lambda worker"
        assert len(list(served.temporary.iterdir())) == 1
        assert served.stop(number) == (0, "")
        assert [process for process in processes if process.is_running()] == []
        assert list(served.temporary.iterdir()) == []
    assert {path for path in folder.rglob("*") if "__pycache__" not in path.parts} == before


def test_ctrl_c_in_a_terminal_reaches_the_whole_group_twice_and_still_ends_with_0(folder: Path) -> None:
    with Served(folder=folder) as served:
        os.killpg(served.process.pid, signal.SIGINT)
        os.killpg(served.process.pid, signal.SIGINT)
        assert served.process.wait(20) == 0
        assert "Traceback" not in served.said()
        assert list(served.temporary.iterdir()) == []


def test_a_signal_while_it_starts_leaves_nothing(folder: Path) -> None:
    served = Served(folder=folder)
    served.until_said("Running the program")
    processes = served.family()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 130
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert list(served.temporary.iterdir()) == []
    served.__exit__(None, None, None)


def test_a_killed_emulator_is_said_plainly_and_ends_with_1(served: Served) -> None:
    (server,) = (one for one in served.family() if one.cmdline()[1:3] == ["-m", "hypercorn"])
    server.kill()
    assert served.process.wait(20) == 1
    assert "the emulator (ministack, port " in served.said()
    assert "was killed by SIGKILL" in served.said()
    assert list(served.temporary.iterdir()) == []


def test_a_failing_resource_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    program = "import pulumi_aws\npulumi_aws.gamelift.Fleet('fleet', ec2_instance_type='c5.large')\n"
    served = Served(folder=fixture_project.write(tmp_path, program))
    assert served.process.wait(30) == 1
    assert "aws:gamelift/fleet:Fleet 'fleet'" in served.said()
    assert list(served.temporary.iterdir()) == []
    served.__exit__(None, None, None)


def test_the_first_request_works_as_it_is_printed(folder: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "up", "--port", "0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while "stays behind" not in "".join(lines[-1:]):
                lines.append(process.stdout.readline())
                assert lines[-1], lines
            text = "".join(lines)
            assert "\x1b" not in text
            (request,) = (line.strip() for line in lines if line.strip().startswith("curl "))
            done = subprocess.run(
                ["sh", "-c", request], cwd=folder, capture_output=True, text=True, check=False
            )
            assert done.stdout.startswith("HTTP/1.1 200")
            assert "Not emulated" in text
            assert re.search(r"23 resources in \d+\.\d\d s: emulator ", text)
        finally:
            process.send_signal(signal.SIGINT)


def test_a_saved_handler_is_live_and_only_its_function_changes(served: Served, folder: Path) -> None:
    url = served.line["outputs"]["apiUrl"]
    assert get(f"{url}/hello") == (200, "hello")
    save(folder / "handlers/hello.py", '"body": WORD', '"body": WORD + " again"')
    until(lambda: get(f"{url}/hello") == (200, "hello again"), seconds=10)
    served.until_said("handlers/hello.py: hello live (")
    assert get(f"{url}/other") == (200, "other")
    assert "other live" not in served.said()


def test_a_module_that_a_handler_begins_to_import_goes_along(served: Served, folder: Path) -> None:
    url = served.line["outputs"]["apiUrl"]
    (folder / "handlers/words.py").write_text('WORD = "new"\n')
    save(folder / "handlers/hello.py", 'WORD = os.environ["WORD"]', "from handlers.words import WORD")
    until(lambda: get(f"{url}/hello") == (200, "new"), seconds=10)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("def broken(:", 'File "handlers/hello.py", line 10'),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("NAME = undefined", "NameError: name 'undefined' is not defined"),
        ("raise SystemExit('no')", "SystemExit: no"),
    ],
)
def test_a_handler_that_does_not_load_is_shown_and_the_last_good_one_serves(
    served: Served, folder: Path, line: str, said: str
) -> None:
    url = served.line["outputs"]["apiUrl"]
    path = folder / "handlers/hello.py"
    good = path.read_text(encoding="utf-8")
    path.write_text(f"{good}{line}\n", encoding="utf-8")
    served.until_said("not taken over; the last good version goes on serving")
    assert said in served.said()
    assert get(f"{url}/hello") == (200, "hello")
    path.write_text(good.replace('"body": WORD', '"body": "mended"'), encoding="utf-8")
    until(lambda: get(f"{url}/hello") == (200, "mended"), seconds=10)


def test_a_changed_program_starts_the_backend_afresh_on_the_same_port(served: Served, folder: Path) -> None:
    endpoint = served.line["endpoint"]
    save(folder / "stacks/__main__.py", '"WORD": "hello"', '"WORD": "afresh"')
    served.next_line()
    assert "the backend starts afresh" in served.said()
    assert served.line["endpoint"] == endpoint
    assert get(f"{served.line['outputs']['apiUrl']}/hello") == (200, "afresh")
    assert len(list(served.temporary.iterdir())) == 1
    assert served.stop() == (0, "")


def test_a_changed_configuration_starts_the_backend_afresh(served: Served, folder: Path) -> None:
    save(folder / "Pulumi.dev.yaml", "backplane:tenant: demo", "backplane:tenant: other\n  backplane:more: x")
    served.next_line()
    assert served.line["tenant"] == "acme", "the command line still comes first"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("stacks/__main__.py", "import pulumi\n", "import pulumi\nraise ValueError('no good')\n", "no good"),
        ("Pulumi.dev.yaml", "backplane:backend: hello", "backplane:tenant: twice", "is given twice"),
    ],
)
def test_a_program_that_fails_is_shown_and_the_last_good_backend_serves(
    served: Served, folder: Path, file: str, old: str, new: str, said: str
) -> None:
    save(folder / file, old, new)
    served.until_said("not taken over; the last good version goes on serving")
    assert said in served.said()
    assert get(f"{served.line['outputs']['apiUrl']}/hello") == (200, "hello")


def test_two_backends_run_side_by_side(folder: Path, served: Served) -> None:
    with Served("--tenant", "second", folder=folder) as second:
        assert second.line["endpoint"] != served.line["endpoint"]
        for one in (served, second):
            assert get(f"{one.line['outputs']['apiUrl']}/hello") == (200, "hello")


def test_a_backend_without_a_user_pool_has_no_token_to_give(served: Served, folder: Path) -> None:
    port = served.line["endpoint"].rpartition(":")[2]
    done = run("token", "--port", port, folder=folder)
    assert (done.returncode, done.stderr) == (1, "the backend has 0 user pools; this works with one\n")


SITE = """
import pulumi
from components import StaticSite, StaticSiteArgs

site = StaticSite("web", StaticSiteArgs(folder="sites/web"))
pulumi.export("siteUrl", site.url)
"""


@needs_node
def test_a_saved_file_of_a_site_is_live_at_the_same_address(tmp_path: Path) -> None:
    folder = fixture_project.write(tmp_path, SITE)
    page = folder / "sites" / "web" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("first")
    with Served("hello", "--watch", folder=folder) as served:
        url = served.line["outputs"]["siteUrl"]
        assert get(f"{url}/deep/link") == (200, "first")
        page.write_text("second")
        until(lambda: get(url)[1] == "second")
        served.until_said("sites/web/index.html: web-index.html live")


@needs_node
def test_a_new_file_of_a_site_starts_afresh_at_the_same_address(tmp_path: Path) -> None:
    folder = fixture_project.write(tmp_path, SITE)
    pages = folder / "sites" / "web"
    pages.mkdir(parents=True)
    (pages / "index.html").write_text("first")
    with Served("hello", "--watch", folder=folder) as served:
        url = served.line["outputs"]["siteUrl"]
        (pages / "more.txt").write_text("more")
        served.next_line()
        assert get(f"{served.line['outputs']['siteUrl']}/more.txt") == (200, "more")
        assert served.line["outputs"]["siteUrl"] == url
