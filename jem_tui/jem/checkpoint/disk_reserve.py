"""Disk space that a run reserves for its next checkpoint, so that a full disk does not cost the run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from torch import Tensor

from jem_tui.atomic_file import NO_ROOM

SLACK = 1.05
FRAMING = 1 << 20
"""Size of a checkpoint beyond its tensors: a factor on their size, and bytes for names and numbers."""

GROWTH = 1 << 18
"""Bytes by which a checkpoint may be larger than the previous one, because the watchdog's memory grows."""
BLOCK = 4096


class Reserve:
    """An unnamed file that occupies space in the run folder and disappears with the process, however that ends."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._file: IO[bytes] | None = None

    def hold(self, size: int) -> None:
        """Hold `size` bytes instead of the bytes held so far. Raises OSError if the disk lacks them."""
        self.release()
        if not hasattr(os, "posix_fallocate"):
            return
        file = tempfile.TemporaryFile(dir=self._run_dir)  # noqa: SIM115
        try:
            os.posix_fallocate(file.fileno(), 0, max(1, size))
        except OSError:
            file.close()
            raise
        self._file = file

    def try_to_hold(self, size: int) -> bool:
        """Hold `size` bytes instead of the bytes held so far; return whether the disk has them. Raises OSError for other faults."""
        try:
            self.hold(size)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            return False
        return True

    def hold_most(self, least: int, most: int) -> bool:
        """Hold as many bytes as the disk has, up to `most`; return whether it has at least `least`. Raises OSError for other faults."""
        if self.try_to_hold(most):
            return True
        if not self.try_to_hold(least):
            return False
        while most - least > BLOCK:
            middle = (least + most) // 2
            least, most = (middle, most) if self.try_to_hold(middle) else (least, middle)
        return self.try_to_hold(least)

    def release(self) -> bool:
        """Free the held bytes; return whether any were held."""
        file, self._file = self._file, None
        if file is None:
            return False
        with suppress(OSError):
            file.close()
        return True


def size_of_checkpoint(state: Any) -> int:
    """Estimate the bytes of a checkpoint of a state, from above."""
    return int(SLACK * _size_of_tensors(state)) + FRAMING


def _size_of_tensors(state: Any) -> int:
    if isinstance(state, Tensor):
        return state.nbytes
    if isinstance(state, Mapping):
        return sum(map(_size_of_tensors, state.values()))
    return sum(map(_size_of_tensors, state)) if isinstance(state, (list, tuple)) else 0
