"""A small project on disk, with a program, a handler and checked configuration, for tests of the command."""

from pathlib import Path

SETTINGS = """
BACKENDS = {"hello": "says hello"}


def check(config, source):
    mistakes = []
    backend, tenant = config.get("backplane:backend"), config.get("backplane:tenant", "")
    if backend not in BACKENDS:
        mistakes.append(f"{source}: backplane:backend must be one of hello, got {backend!r}")
    if not tenant.islower():
        mistakes.append(f"{source}: backplane:tenant must be lower-case, got {tenant!r}")
    return mistakes
"""

PROGRAM = """
import pulumi
from components import Function, FunctionArgs, Route, ServerlessApi, ServerlessApiArgs

print("programs may print")
config = pulumi.Config("backplane")
hello = Function("hello", FunctionArgs(handler="handlers.hello.handler", environment={"WORD": "hello"}))
other = Function("other", FunctionArgs(handler="handlers.other.handler"))
routes = {"GET /hello": Route(function=hello, public=True), "GET /other": Route(function=other, public=True)}
api = ServerlessApi("api", ServerlessApiArgs(routes=routes))
pulumi.export("apiUrl", api.url)
pulumi.export("tenant", config.require("tenant"))
pulumi.export("password", config.require_secret("password"))
"""

HELLO = """
import os

WORD = os.environ["WORD"]


def handler(event, context):
    print("one line")
    return {"statusCode": 200, "body": WORD}
"""

OTHER = """
def handler(event, context):
    print("one line")
    return {"statusCode": 200, "body": "other"}
"""


def write(root: Path, program: str = PROGRAM) -> Path:
    """Write the project below `root`; the answer is its folder."""
    files = {
        "Pulumi.yaml": "name: backplane\nruntime: python\nmain: stacks/\n",
        "Pulumi.dev.yaml": (
            "encryptionsalt: v1:abc\n"
            "config:\n"
            "  aws:region: eu-west-1\n"
            "  backplane:backend: hello\n"
            "  backplane:tenant: demo\n"
            "  backplane:password:\n"
            "    secure: v1:def\n"
        ),
        "stacks/__init__.py": "",
        "stacks/settings.py": SETTINGS,
        "stacks/__main__.py": program,
        "handlers/__init__.py": "",
        "handlers/hello.py": HELLO,
        "handlers/other.py": OTHER,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root
