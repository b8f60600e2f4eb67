"""Exit code and error message of a command."""

from __future__ import annotations

import atexit
import errno
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from jem_tui import signals
from jem_tui.cli.messages import say
from jem_tui.cli.process_setup import prepare_process
from jem_tui.cli.terminal import attended_terminal
from jem_tui.errors import EXIT_CODES, JemError
from jem_tui.stream.fan_out import redirect_to_null

FAILED = EXIT_CODES["failed"]


def outcome(app: Callable[[list[str]], object], interruption: signals.Interruption) -> int:
    """Run the command of `sys.argv` in `app` and return its exit code. Only an exception that is a bug of the program propagates."""
    sys.unraisablehook = partial(_raised_in_callback, interruption)
    try:
        prepare_process()
        return _flushed(_exit_code(app))
    except JemError as error:
        say(str(error))
        return EXIT_CODES[error.reason]
    except KeyboardInterrupt:
        return EXIT_CODES["interrupted"]
    except BrokenPipeError:
        redirect_to_null(sys.stdout)
        return FAILED
    except OSError as error:
        redirect_to_null(sys.stdout)
        say(_sentence(error))
        return EXIT_CODES["refused"] if error.errno == errno.ENAMETOOLONG else FAILED
    except Exception:
        # A library may have wrapped the KeyboardInterrupt.
        if not interruption.received:
            raise
        return EXIT_CODES["interrupted"]


def last_handlers() -> None:
    """Register a function that ignores every signal while Python shuts down."""
    atexit.register(signals.ignore_all)


def _exit_code(app: Callable[[list[str]], object]) -> int:
    try:
        app(command_words(sys.argv[1:]))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED if ended.code else 0
    return 0


def command_words(words: list[str]) -> list[str]:
    """Return the words of the command line; without a command, those of the run browser if a user can see it."""
    return [*words, "browse"] if words in ([], ["--ascii"]) and attended_terminal() else words


def _flushed(code: int) -> int:
    """Flush stdout and stderr. Raises OSError if a successful command would lose part of its result."""
    try:
        sys.stdout.flush()
    except OSError:
        if code == 0:
            raise
        redirect_to_null(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        redirect_to_null(sys.stderr)
    return code


def _sentence(error: OSError) -> str:
    if error.filename is None:
        return f"The output cannot be written: {error.strerror or error}."
    return f"{os.fsdecode(error.filename)}: {error.strerror}"


def _raised_in_callback(interruption: signals.Interruption, raised: Any) -> None:
    """Exit if a KeyboardInterrupt was raised in a callback, where Python would print and ignore it."""
    if isinstance(raised.exc_value, KeyboardInterrupt):
        signals.leave_at_once(0)
    # An object whose construction was interrupted can raise when it is finalized.
    if not interruption.received:
        sys.__unraisablehook__(raised)
