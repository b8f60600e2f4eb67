"""The record of a run's training time and incidents, `clock.json` in its folder, from which a resumed run continues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.quality.json_file import read_table, reading, table_in, write_table

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

    @staticmethod
    def of(table: Mapping[str, Any]) -> Mark:
        """Return the mark in a table. Raises LookupError, TypeError or ValueError if it has other content."""
        counts = {name: int(table[name]) for name in ("step", "diverged")}
        return Mark(**counts, seconds=float(table["seconds"]), other=float(table["other"]))


class RunRecord:
    """Time and incidents of a run: those up to now, and those at each checkpoint."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD_FILE
        table = read_table(self._path)
        with reading(self._path):
            self._marks = [Mark.of(mark) for mark in table.get("marks", [])]
            best = checked_best(table.get("best"))
        self.best: dict[str, Any] | None = best
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


def checked_best(best: Any) -> dict[str, Any] | None:
    """Return the best evaluation of a record. Raises LookupError, TypeError or ValueError if it lacks a step or a score."""
    if best is None:
        return None
    found = table_in(best)
    int(found["step"]), float(found["accuracy"]), float(found["xe"])
    return found
