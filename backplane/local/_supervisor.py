"""Keeps one command alive for as long as its starter lives, then removes every trace of it.

Run as a script by `backplane.local.emulator`, with the standard library alone, to start in milliseconds:

    python -I -S _supervisor.py FOLDER FD COMMAND...

It starts COMMAND, which inherits the listening socket FD, in a session of its own, prints its process id, and
waits until the command ends or standard input closes. A closed standard input is how it learns that its
starter is gone, even by SIGKILL and even on macOS, which has no parent-death signal. Then the command and all
that it started are killed, FOLDER is removed, and the exit status is the command's (128 + n after signal n).
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys

_REAP_SECONDS = 2
_PR_SET_CHILD_SUBREAPER = 36
"""https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html"""


def main(folder: str, listener: int, command: list[str]) -> int:
    """Supervise the command to its end; the exit status to leave with."""
    _adopt_orphans()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    child = _start(command)
    os.close(listener)
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
    status = _wait(child, woken)
    _kill(child)
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if status is None else status


def _start(command: list[str]) -> int:
    """The process of the command, once it leads its own group: before, killing that group would miss it."""
    started, starting = os.pipe()  # closed by exec, or by the end
    child = os.fork()
    if child:
        os.close(starting)
        os.read(started, 1)
        os.close(started)
        return child
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        os.execv(command[0], command)  # noqa: S606 - a list, never a shell
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error}\n")
    os._exit(127)


def _wait(child: int, woken: int) -> int | None:
    """The command's status, or None when it was the starter or a signal that ended the wait."""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        finished, status = os.waitpid(child, os.WNOHANG)
        if finished:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if 0 in ready or set(os.read(woken, 64)) != {signal.SIGCHLD}:
            return None


def _kill(child: int) -> None:
    """Kill the whole session of the command and collect what it leaves, so that not even a zombie stays."""
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # macOS answers EPERM for a group of zombies
        os.killpg(child, signal.SIGKILL)
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(_REAP_SECONDS)
    try:
        while True:
            os.waitpid(-1, 0)
    except (ChildProcessError, TimeoutError):
        signal.alarm(0)


def _give_up(*_: object) -> None:
    raise TimeoutError


def _adopt_orphans() -> None:
    """On Linux: become the parent of the command's orphaned children, else init's to collect."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
