"""The address of a live run: `door.json` in the run folder, and a copy next to the socket for the list of live runs."""

from __future__ import annotations

import json
import os
import shlex
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from stat import S_ISSOCK
from typing import Any

from jem_tui.atomic_file import replace_file
from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.stream.attach.socket_folder import (
    HAS_SOCKETS,
    SUFFIX,
    has_name_of_socket,
    is_own_peer,
    is_private,
    private_folders,
)
from jem_tui.stream.runs.json_file import read_json

DOOR_FILE = "door.json"
ANNOUNCE_VARIABLE = "JEM_TUI_ANNOUNCE"
"""The environment variable with the path of a file to which the address of the door is also written, for a launcher."""
_MOST_TEXT = 4096
_PATIENCE = 0.5
"""Seconds to wait for a connection to a socket of this machine."""


@dataclass(frozen=True, slots=True)
class DoorFile:
    """The address at which a run can be joined."""

    protocol: tuple[int, int]
    host: str
    """Name of the machine of the run."""
    socket: str
    """Absolute path of the socket on that machine."""
    pid: int
    """Process that trains."""
    run_dir: str
    """Absolute path of the run folder on that machine."""
    opened: float
    """Unix time at which the door was opened."""

    @property
    def is_here(self) -> bool:
        """True if the run is on this machine."""
        return self.host == socket.gethostname()

    @property
    def copy_path(self) -> Path:
        """The copy next to the socket."""
        return Path(self.socket).with_suffix(".json")


def write_door(door: DoorFile, path: Path) -> None:
    """Write a door file to `path`. Raises OSError."""
    replace_file(path, (json.dumps(asdict(door), indent=2) + "\n").encode())


def remove_door(door: DoorFile) -> None:
    """Remove the socket and both files of a door; the file of another door in the same run folder stays."""
    own = Path(door.run_dir, DOOR_FILE)
    if read_door_file(own) == door:
        _remove(own)
    _remove(door.copy_path)
    _remove(Path(door.socket))


def read_door(run_dir: Path) -> DoorFile | None:
    """Return the door of the run in a folder, live or not; None if there is none.

    A run that could not write into its folder is found among the sockets of this machine.
    """
    door = read_door_file(run_dir / DOOR_FILE)
    if door is not None and (not door.is_here or is_live(door)):
        return door
    same = (other for other in live_doors() if other.run_dir == str(run_dir.resolve()))
    return next(same, door)


def live_door(run_dir: Path) -> DoorFile:
    """Return the door of the live run in a folder. Raises InputError where no run can be joined."""
    door = read_door(run_dir)
    shown = printable(str(run_dir))
    if door is not None and not door.is_here:
        # The user may paste this into a shell
        where = shlex.quote(printable(f"ssh://{door.host}{door.run_dir}"))
        raise InputError(f"The run is live on {printable(door.host)}; use jem-tui attach {where}.")
    if door is None or not is_live(door):
        raise InputError(f"There is no live run in {shown}.", f"Replay its recording with jem-tui replay {shown}.")
    return door


def live_doors() -> list[DoorFile]:
    """Return the doors of this user's live runs on this machine, newest first. Files of ended processes are removed."""
    doors = []
    for folder in private_folders():
        for door in _doors_in(folder):
            if is_live(door):
                doors.append(door)
            elif door.is_here:
                remove_door(door)
    return sorted(doors, key=lambda door: door.opened, reverse=True)


def is_live(door: DoorFile) -> bool:
    """Return whether a process of this user on this machine listens at the door."""
    if not HAS_SOCKETS or not door.is_here or not is_own_socket(Path(door.socket)):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(door.socket)
        # A full backlog of a busy door
        except (BlockingIOError, TimeoutError):
            return True
        except OSError:
            return False
        return is_own_peer(connection)


def is_own_socket(path: Path) -> bool:
    """Return whether a path is a socket of a run in a private folder of this user.

    A door file of unknown origin may name the socket of any program.
    """
    if not has_name_of_socket(path):
        return False
    try:
        status = path.lstat()
    except (OSError, ValueError):
        return False
    return S_ISSOCK(status.st_mode) and status.st_uid == os.geteuid() and is_private(path.parent)


def _doors_in(folder: Path) -> Iterator[DoorFile]:
    """Yield the doors of a folder of sockets; a copy that names a socket of another folder is skipped."""
    with suppress(OSError):
        for path in sorted(folder.glob("*.json")):
            door = read_door_file(path)
            if door is not None and door.copy_path == path:
                yield door


def read_door_file(path: Path) -> DoorFile | None:
    """Return the content of a door file, live or not; None for a missing or damaged file."""
    try:
        return _checked(read_json(path))
    except (OSError, ValueError):
        return None


def _checked(content: Any) -> DoorFile:
    """Make a DoorFile of untrusted JSON. Raises ValueError."""
    if not isinstance(content, dict):
        raise ValueError("not an object")
    texts = [content.get(name) for name in ("host", "socket", "run_dir")]
    numbers = [content.get("pid"), content.get("opened"), *_pair(content.get("protocol"))]
    if not all(isinstance(text, str) and 0 < len(text) <= _MOST_TEXT and "\0" not in text for text in texts):
        raise ValueError("a malformed text")
    if not all(isinstance(number, int | float) and 0 <= number < 1 << 62 for number in numbers):
        raise ValueError("a malformed number")
    host, path, run_dir = map(str, texts)
    pid, opened, major, minor = numbers
    # Raises a ValueError for text that cannot be a path
    os.fsencode(path + run_dir)
    if Path(path).suffix != SUFFIX:
        raise ValueError("not a socket of this program")
    return DoorFile((int(major), int(minor)), host, path, int(pid), run_dir, float(opened))


def _pair(value: Any) -> list[Any]:
    return value if isinstance(value, list) and len(value) == 2 else [None]


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
