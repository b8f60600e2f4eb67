"""The socket at which a run listens, and the files that name it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jem_tui.printable import printable
from jem_tui.stream.attach.door_file import DOOR_FILE, DoorFile, live_doors, remove_door, write_door
from jem_tui.stream.attach.frames import PROTOCOL
from jem_tui.stream.attach.socket_folder import listening_socket, new_socket_path


class PublishedAddress:
    """A listening socket, named by `door.json` in the run folder, by a copy next to the socket, and by the file `announce`."""

    def __init__(self, run_dir: Path, announce: Path | None, report: Callable[[str], None]) -> None:
        """Prepare an address. Sentences for the user about files that cannot be written are passed to `report`."""
        self._run_dir = run_dir
        self._announce = announce
        self._report = report
        self._file: DoorFile | None = None

    def publish(self) -> socket.socket:
        """Listen at a new address and return the socket, which the caller closes. Raises OSError if no process could attach."""
        path = new_socket_path()
        listener = listening_socket(path)
        file = DoorFile(PROTOCOL, socket.gethostname(), str(path), os.getpid(), str(self._run_dir), time.time())
        try:
            write_door(file, file.copy_path)
        except OSError:
            listener.close()
            path.unlink(missing_ok=True)
            raise
        self._file = file
        if self._announce is not None:
            _announce(file, self._announce)
        # Removes what ended processes have left
        live_doors()
        return listener

    @property
    def is_lost(self) -> bool:
        """True if the socket was removed, as by the end of the user's last login on the machine, which removes the runtime folder."""
        return self._file is not None and not Path(self._file.socket).exists()

    def write_into_run_folder(self) -> None:
        """Write the address into the run folder. A folder that cannot be written is reported."""
        if self._file is None:
            return
        try:
            write_door(self._file, self._run_dir / DOOR_FILE)
        except OSError as error:
            where = printable(str(self._run_dir))
            self._report(
                f"{DOOR_FILE} cannot be written to {where}: {error.strerror}. jem-tui attach finds this run only on this machine."
            )

    def remove(self) -> None:
        """Remove the socket and its files; safe in a signal handler, and without effect in a forked child."""
        file, self._file = self._file, None
        if file is not None and file.pid == os.getpid():
            remove_door(file)


def _announce(file: DoorFile, path: Path) -> None:
    """Write the address for a launcher. A folder or a device, such as /dev/null, is not replaced by a file."""
    with suppress(OSError):
        if path.is_file() or not path.exists():
            write_door(file, path)
