"""Commands that reach a run on another machine: their standard streams speak the protocol of a viewer.

The first connection is made before the screen, so that ssh can ask for a password on the terminal. A reconnection cannot ask.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jem_tui.errors import InputError
from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.stream.attach.connect import ByteStream

SCHEME = "ssh://"
REMOTE_VARIABLE = "JEM_TUI_REMOTE"
"""Variable with the command that starts this program on another machine."""
BRIDGE = "bridge"
REJOIN = "--rejoin"
"""Option of a bridge that is built again."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?\]")
"""The form of names of hosts and users. Others could be options of ssh, or code in a command of its configuration."""
UNKNOWN_COMMAND = 127
"""Exit code of a shell that does not find a command."""
NOT_FOUND = f"If jem-tui is not on the PATH there, pass its path by --remote-command or {REMOTE_VARIABLE}."
MOST_QUOTED = 60
"""Maximum number of bytes that are quoted of an unexpected output."""
_EXAMPLE = "Write ssh://[USER@]HOST[:PORT]/PATH, such as ssh://gpu7/home/me/runs/a."


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """A command whose standard streams are connected to a run."""

    first: tuple[str, ...]
    """Words of the first connection."""
    again: Callable[[str], tuple[str, ...]]
    """Returns the words of a reconnection, which can ask the user nothing, to the run in a folder; "" for the run of the first words."""
    host: str
    """The machine of the run, or the program that reaches it."""


def ssh_command(address: str, remote: str = "") -> RemoteCommand:
    """Return the command for `ssh://[USER@]HOST[:PORT]/PATH`. Raises InputError for other addresses.

    `remote` starts this program on the other machine; it is passed to the shell there without changes. The path is quoted. A path
    that begins with `/~/` is relative to the home folder there, and without a path the only live run is meant.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InputError(f"{printable(address)} is not an address.", _EXAMPLE) from None
    login, _, host = parts.netloc.rpartition("@")
    host = host if port is None else host.removesuffix(f":{port}")
    if not _NAME.fullmatch(host) or (login and not _NAME.fullmatch(login)) or parts.query or parts.fragment:
        raise InputError(f"{printable(address)} is not an address of a run.", _EXAMPLE)
    path = unquote(parts.path)
    path = path.removeprefix("/") if path.startswith("/~/") or path == "/" else path
    options = ["-T"] if port is None else ["-T", "-p", str(port)]
    target = f"{login}@{host.strip('[]')}" if login else host.strip("[]")
    return RemoteCommand(
        ("ssh", *options, "--", target, bridge_line(path, remote)),
        lambda folder: (
            *("ssh", "-o", "BatchMode=yes", *options, "--", target),
            bridge_line(folder or path, remote, REJOIN),
        ),
        host.strip("[]"),
    )


def bridge_line(path: str, remote: str, *options: str) -> str:
    """Return the line for the shell of the other machine."""
    return f"{remote or own_name()} {shlex.join(bridge_arguments(path, *options))}"


def own_name() -> str:
    """Return the command that starts this program on another machine: that of `JEM_TUI_REMOTE`, or its usual name."""
    return os.environ.get(REMOTE_VARIABLE) or "jem-tui"


def bridge_arguments(path: str, *options: str) -> list[str]:
    """Return the arguments of the bridge for a path, which may begin with a hyphen."""
    return [BRIDGE, *options, *(["--"] if path.startswith("-") else []), *([path] if path else [])]


def via_command(command: str, path: str, remote: str = "") -> RemoteCommand:
    """Return the words of `--via`: `command` itself if it names the bridge, else with the bridge of `path` appended.

    Raises InputError for a command that is empty, ends within quotes, or names a run although `path` does as well.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"--via cannot be read: {str(error).lower()}.", "Close every quotation mark.") from None
    if not words:
        raise InputError("--via is empty.", 'Pass a command, such as --via "kubectl exec -i POD --".')
    name = PurePath(words[0]).name
    if BRIDGE not in words:
        words += shlex.split(remote or own_name())
        return RemoteCommand(
            (*words, *bridge_arguments(path)),
            lambda folder: (*words, *bridge_arguments(_plain(folder) or path, REJOIN)),
            name,
        )
    if path and words[-1] != BRIDGE:
        raise InputError(f"The run is given twice, in --via and as {printable(path)}.", "Pass it once.")
    if path:
        words += bridge_arguments(path)[1:]
    first = tuple(words)
    names_run = words[-1] != BRIDGE
    return RemoteCommand(first, lambda folder: first if names_run or not _plain(folder) else (*first, folder), name)


def _plain(folder: str) -> str:
    """Return the folder that a run states, "" where a shell on the way could take a part of it for code."""
    return folder if folder and shlex.quote(folder) == folder else ""


class RemoteConnections:
    """Connections to a run on another machine: the first one, which may ask for a password, and those that replace it."""

    def __init__(self, command: RemoteCommand) -> None:
        self._command = command
        self._first: ByteStream | None = None

    def open(self) -> None:
        """Make the first connection, which may ask for a password. Raises InputError with the error output of the command."""
        self._first = _answering(self._command.first)

    def connect(self, folder: str) -> ByteStream:
        """Return the first connection, and at every later call a new one to the run in `folder`. Raises JemError or OSError."""
        from jem_tui.stream.attach.connect import connect_process

        first, self._first = self._first, None
        return first or connect_process(self._command.again(folder))


def _answering(words: Sequence[str]) -> ByteStream:
    """Start a command and wait for the first bytes of the bridge."""
    from jem_tui.stream.attach.answered_stream import AnsweredStream
    from jem_tui.stream.attach.connect import connect_process

    stream = connect_process(words, asks=True)
    try:
        answer = _first_bytes(stream)
        if not answer:
            cause = stream.end_cause() or f"{printable(words[0])} ended without an answer"
            hint = NOT_FOUND if f"exit code {UNKNOWN_COMMAND}" in cause else ""
            raise InputError(f"The run cannot be reached: {cause.rstrip('.')}.", hint)
        refuse_other_output(words, answer)
    except BaseException:
        stream.close()
        raise
    return AnsweredStream(stream, answer)


def _first_bytes(stream: ByteStream) -> bytes:
    """Wait for bytes, however long the user takes to enter a password."""
    while True:
        with suppress(TimeoutError):
            return stream.read()


def refuse_other_output(words: Sequence[str], answer: bytes) -> None:
    """Raise InputError if the first bytes of a command are not those of a bridge."""
    from jem_tui.stream.attach.messages import Pong, pack_message

    expected = pack_message(Pong())
    if answer[: len(expected)] != expected[: len(answer)]:
        text = printable(answer[:MOST_QUOTED].decode("utf-8", "replace").strip())
        raise InputError(
            f"{printable(words[0])} printed “{text}” instead of the answer of jem-tui bridge.",
            "Programs and shell start-up files on the way must not print to stdout.",
        )
