"""The process of a script."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.launch.console_log import ConsoleLog
from jem_tui.printable import printable
from jem_tui.stream.attach.door_file import ANNOUNCE_VARIABLE, DoorFile, read_door_file

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
"""Signals that end a script, in the order in which they are sent."""
OF_SIGNAL = 128
"""Added to the number of a signal for the exit code of a script that it has ended, as shells do."""


class Script:
    """A script in a session of its own, which no key of the terminal and no loss of the terminal reaches; its stdin is empty."""

    def __init__(self, words: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Start the command `words` with additional environment variables. Raises InputError where it cannot be started."""
        self.name = printable(shlex.join(words))
        self.is_own = False
        """True if the script is a training run of this program, whose exit code says nothing that its run has not recorded."""
        self.log = _open_log()
        self._folder = tempfile.TemporaryDirectory(prefix="jem-tui-watch-")
        self._announced = Path(self._folder.name, "door.json")
        environment = {ANNOUNCE_VARIABLE: str(self._announced), "PYTHONUNBUFFERED": "1", **(variables or {})}
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=self.log.fileno(),
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self.log.close().unlink(missing_ok=True)
            self._folder.cleanup()
            raise _cannot_start(words, error) from error
        self._interruptions = iter(INTERRUPTIONS)

    @property
    def exit_code(self) -> int | None:
        """The exit code; 128 + n after a death by signal n, None while the script runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else OF_SIGNAL - code

    def wait(self, seconds: float) -> None:
        """Wait for the end of the script for at most some seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    @property
    def door(self) -> DoorFile | None:
        """The door of the newest run that the script has begun."""
        return read_door_file(self._announced)

    def interrupt(self) -> None:
        """Send the next of `INTERRUPTIONS` to the script and the processes that it has started."""
        number = next(self._interruptions, signal.SIGKILL)
        if self._process.poll() is None:
            with suppress(OSError):
                os.killpg(self._process.pid, number)

    def close(self) -> Path:
        """Remove temporary files after the end of the script, and return the file with its output."""
        self._folder.cleanup()
        return self.log.close()


def _open_log() -> ConsoleLog:
    try:
        return ConsoleLog()
    except OSError as error:
        raise InputError(
            f"The output of the script cannot be kept: {error.strerror}.",
            "Free space in the folder of temporary files.",
        ) from error


def _cannot_start(words: Sequence[str], error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    python = words[0].endswith(".py")
    hint = f"Write jem-tui watch -- python {shlex.join(words)}." if python else "Check its name and its permissions."
    return InputError(f"Could not start {printable(words[0])}: {reason}.", printable(hint))
