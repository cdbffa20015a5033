"""Runs a program, and says what a person needs to know when it fails."""

from __future__ import annotations

import traceback
from pathlib import Path

import pulumi

from backplane.errors import ProgramFailed
from backplane.local import program
from backplane.local.engine import Engine, ProgramError
from backplane.local.program import Deployment

_OWN = Path(__file__).resolve().parent


def evaluate(deployment: Deployment, engine: Engine, *, preview: bool) -> None:
    """Run the program to its end.

    Raises:
        ProgramFailed: it did not get there.
    """
    try:
        program.run_folder(deployment, engine, preview=preview)
    except (ProgramError, pulumi.RunError) as error:
        raise ProgramFailed(str(error)) from error
    except Exception as error:  # whatever a program may raise
        raise ProgramFailed(_explain(error, deployment)) from error
    except SystemExit as error:
        if error.code:
            raise ProgramFailed(f"the program ended with status {error.code}") from error


def _explain(error: Exception, deployment: Deployment) -> str:
    """The message, below the lines of the project that led there."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _of_project(frame.filename, deployment)
    ]
    where = "".join(traceback.format_list(frames))
    what = "".join(traceback.format_exception_only(error)).rstrip()
    return f"the program failed (most recent call last):\n{where}{what}" if where else what


def _of_project(file: str, deployment: Deployment) -> bool:
    """Whether a frame is the project's own: neither an installed package nor this command."""
    path = Path(deployment.folder, file).resolve()
    return (
        path.is_relative_to(deployment.root)
        and not path.is_relative_to(_OWN)
        and "site-packages" not in path.parts
        and path.is_file()
    )
