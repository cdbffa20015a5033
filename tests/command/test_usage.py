import socket
from importlib.metadata import version
from pathlib import Path

import pytest

from support import fixture_project
from support.command import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture_project.write(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("command", ["up", "preview"])
def test_every_mistake_of_the_configuration_has_a_line(folder: Path, command: str) -> None:
    done = run(command, "nothing", "--tenant", "ACME", "--json", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    mistakes = [line for line in done.stderr.splitlines() if line.startswith("Pulumi.dev.yaml: ")]
    assert len(mistakes) == 2
    assert "backplane:backend must be one of hello, got 'nothing'" in mistakes[0]
    assert "backplane:tenant must be lower-case, got 'ACME' (--tenant on the command line" in mistakes[1]


def test_the_command_line_sets_any_key_before_the_file(folder: Path) -> None:
    done = run("preview", "-c", "tenant=ACME", "--config", "aws:region=eu=1", folder=folder)
    assert done.returncode == 2
    assert "backplane:tenant must be lower-case, got 'ACME' (--config on the command line" in done.stderr


@pytest.mark.parametrize("entry", ["tenant", "=acme", ""])
def test_a_config_that_is_no_pair_is_refused(folder: Path, entry: str) -> None:
    done = run("preview", "--config", entry, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--config takes KEY=VALUE, such as language=typescript; got {entry!r}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["up", "--port", "70000"],
        ["up", "--port", "x"],
        ["up", "--no-such"],
        ["preview", "--env", "nowhere"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_ends_with_2(folder: Path, arguments: list[str]) -> None:
    done = run(*arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_token_without_a_backend_is_refused_plainly(folder: Path) -> None:
    done = run("token", "--port", "1", folder=folder)
    assert done.returncode == 1
    assert done.stderr == "nothing listens on port 1: start a backend with `make up`, or name its --port\n"


def test_help_shows_examples_and_exit_statuses(folder: Path) -> None:
    for command in ("up", "preview", "graph", "token", "list"):
        text = run(command, "--help", folder=folder).stdout
        assert "\n  Examples:\n" in text
        assert "Exit status: 0 done, 1 the program or a resource failed, 2 wrong usage" in " ".join(
            text.split()
        )


def test_list_names_backends_and_environments(folder: Path) -> None:
    assert run("list", folder=folder).stdout == "hello  says hello\nenvironments: dev\n"


def test_the_version_is_that_of_the_package(folder: Path) -> None:
    assert run("--version", folder=folder).stdout == f"backplane {version('backplane')}\n"


def test_a_port_that_is_taken_is_told_in_one_line_and_ends_with_1(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = run("up", "--port", str(port), "--json", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {port} is taken by process " in done.stderr
    assert "PORT=0" in done.stderr
