"""The command as it is installed: what it prints, and what it leaves behind."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from e2e.running import COMMAND, Backend, Command, connected
from e2e.samples import PROFILE

pytestmark = pytest.mark.e2e

KEYS = {
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
OUTPUTS = {
    "apiUrl": r"http://127\.0\.0\.1:\d+/_aws/execute-api/\w+",
    "websocketUrl": r"ws://127\.0\.0\.1:\d+/_aws/execute-api/\w+/\w+",
    "userPoolId": r"eu-west-1_\w+",
    "userPoolClientId": r"\w+",
    "notificationsTopicArn": r"arn:aws:sns:eu-west-1:\d{12}:notifications-[0-9a-f]{7}",
    "alertsTopicArn": r"arn:aws:sns:eu-west-1:\d{12}:alerts-[0-9a-f]{7}",
    "dashboardUrl": r"https://eu-west-1\.console\.aws\.amazon\.com/cloudwatch/.+",
}


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    found = Command(COMMAND, "site-communications", tmp_path / "temporary")
    yield found
    found.close()


def test_an_interrupt_leaves_no_process_no_file_and_no_listener(command: Command) -> None:
    backend = Backend("site-communications", json.loads(command.line()), command)
    person = backend.person()
    assert person.post("/users", PROFILE).status == 201
    with connected(person.websocket_url, person.token) as open_until_the_end:
        open_until_the_end.send('{"action":"ping"}')
        assert open_until_the_end.recv(timeout=10)
        processes = command.processes()
        assert len(processes) >= 4, "the command, the server and its supervisor, workers of functions"
        assert any(command.folder.iterdir())
        assert command.stop(signal.SIGINT) == (0, "")
    assert [process for process in processes if process.is_running()] == []
    assert list(command.folder.iterdir()) == []
    address = urlsplit(backend.summary["endpoint"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5)
    assert "Traceback" not in command.errors()


def test_the_summary_keeps_its_contract(backend: Backend) -> None:
    summary = backend.summary
    assert set(summary) == KEYS
    assert summary["backend"] == "site-communications"
    assert (summary["environment"], summary["tenant"], summary["region"]) == ("dev", "e2e", "eu-west-1")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", summary["endpoint"])
    assert summary["resources"] > 100
    assert summary["notEmulated"]
    assert all(isinstance(entry, str) for entry in summary["notEmulated"])
    assert summary["seconds"]["total"] > 0
    assert all(isinstance(value, int | float) for value in summary["seconds"].values())


def test_the_outputs_are_exactly_the_documents(backend: Backend) -> None:
    assert set(backend.outputs) == set(OUTPUTS)
    for name, form in OUTPUTS.items():
        assert re.fullmatch(form, backend.outputs[name]), name


def test_the_outputs_name_what_exists(backend: Backend) -> None:
    topics = [topic["TopicArn"] for topic in backend.client("sns").list_topics()["Topics"]]
    assert {backend.outputs["notificationsTopicArn"], backend.outputs["alertsTopicArn"]} <= set(topics)
    client = backend.cognito.describe_user_pool_client(
        UserPoolId=backend.pool, ClientId=backend.outputs["userPoolClientId"]
    )["UserPoolClient"]
    assert "ClientSecret" not in client
    name = backend.outputs["dashboardUrl"].rpartition("/")[2]
    assert backend.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
