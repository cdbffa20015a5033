import io
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import boto3
import psutil
import pytest

from backplane.local.emulator import _SUPERVISOR, Emulator, EmulatorError
from support.waiting import until

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def start_a_worker(emulator: Emulator) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("code.py", "def handler(event, context):\n    return 'hello'\n")
    service = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": service}
    role = boto3.client("iam", endpoint_url=emulator.endpoint, **KEYS).create_role(
        RoleName="role",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    functions = boto3.client("lambda", endpoint_url=emulator.endpoint, **KEYS)
    functions.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Handler="code.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
    )
    answer = functions.invoke(FunctionName="hello", Payload=b"{}")
    assert answer["Payload"].read() == b'"hello"'


def test_stopping_leaves_no_process_and_no_file() -> None:
    with Emulator() as emulator:
        start_a_worker(emulator)
        processes = psutil.Process().children(recursive=True)
        assert len(processes) >= 3, "the supervisor, the server and a Lambda worker"
        assert emulator.folder.is_dir()
    assert [process for process in processes if process.is_running()] == []
    assert not emulator.folder.exists()


def test_iam_is_enforced() -> None:
    with Emulator() as emulator:
        user = boto3.client("iam", endpoint_url=emulator.endpoint, **KEYS)
        user.create_user(UserName="nobody")
        keys = user.create_access_key(UserName="nobody")["AccessKey"]
        tables = boto3.client(
            "dynamodb",
            endpoint_url=emulator.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
        )
        with pytest.raises(tables.exceptions.ClientError, match="AccessDenied"):
            tables.list_tables()


def test_the_hosts_settings_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere")
    monkeypatch.setenv("BACKPLANE_SECRET", "not for handlers")
    with Emulator() as emulator:
        variables = psutil.Process(emulator.pid).environ()
    assert "AWS_ENDPOINT_URL" not in variables
    assert "BACKPLANE_SECRET" not in variables


def test_a_taken_port_is_named_with_who_holds_it_and_the_fix() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(EmulatorError) as caught:
            Emulator(port).start()
    assert str(caught.value).count("\n") == 0
    assert f"port {port} is taken by process {os.getpid()}" in str(caught.value)
    assert "PORT=0" in str(caught.value)


def test_a_port_beyond_the_range_is_refused() -> None:
    with pytest.raises(EmulatorError, match="port 70000 is not one of 0-65535"):
        Emulator(70000).start()


def test_a_server_that_can_not_start_shows_its_last_lines() -> None:
    emulator = Emulator(environment={"PYTHONHOME": "/nowhere"})
    with pytest.raises(EmulatorError, match=r"ended with status 1\n(.*\n)*.*encodings"), emulator:
        pass
    assert not emulator.folder.exists()


def test_a_killed_server_is_said_so_and_cleared_away() -> None:
    with Emulator() as emulator:
        start_a_worker(emulator)
        processes = psutil.Process().children(recursive=True)
        assert emulator.failure() is None
        os.kill(emulator.pid, signal.SIGKILL)
        assert "was killed by SIGKILL" in until(emulator.failure)
        _, alive = psutil.wait_procs(processes, timeout=0)
        assert alive == []
        assert not emulator.folder.exists()


def test_a_server_that_is_slow_to_lead_its_group_is_not_left_behind(tmp_path: Path) -> None:
    slow = f"""
        import os, runpy, sys, time
        lead = os.setsid
        os.setsid = lambda: (time.sleep(0.3), lead())
        sys.argv = ["supervisor", {str(tmp_path / "folder")!r}, "2", "/bin/sleep", "60"]
        runpy.run_path({_SUPERVISOR.as_posix()!r}, run_name="__main__")
    """
    supervisor = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(slow)],
        stdin=subprocess.DEVNULL,  # its starter is gone at once
        stdout=subprocess.PIPE,
        check=False,
        text=True,
        timeout=20,
    )
    assert not psutil.pid_exists(int(supervisor.stdout))


@pytest.mark.parametrize("victim", ["starter", "supervisor"])
def test_nothing_outlives_a_kill_9(victim: str) -> None:
    program = """
        import sys
        from backplane.local.emulator import Emulator
        with Emulator() as emulator:
            print(emulator.folder, flush=True)
            while emulator.failure() is None:
                sys.stdin.readline()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        folder = Path(starter.stdout.readline().strip())
        processes = family(psutil.Process(starter.pid))
        (supervisor,) = psutil.Process(starter.pid).children()
        os.kill(starter.pid if victim == "starter" else supervisor.pid, signal.SIGKILL)
    until(lambda: not any(process.is_running() for process in processes))
    until(lambda: not folder.exists())
