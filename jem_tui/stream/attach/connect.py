"""Connections to the door of a run: a socket of this machine, or a command whose standard streams speak the protocol."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Thread
from typing import Protocol

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.stream.attach.socket_folder import is_own_peer

AT_ONCE = 1 << 18
"""Maximum bytes of one read."""
CONNECT_SECONDS = 5.0
"""Seconds after which a socket without an answer counts as dead."""
SILENT_SECONDS = 20.0
"""Seconds without a byte after which a connection counts as lost; a viewer sends a keep-alive request every few seconds."""
END_SECONDS = 2.0
"""Seconds that a command has to end once its output is closed."""
MOST_ERROR_OUTPUT = 2000
"""Bytes of a command's standard error that are kept, the last ones."""


class ByteStream(Protocol):
    """A connection in both directions."""

    def read(self) -> bytes:
        """Wait for bytes and return them; empty at the end of the connection. Raises OSError, also after `SILENT_SECONDS`."""
        ...

    def write(self, data: bytes) -> None:
        """Send all bytes. Raises OSError."""
        ...

    def end(self) -> None:
        """Interrupt a read or write of any thread that is under way."""
        ...

    def close(self) -> None:
        """Release the connection, on the thread that reads."""
        ...

    def end_cause(self) -> str:
        """Return why the connection has ended in a few words, "" if that is unknown."""
        ...


class SocketStream:
    """A connected Unix socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.settimeout(SILENT_SECONDS)

    def read(self) -> bytes:
        return self._socket.recv(AT_ONCE)

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def end(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()

    def end_cause(self) -> str:
        return ""


class ProcessStream:
    """A running command, whose standard streams are the connection."""

    def __init__(self, words: Sequence[str], process: Popen[bytes], *, leads_group: bool = True) -> None:
        """Take a started command; `leads_group` is True if its children are in a process group of its own."""
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._words = words
        self._process = process
        self._leads_group = leads_group
        self._input, self._output, self._errors = process.stdin, process.stdout, process.stderr
        self._ready = select.poll()
        self._ready.register(self._output, select.POLLIN)
        self._error_output = b""
        self._listener = Thread(target=self._listen, name="jem-command-errors", daemon=True)
        self._listener.start()

    def read(self) -> bytes:
        if not self._ready.poll(SILENT_SECONDS * 1000):
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        return os.read(self._output.fileno(), AT_ONCE)

    def write(self, data: bytes) -> None:
        try:
            self._input.write(data)
            self._input.flush()
        # The stream was closed meanwhile
        except ValueError as error:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error

    def end(self) -> None:
        """Kill the command with its children."""
        with suppress(ProcessLookupError, PermissionError):
            if self._leads_group:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        self.end()
        self._process.wait()
        self._listener.join(END_SECONDS)
        for stream in (self._input, self._output, self._errors):
            with suppress(OSError):
                stream.close()

    def end_cause(self) -> str:
        """Return the exit code and the last line that the command has written to its standard error; "" for a command that has succeeded."""
        try:
            code = self._process.wait(END_SECONDS)
        except TimeoutExpired:
            return ""
        if code == 0:
            return ""
        self._listener.join(END_SECONDS)
        lines = self._error_output.decode("utf-8", "replace").strip().splitlines()
        cause = f": {printable(lines[-1].strip())}" if lines else ""
        return f"{printable(self._words[0])} has ended with exit code {code}{cause}"

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            while data := os.read(self._errors.fileno(), AT_ONCE):
                self._error_output = (self._error_output + data)[-MOST_ERROR_OUTPUT:]


def connect_socket(path: Path) -> SocketStream:
    """Connect to the socket of a process of this user. Raises OSError."""
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connecting.settimeout(CONNECT_SECONDS)
        connecting.connect(str(path))
        if not is_own_peer(connecting):
            raise PermissionError(errno.EACCES, "the socket belongs to another user")
        return SocketStream(connecting)
    except BaseException:
        connecting.close()
        raise


def connect_process(words: Sequence[str], *, asks: bool = False) -> ProcessStream:
    """Start a command without a terminal, in a process group of its own. Raises InputError where it cannot be started.

    A command that `asks` stays in the group of this process, so that ssh can ask for a password on the terminal.
    """
    try:
        process = Popen(words, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=not asks)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"Could not start {printable(words[0])}: {reason}.", "Check its name.") from error
    return ProcessStream(words, process, leads_group=not asks)
