"""The record of a run's training time and incidents, `clock.json` in its folder, from which a resumed run continues."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.quality.json_file import read_table, write_table

RECORD_FILE = "clock.json"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Training time and incidents of a run up to a checkpoint."""

    step: int = 0
    seconds: float = 0.0
    """Time of the optimizer steps."""
    other: float = 0.0
    """Time of building, evaluations, samples and checkpoints, which does not count as training."""
    diverged: int = 0


class RunRecord:
    """Time and incidents of a run: those up to now, and those at each checkpoint."""

    def __init__(self, folder: Path) -> None:
        table = read_table(folder / RECORD_FILE)
        self._path = folder / RECORD_FILE
        self._marks = [Mark(**mark) for mark in table.get("marks", [])]
        self.best: dict[str, Any] | None = table.get("best")
        """Step and scores of the best evaluation on held-out images; None before the first."""
        self.now = self._marks[-1] if self._marks else Mark()

    def resume_at(self, step: int) -> None:
        """Continue from the last checkpoint that is not after `step`."""
        self._marks = [mark for mark in self._marks if mark.step <= step]
        self.now = self._marks[-1] if self._marks else Mark()

    def add(self, *, seconds: float = 0.0, other: float = 0.0, diverged: int = 0) -> None:
        """Add time and incidents."""
        now = self.now
        self.now = replace(
            now, seconds=now.seconds + seconds, other=now.other + other, diverged=now.diverged + diverged
        )

    def keep(self, step: int) -> None:
        """Write the record of a checkpoint."""
        self.now = replace(self.now, step=step)
        self._marks = [mark for mark in self._marks if mark.step < step] + [self.now]
        self.write()

    def write(self) -> None:
        """Write the record."""
        write_table(self._path, {"marks": [asdict(mark) for mark in self._marks], "best": self.best})
