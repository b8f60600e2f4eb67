"""The private folder of sockets, and the check that both ends of a connection belong to the same user."""

from __future__ import annotations

import errno
import os
import re
import secrets
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

NAME = "jem-tui"
SUFFIX = ".sock"
MOST_PATH = 103 if sys.platform == "darwin" else 107
"""Maximum bytes of the path of a socket."""
HAS_SOCKETS = hasattr(socket, "AF_UNIX") and hasattr(os, "getuid")
"""True on systems with Unix sockets and users."""
_CREDENTIALS = struct.Struct("3i")
_BACKLOG = 128
_NAME_OF_SOCKET = re.compile(rf"\d+-[0-9a-f]{{8}}\{SUFFIX}", re.ASCII)


def socket_folders() -> list[Path]:
    """Return the folders in which this user's sockets may be, the preferred folder first. They need not exist."""
    if not HAS_SOCKETS:
        return []
    user = os.getuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folders = [Path(runtime, NAME)] if runtime and Path(runtime).is_absolute() else []
    # A job of a cluster or of cron lacks the variable that a login has
    folders += [
        Path(f"/run/user/{user}", NAME),
        Path(tempfile.gettempdir(), f"{NAME}-{user}"),
        Path(f"/tmp/{NAME}-{user}"),
    ]
    return list(dict.fromkeys(folders))


def private_folders() -> Iterator[Path]:
    """Yield the existing folders of sockets that only this user can enter."""
    return (folder for folder in socket_folders() if is_private(folder))


def is_private(folder: Path) -> bool:
    """Return whether a folder, not a link to one, belongs to this user and is closed to all others."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def has_name_of_socket(path: Path) -> bool:
    """Return whether a path is one of those that `new_socket_path` returns, in any runtime folder or folder of temporary files."""
    folders = {folder.name for folder in socket_folders()}
    return path.parent.name in folders and _NAME_OF_SOCKET.fullmatch(path.name) is not None


def new_socket_path() -> Path:
    """Return an unused path in a private folder, which is created. Raises OSError where none can be had."""
    name = f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
    for folder in socket_folders():
        if len(os.fsencode(folder / name)) > MOST_PATH:
            continue
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
        if is_private(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder / name
    raise OSError(errno.EACCES, "no private folder for sockets can be created")


def listening_socket(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, without blocking. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def is_own_peer(connection: socket.socket) -> bool:
    """Return whether the process at the other end runs as this user; True where the system cannot say, as the folder is private."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    try:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return False
    return bool(_CREDENTIALS.unpack(credentials)[1] == os.geteuid())
