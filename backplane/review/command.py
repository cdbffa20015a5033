"""`backplane review`: the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from backplane.errors import ConfigurationError

_STACK = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
WRONG = 2
GUARDED = 3
"""The exit status where something would be lost or opened that nobody has acknowledged."""

EPILOG = """\b
Examples:
  backplane review base.json head.json --guard
  pulumi preview --json > preview.json; backplane review preview.json
  backplane review base.json head.json --out comment.md --json > review.json

Exit status: 0 done, 2 wrong usage or a wrong file, 3 --guard found what nobody has acknowledged."""


def review(
    previews: Annotated[
        list[Path],
        typer.Argument(
            help="OLD NEW of `backplane preview --json`, or one of `pulumi preview --json`.",
            metavar="PREVIEW...",
            show_default=False,
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Write the Markdown there.", metavar="FILE")] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The stack's configuration, with the acknowledgements.",
            metavar="FILE",
            show_default="Pulumi.STACK.yaml of this project",
        ),
    ] = None,
    usage: Annotated[
        Path | None,
        typer.Option(
            help="YAML with other assumptions for the prices.",
            metavar="FILE",
            show_default="1,000 requests a day",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Whose prices.", metavar="REGION", show_default="the configuration's aws:region"),
    ] = None,
    *,
    guard: Annotated[
        bool, typer.Option("--guard", help="Exit 3 unless all that hurts is acknowledged.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with JSON on standard output.")] = False,
) -> None:
    """Say what a change does, as Markdown for a pull request, ranked by what can hurt.

    First data that would be lost, then access that widens, availability, money, and the rest in one folded
    list. Two previews of programs need no cloud; one of the engine compares with what is deployed. With
    --json the answer is JSON, and the Markdown goes to --out alone.
    """
    try:
        text, document, passes = _reviewed(previews, config, usage, region)
        if out is not None:
            _write(out, text)
    except ConfigurationError as error:
        _leave(str(error), WRONG)
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif out is None:
        typer.echo(text, nl=False)
    if guard and not passes:
        urns = document["guard"]["unacknowledged"]
        lines = document["errors"][:1] + [f"not acknowledged: {urn}" for urn in urns]
        _leave("\n".join(lines), GUARDED)


def register(app: typer.Typer) -> None:
    """Make it a command of the application."""
    app.command(epilog=EPILOG)(review)


def _reviewed(
    previews: list[Path], config: Path | None, usage: Path | None, region: str | None
) -> tuple[str, dict[str, Any], bool]:
    from backplane.review import prices, render, twin
    from backplane.review import review as reviews

    comparison = _compared(previews)
    given, source = _configuration(config, comparison.stack)
    settings = {**given, **comparison.config}
    from backplane.review.acknowledgements import KEY, REGION_KEY, parse

    # What the program is previewed with comes from the same file; the file is what a person reads.
    reasons = parse(given if KEY in given else settings, source)
    where = region or str(settings.get(REGION_KEY) or "")
    result = reviews.review(comparison, reasons, where, prices.usage(usage))
    return render.comment(result), twin.document(result), result.holds


def _compared(previews: list[Path]) -> Any:
    from backplane.review import compare
    from backplane.review.documents import Digest, Graph, load

    if len(previews) not in (1, 2):
        raise ConfigurationError(f"review takes one preview or two, got {len(previews)}")
    documents = [load(path) for path in previews]
    match documents:
        case [Digest() as digest]:
            return compare.digest(digest)
        case [Graph() as old, Graph() as new]:
            return compare.graphs(old, new)
        case [Graph() as graph]:
            raise ConfigurationError(
                f"{graph.source}: is a preview by `backplane preview`, which compares with nothing: "
                "give the one of the base branch before it"
            )
        case [*_, Digest() as digest] | [Digest() as digest, *_]:
            raise ConfigurationError(
                f"{digest.source}: is a preview by `pulumi preview`, which compares by itself: give it alone"
            )
        case _:
            raise ConfigurationError("review takes one preview or two")


def _configuration(file: Path | None, stack: str) -> tuple[dict[str, Any], str]:
    """The stack's configuration; without a project there may be none."""
    from backplane.review.acknowledgements import from_file

    if file is not None:
        return from_file(file), str(file)
    from backplane import project

    try:
        file = project.find_root() / f"Pulumi.{stack}.yaml"
    except ConfigurationError:
        return {}, "the preview's configuration"
    # The name comes from the preview: it must not lead elsewhere.
    if not _STACK.fullmatch(stack) or not file.is_file():
        return {}, "the preview's configuration"
    return from_file(file), file.name


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: can't be written: {error.strerror}") from None


def _leave(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(status)
