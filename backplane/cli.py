"""The `backplane` command."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from backplane import project as projects
from backplane.errors import ConfigurationError, ProgramFailed
from backplane.local.emulator import DEFAULT_PORT, EmulatorError
from backplane.progress import Progress, Result
from backplane.review import command as reviews

_STARTED = time.perf_counter()
_FAILED, _WRONG, _INTERRUPTED = 1, 2, 130

_EXIT = "Exit status: 0 done, 1 the program or a resource failed, 2 wrong usage or configuration."


def _examples(*lines: str) -> str:
    """The end of a command's help; a backspace makes click keep the lines apart."""
    return "\n\n".join(["\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines), _EXIT])


app = typer.Typer(
    help="A whole serverless backend on this machine, from an unchanged Pulumi program.",
    epilog=_EXIT,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Backend = Annotated[
    str | None, typer.Argument(help="Which backend; `backplane list` shows them.", show_default="the file's")
]
Environment = Annotated[str, typer.Option("--env", help="Whose Pulumi.ENV.yaml is read.", metavar="ENV")]
Tenant = Annotated[
    str | None, typer.Option(help="Whose backend it is.", metavar="NAME", show_default="the file's")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--config", "-c", help="A key that comes before the file's; may be repeated.", metavar="KEY=VALUE"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON on standard output.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0 is any free port.")]


@app.command(
    epilog=_examples(
        "backplane up site-communications",
        "backplane up site-communications --env dev --tenant acme --port 0 --json",
        "backplane up asset-api --config language=typescript",
        "backplane up --watch",
    )
)
def up(
    backend: Backend = None,
    environment: Environment = "dev",
    tenant: Tenant = None,
    port: Port = DEFAULT_PORT,
    config: Settings = None,
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow saved files.")] = False,
) -> None:
    """Run a backend on this machine until Ctrl-C or SIGTERM, and leave nothing behind.

    The stack program runs unchanged, against an emulator that enforces IAM. With --watch a saved handler is
    live within two seconds, and a changed program starts the backend afresh; what doesn't work is shown, and
    the last good one goes on serving. With --json one line is printed each time the backend is reachable.
    """
    from backplane import up as ups

    overrides, given = _overrides(backend, tenant, config or [])
    arguments = _arguments(backend, environment, tenant, config or [])
    options = ups.Options(overrides, given, arguments, environment, port, as_json=as_json, watch=watch)
    result, progress = Result(), Progress(_STARTED)
    try:
        _guarded(lambda: ups.up(options, progress, result))
    except ups.Stopped:
        _leave(_INTERRUPTED)
    except ups.Again as again:
        result.give_back()
        _become("up", "--port", str(again.port), "--watch", *(["--json"] if as_json else []), *arguments)
    _leave(0)


@app.command(
    epilog=_examples(
        "backplane preview site-communications",
        "backplane preview site-communications --env prod --json > graph.json",
    )
)
def preview(
    backend: Backend = None,
    environment: Environment = "dev",
    tenant: Tenant = None,
    config: Settings = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what a backend consists of. Nothing is created, built, written or asked of AWS.

    The program runs as under `pulumi preview`: what only AWS can know is {"unknown": true} in the JSON, what
    is secret {"secret": true}, and files are shown by their hash.
    """
    overrides, given = _overrides(backend, tenant, config or [])
    result = Result()

    def show() -> None:
        project = projects.load(projects.find_root(), environment, overrides)
        projects.check(project, given)
        from backplane import preview as previews

        engine = previews.preview(project)
        for severity, message in engine.messages:
            Progress().say(f"{severity}: {message}")
        result.write(previews.as_json(project, engine) if as_json else previews.as_text(engine))

    _guarded(show)
    _leave(0)


@app.command(
    epilog=_examples(
        "backplane graph site-communications --out site-communications.svg",
        "backplane graph asset-api --env prod > asset-api.svg",
    )
)
def graph(
    backend: Backend = None,
    environment: Environment = "dev",
    tenant: Tenant = None,
    config: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it there.", metavar="FILE.svg", show_default="standard output")
    ] = None,
) -> None:
    """Draw a backend's architecture as SVG: its components, and who calls, reads and writes what.

    It is drawn from the same graph as a preview. Functions with one way in and the same targets share a box;
    their verbs are those that their links allow. The picture is readable on light and dark pages.
    """
    overrides, given = _overrides(backend, tenant, config or [])
    result = Result()

    def draw() -> None:
        project = projects.load(projects.find_root(), environment, overrides)
        projects.check(project, given)
        from backplane.picture.draw import picture

        text = picture(project)
        if out is None:
            result.write(text.removesuffix("\n"))
            return
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{out}: can't be written: {error.strerror}") from None

    _guarded(draw)
    _leave(0)


@app.command(
    epilog=_examples(
        'curl -H "Authorization: Bearer $(backplane token)" ...',
        "backplane token --user ada@example.com --group admin",
    )
)
def token(
    user: Annotated[str, typer.Option(help="Its e-mail address.", metavar="EMAIL")] = "demo@example.com",
    group: Annotated[list[str] | None, typer.Option(help="A group to be in; may be repeated.")] = None,
    password: Annotated[
        str | None, typer.Option(help="Its password from now on, to sign in to a site; unset, a random one.")
    ] = None,
    environment: Environment = "dev",
    port: Port = DEFAULT_PORT,
) -> None:
    """Print an access token of a user of the backend that runs here, who is created if need be."""

    def show() -> None:
        region = projects.load(projects.find_root(), environment, {}).region
        from backplane import token as tokens

        try:
            answer = tokens.access_token(
                port=port, region=region, user=user, groups=group or [], password=password
            )
        except tokens.TokenError as error:
            _fail(str(error), _FAILED)
        typer.echo(answer)

    _guarded(show)


@app.command("list", epilog=_examples("backplane list"))
def list_() -> None:
    """List the backends and the environments of this project."""

    def show() -> None:
        root = projects.find_root()
        sys.path.insert(0, str(root))
        from stacks import settings

        width = max(len(name) for name in settings.BACKENDS)
        for name, summary in settings.BACKENDS.items():
            typer.echo(f"{name:<{width}}  {summary}")
        typer.echo(f"environments: {', '.join(projects.environments(root))}")

    _guarded(show)


reviews.register(app)


def main() -> None:
    """Run the command line."""
    # Evaluating a program makes many objects and little garbage: collecting less often takes a third off.
    gc.set_threshold(100_000, 50, 100)
    app(prog_name="backplane")


@app.callback(invoke_without_command=True)
def _root(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"backplane {version_of('backplane')}")
        raise typer.Exit


def _overrides(
    backend: str | None, tenant: str | None, config: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What the command line says before the file, and which option said it."""
    named: dict[str, tuple[str, str]] = {}
    for entry in config:
        key, equals, value = entry.partition("=")
        if not key or not equals:
            _fail(f"--config takes KEY=VALUE, such as language=typescript; got {entry!r}", _WRONG)
        named[key if ":" in key else f"{projects.NAMESPACE}:{key}"] = ("--config", value)
    for key, option, chosen in (("backend", "BACKEND", backend), ("tenant", "--tenant", tenant)):
        if chosen is not None:
            named[f"{projects.NAMESPACE}:{key}"] = (option, chosen)
    return (
        {key: value for key, (_, value) in named.items()},
        {key: option for key, (option, _) in named.items()},
    )


def _guarded(work: Callable[[], None]) -> None:
    """Do the work; say what went wrong, and leave with the status for it."""
    try:
        work()
    except ConfigurationError as error:
        _fail(str(error), _WRONG)
    except (EmulatorError, ProgramFailed) as error:
        _fail(str(error), _FAILED)


def _fail(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    _leave(status)


def _leave(status: int) -> NoReturn:
    """Exit at once: a program that failed or was interrupted has threads that would be waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _arguments(
    backend: str | None, environment: str, tenant: str | None, config: Sequence[str]
) -> tuple[str, ...]:
    """What names the stack on the command line of any command."""
    chosen = ["--env", environment]
    for entry in config:
        chosen += ["--config", entry]
    chosen += ["--tenant", tenant] if tenant is not None else []
    chosen += ["--", backend] if backend is not None else []
    return tuple(chosen)


def _become(*arguments: str) -> NoReturn:
    """Be a fresh process of the same command: modules that are imported can't be taken back."""
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, sys.argv[0], *arguments])  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
