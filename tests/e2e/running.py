"""A backend that the `backplane` command runs, as a tool outside would start and use it."""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import psutil
from websockets.sync.client import ClientConnection, connect

from e2e.people import Person

ROOT = Path(__file__).parents[2]
COMMAND = [str(Path(sys.executable).with_name("backplane"))]
RECORDED_COMMAND = [sys.executable, str(Path(__file__).parent / "recording" / "command.py")]

PASSWORD = "Correct-Horse-7"
SUFFIX = re.compile(r"-[0-9a-f]{7}$")
"""What Pulumi appends to a name to make it a physical one."""


class Command:
    """A running `backplane up`, and all that may be left of it."""

    def __init__(self, command: list[str], backend: str, folder: Path, *config: str) -> None:
        self.folder = folder
        """Its temporary folder: empty again when it has ended well."""
        self.folder.mkdir()
        self.record = folder.with_suffix(".iam")
        self.record.touch()
        self._errors = folder.with_suffix(".log").open("w+")
        options = ["up", backend, "--env", "dev", "--tenant", "e2e", "--port", "0", "--json"]
        options += [f"--config={entry}" for entry in config]
        self._process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder), "IAM_RECORD": str(self.record)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def line(self) -> str:
        """What it prints when the backend is reachable."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it printed nothing:\n{self.errors()}"
        return line

    def errors(self) -> str:
        self._errors.flush()
        self._errors.seek(0)
        return self._errors.read()

    def processes(self) -> list[psutil.Process]:
        started = psutil.Process(self._process.pid)
        return [started, *started.children(recursive=True)]

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Ends it by a signal: its exit status, and what else it printed on standard output."""
        self._process.send_signal(number)
        rest, _ = self._process.communicate(timeout=30)
        return self._process.returncode, rest

    def close(self) -> None:
        """Ends it for good."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._errors.close()


@dataclass(frozen=True)
class Backend:
    """What runs, by the summary that the command printed."""

    name: str
    summary: Mapping[str, Any]
    command: Command

    @property
    def outputs(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.summary["outputs"]
        return found

    def client(self, service: str) -> Any:
        """A boto3 client with all rights."""
        return boto3.client(
            service,
            endpoint_url=self.summary["endpoint"],
            region_name=self.summary["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    @cached_property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    @cached_property
    def cognito(self) -> Any:
        return self.client("cognito-idp")

    @cached_property
    def iam(self) -> Any:
        return self.client("iam")

    # Tables

    @cached_property
    def tables(self) -> Mapping[str, str]:
        """The physical names of the tables, by their components' names."""
        pages = self.dynamodb.get_paginator("list_tables").paginate()
        return {SUFFIX.sub("", name): name for page in pages for name in page["TableNames"]}

    def items(self, table: str) -> list[dict[str, Any]]:
        """All that a table holds."""
        request = {"TableName": self.tables[table], "ConsistentRead": True}
        pages = self.dynamodb.get_paginator("scan").paginate(**request)
        return [item for page in pages for item in page["Items"]]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that the tables hold, to compare with later.

        Without the connections, whose rows go some time after the test that closed them.
        """
        return {
            table: sorted(self.items(table), key=str) for table in self.tables if "connection" not in table
        }

    # Functions and their roles

    @cached_property
    def functions(self) -> Mapping[str, Mapping[str, Any]]:
        """The configurations of the functions, by their components' names."""
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        found = [function for page in pages for function in page["Functions"]]
        return {SUFFIX.sub("", function["FunctionName"]): function for function in found}

    def role(self, function: str) -> str:
        arn: str = self.functions[function]["Role"]
        return arn.rpartition("/")[2]

    @contextmanager
    def denying(self, function: str, *actions: str, resource: str = "*") -> Iterator[None]:
        """Takes rights away from a function."""
        statement = {"Effect": "Deny", "Action": actions, "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        name, role = f"deny-{uuid.uuid4()}", self.role(function)
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
        try:
            yield
        finally:
            self.iam.delete_role_policy(RoleName=role, PolicyName=name)

    # People

    @property
    def pool(self) -> str:
        return self.outputs["userPoolId"]

    def person(self, *groups: str) -> Person:
        """A new user who has signed in."""
        name = f"{uuid.uuid4()}@example.com"
        created = self.cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}],
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True
        )
        for group in groups:
            self.cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=group)
        [user_id] = [entry["Value"] for entry in created["User"]["Attributes"] if entry["Name"] == "sub"]
        tokens = self.sign_in(name, self.outputs["userPoolClientId"])
        return Person(
            api_url=self.outputs["apiUrl"],
            websocket_url=self.outputs.get("websocketUrl", ""),
            user_id=user_id,
            token=tokens["AccessToken"],
            id_token=tokens["IdToken"],
            name=name,
        )

    def sign_in(self, name: str, client_id: str) -> dict[str, str]:
        answer = self.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        result: dict[str, str] = answer["AuthenticationResult"]
        return result

    def signing_key(self, use: str) -> bytes:
        """The key that the user pool signs tokens with; `use` is access or id."""
        [path] = self.command.folder.glob(f"**/cognito-pool-keys/{self.pool}-{use}.pem")
        return path.read_bytes()


def connected(url: str, token: str) -> AbstractContextManager[ClientConnection]:
    """A WebSocket that a `with` block opens with a token. The machine's proxies are none of its business."""
    return connect(f"{url}?token={token}", proxy=None, open_timeout=30, close_timeout=5)


def start(command: Command, name: str) -> Backend:
    """The backend, once it is reachable."""
    return Backend(name, json.loads(command.line()), command)
