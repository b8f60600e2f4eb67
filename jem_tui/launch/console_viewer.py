"""A viewer that also displays the output of a script which another process has started."""

from __future__ import annotations

import codecs
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from jem_tui.events.run import Event
from jem_tui.events.viewing import Printed
from jem_tui.launch.console_log import CONSOLE_FILE
from jem_tui.regular_file import open_regular
from jem_tui.stream.attach.connect import ByteStream
from jem_tui.stream.attach.viewer import Viewer

MOST_AT_ONCE = 1 << 16
"""Bytes of past output that are displayed, and of one `Printed`."""


class ConsoleViewer(Viewer):
    """A viewer of a run of this machine, with the newest output of its script if the run folder holds it."""

    def __init__(
        self, connect: Callable[[], ByteStream], run_dir: Path, author: str = "", *, view_only: bool = False
    ) -> None:
        """Prepare a viewer with the arguments of `Viewer`, for a run of this machine."""
        super().__init__(connect, run_dir, author, view_only=view_only)
        self._path = run_dir / CONSOLE_FILE
        self._file: BinaryIO | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def received(self) -> Iterator[Event]:
        """Yield the newest output and the events of the run, without waiting."""
        text = ""
        with suppress(OSError, ValueError):
            text = self._decode(self._read())
        if text:
            yield Printed(step=0, images=0, time=time.time(), text=text)
        yield from super().received()

    def close(self, timeout: float) -> bool:
        """Leave the run as `Viewer.close` does."""
        if self._file is not None:
            self._file.close()
        return super().close(timeout)

    def _read(self) -> bytes:
        """Return the newest output. Raises OSError while there is none, and ValueError after `close`."""
        if self._file is None:
            self._file = open_regular(self._path)
            size = os.fstat(self._file.fileno()).st_size
            self._file.seek(max(0, size - MOST_AT_ONCE))
        return self._file.read(MOST_AT_ONCE)
