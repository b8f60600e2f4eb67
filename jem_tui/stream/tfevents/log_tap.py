"""A receiver of the bytes that are appended to an event file, for viewers of a log that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class LogTap:
    """A receiver that ignores everything. The writer calls the methods on the thread that trains: they must neither wait nor raise.

    The records of the log are the bytes of all files up to the sizes in `flushed`, followed by the frames that are not complete in a file.
    """

    def began(self, path: Path, frames: Sequence[bytes]) -> None:
        """Receive the path of a new file, and its first frames, which come before the frames that wait."""

    def appended(self, frame: bytes) -> None:
        """Receive a frame that waits behind all others."""

    def flushed(self, size: int) -> None:
        """Receive the number of bytes of complete frames that the current file holds."""


NO_TAP = LogTap()
