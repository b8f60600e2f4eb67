"""The end of a command: its exit code, and one sentence for what went wrong."""

from __future__ import annotations

import atexit
import errno
import os
import sys
from functools import partial
from typing import Any

from jem_tui import signals
from jem_tui.cli.application import app
from jem_tui.cli.messages import say
from jem_tui.cli.process_setup import prepare_process
from jem_tui.errors import EXIT_CODES, JemError
from jem_tui.stream.fan_out import drop

FAILED = EXIT_CODES["failed"]


def outcome(interruption: signals.Interruption) -> int:
    """Run the command that `sys.argv` names and return its exit code. Only a fault of the program itself is raised."""
    sys.unraisablehook = partial(_raised_in_callback, interruption)
    try:
        prepare_process()
        return _flushed(_exit_code())
    except JemError as error:
        say(str(error))
        return EXIT_CODES[error.reason]
    except KeyboardInterrupt:
        return EXIT_CODES["interrupted"]
    except BrokenPipeError:
        drop(sys.stdout)
        return FAILED
    except OSError as error:
        drop(sys.stdout)
        say(_sentence(error))
        return EXIT_CODES["refused"] if error.errno == errno.ENAMETOOLONG else FAILED
    except Exception:
        # a library may have wrapped the KeyboardInterrupt
        if not interruption.heard:
            raise
        return EXIT_CODES["interrupted"]


def last_handlers() -> None:
    """Register a function that ignores every signal while Python shuts down."""
    atexit.register(signals.ignore_all)


def _exit_code() -> int:
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED if ended.code else 0
    return 0


def _flushed(code: int) -> int:
    """Write what is still in memory. Raises OSError where that would hide that a result was lost."""
    try:
        sys.stdout.flush()
    except OSError:
        if code == 0:
            raise
        drop(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)
    return code


def _sentence(error: OSError) -> str:
    if error.filename is None:
        return f"The output cannot be written: {error.strerror or error}."
    return f"{os.fsdecode(error.filename)}: {error.strerror}"


def _raised_in_callback(interruption: signals.Interruption, raised: Any) -> None:
    """Leave where a KeyboardInterrupt was raised in a callback, which Python would print and forget."""
    if isinstance(raised.exc_value, KeyboardInterrupt):
        signals.leave_at_once(0)
    # objects that were interrupted while they were made complain when they are removed
    if not interruption.heard:
        sys.__unraisablehook__(raised)
