"""What a person sees when a command fails: one sentence on stderr, and the exit status. Never a traceback.

What nobody foresaw is written with its traceback to `errors.log` in the data directory.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from texting.startup_error import StartupError
from texting.stopping import Stopped

LOG = "errors.log"
FAILED, INTERRUPTED = 1, 130

folder: ContextVar[Path | None] = ContextVar("data directory of this run", default=None)
"""Where `errors.log` goes; a command that has read its settings sets it."""


def guarded(command: Callable[[], None]) -> int:
    """Run the command line; give the exit status. A `SystemExit` of its own goes through."""
    try:
        command()
    except StartupError as error:
        return _told(str(error))
    except (Stopped, KeyboardInterrupt):
        return _told("interrupted: what was committed stays", INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe went away; nothing more can be written there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - whatever it is, a person is told one sentence
        return _told(_unforeseen(error))
    return 0


def _told(sentence: str, status: int = FAILED) -> int:
    print(f"texting: {sentence}", file=sys.stderr)  # noqa: T201 - what a command says
    return status


def _unforeseen(error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    what = f"something failed inside (`{type(error).__name__}{': ' if said else ''}{said}`)"
    place = folder.get()
    if place is None:
        return f"{what}: send this line to the people who run this service"
    try:
        kept = _keep(error, place / LOG)
    except OSError:
        return f"{what}, and `{place / LOG}` cannot be written: send this line to the people who run this service"
    return f"{what}: `{kept}` says where"


def _keep(error: Exception, path: Path) -> Path:
    # What fails before the data directory is made is explained there too.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[1:2])}\n")
        file.writelines(traceback.format_exception(error))
    return path
