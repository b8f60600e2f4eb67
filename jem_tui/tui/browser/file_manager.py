"""Opening of a folder in the file manager of the desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.printable import printable


def open_in_file_manager(path: Path) -> None:
    """Open a folder in the file manager, in a process of its own. Raises InputError where there is none."""
    name = "open" if sys.platform == "darwin" else "xdg-open"
    command = shutil.which(name)
    desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if command is None or not desktop:
        raise InputError(
            f"There is no file manager to open {printable(str(path))}.", "Copy its path with {browser-copy}."
        )
    null = subprocess.DEVNULL
    try:
        subprocess.Popen([command, str(path.absolute())], stdin=null, stdout=null, stderr=null, start_new_session=True)
    except OSError as error:
        raise InputError(f"Could not start {name}: {error.strerror}.", "Copy the path with {browser-copy}.") from error
