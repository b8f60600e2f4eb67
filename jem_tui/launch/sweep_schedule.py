"""A sweep: the runs of a grid, some at a time, each in a folder of its own; the same sweep continues after an interruption."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from jem_tui.atomic_file import replace_file
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.launch.median_rule import falls_behind, higher_is_better
from jem_tui.launch.sweep_grid import GridPoint
from jem_tui.launch.sweep_run import SweepRun
from jem_tui.stream.runs.json_file import read_json

SWEEP_FILE = "sweep.json"
SCHEMA = 1
POLL_SECONDS = 0.2
Report = Callable[[SweepRun], None]


class Sweep:
    """The runs of a sweep in the order of the grid; `work` trains them."""

    def __init__(
        self, folder: Path, points: Sequence[GridPoint], options: Sequence[str], metric: str, *, stop_worst: bool
    ) -> None:
        """Prepare the sweep in `folder`. `options` are those of `train` for all runs; `metric` compares the runs.

        With `stop_worst`, a run that falls behind by the median rule is stopped. Raises InputError if the folder belongs to something else.
        """
        self.folder = folder
        self.metric = metric
        self.runs = [SweepRun(point, folder / point.name, metric) for point in points]
        self.interrupted = False
        self._options = list(options)
        self._stop_worst = stop_worst
        self._stopped_early = set(self._read_file())
        for run in self.runs:
            run.recall()

    def interrupt(self) -> None:
        """Let all runs save and stop, and start no more; the second time, end them at once. Safe in a signal handler."""
        self.interrupted = True
        for run in self.runs:
            run.interrupt()

    def work(self, jobs: int, report: Report, refresh: Callable[[], None] = lambda: None) -> int:
        """Train up to `jobs` runs at a time and return the exit code. `report` is called at the start and end of a run, `refresh` in between."""
        self._save_file()
        waiting = [run for run in self.runs if not self._is_settled(run)]
        active: list[SweepRun] = []
        while active or (waiting and not self.interrupted):
            while waiting and len(active) < jobs and not self.interrupted:
                active.append(waiting.pop(0))
                self._start(active[-1], jobs)
                report(active[-1])
            if self.interrupted:
                self._interrupt_new(active)
            time.sleep(POLL_SECONDS)
            for run in [run for run in active if run.poll()]:
                active.remove(run)
                report(run)
            self._stop_those_behind(active)
            refresh()
        return self.code

    @property
    def code(self) -> int:
        """The exit code: that of an interruption, of failures, of wrong input for all runs, of divergences, or 0."""
        if self.interrupted or any(run.state == "interrupted" for run in self.runs):
            return EXIT_CODES["interrupted"]
        failed = [run for run in self.runs if run.state == "failed"]
        if failed:
            refused = len(failed) == len(self.runs) and all(run.code == EXIT_CODES["refused"] for run in failed)
            return EXIT_CODES["refused" if refused else "failed"]
        return EXIT_CODES["diverged" if any(run.state == "diverged" for run in self.runs) else "finished"]

    def best(self) -> SweepRun | None:
        """Return the run with the best newest value of the metric; None if none has a value."""
        high = higher_is_better(self.metric)
        known = [run for run in self.runs if run.curve]
        chosen = max if high else min
        return chosen(known, key=lambda run: run.curve[max(run.curve)], default=None)

    def _is_settled(self, run: SweepRun) -> bool:
        """Return whether an earlier session has stopped a run early."""
        if run.point.name in self._stopped_early:
            run.state = "stopped early"
        return run.state == "stopped early"

    def _start(self, run: SweepRun, jobs: int) -> None:
        """Start a run; a new one of several at a time gets its share of the processor cores, unless the options say otherwise."""
        share = max(1, (os.cpu_count() or 1) // jobs)
        chosen = any("train.threads" in word for word in (*self._options, *run.point.words))
        threads = ["-s", f"train.threads={share}"] if jobs > 1 and not chosen and not run.began else []
        try:
            run.start([*self._options, *threads])
        except OSError:
            run.state, run.code = "failed", EXIT_CODES["failed"]

    def _interrupt_new(self, active: Sequence[SweepRun]) -> None:
        """Interrupt runs whose process started while the signal arrived."""
        for run in active:
            if not run.interrupted:
                run.interrupt()

    def _stop_those_behind(self, active: Sequence[SweepRun]) -> None:
        high = higher_is_better(self.metric)
        for run in active if self._stop_worst else ():
            others = [other.curve for other in self.runs if other is not run]
            if not run.early and falls_behind(run.curve, others, high=high):
                run.early = True
                self._stopped_early.add(run.point.name)
                self._save_file()
                run.interrupt()

    def _read_file(self) -> list[str]:
        """Return the names of runs that were stopped early; none for a new sweep. Raises InputError."""
        path = self.folder / SWEEP_FILE
        try:
            content = read_json(path)
        except (FileNotFoundError, NotADirectoryError):
            if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
                raise InputError(
                    f"{self.folder} is not the folder of a sweep.", "Choose a new folder with --dir."
                ) from None
            return []
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path} cannot be read ({error}).", "Restore it, or choose a new folder with --dir."
            ) from error
        names = content.get("stopped_early") if isinstance(content, dict) else None
        if not isinstance(names, list) or content.get("schema") != SCHEMA:
            raise InputError(f"{path} is damaged.", "Restore it, or choose a new folder with --dir.")
        return [name for name in names if isinstance(name, str)]

    def _save_file(self) -> None:
        """Write the file of the sweep. A file that cannot be written ends no run."""
        content = {"schema": SCHEMA, "options": self._options, "stopped_early": sorted(self._stopped_early)}
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_file(self.folder / SWEEP_FILE, (json.dumps(content, indent=2) + "\n").encode())
