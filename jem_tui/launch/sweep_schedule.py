"""A sweep: the runs of a grid, some at a time, each in a folder of its own; the same sweep continues after an interruption."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jem_tui.errors import EXIT_CODES
from jem_tui.launch.median_rule import falls_behind, higher_is_better
from jem_tui.launch.sweep_file import SweepFile
from jem_tui.launch.sweep_grid import GridPoint
from jem_tui.launch.sweep_run import SweepRun

POLL_SECONDS = 0.2
Report = Callable[[SweepRun], None]


class Sweep:
    """The runs of a sweep in the order of the grid; `work` trains them."""

    def __init__(
        self, folder: Path, points: Sequence[GridPoint], options: Sequence[str], metric: str, *, stop_worst: bool
    ) -> None:
        """Prepare the sweep in `folder`. `options` are those of `train` for all runs; `metric` compares the runs.

        With `stop_worst`, a run that falls behind by the median rule is stopped. Raises InputError if the folder belongs to something else,
        or holds one of the runs with other settings or options.
        """
        self.folder = folder
        self.metric = metric
        self.runs = [SweepRun(point, folder / point.name, metric) for point in points]
        self.interrupted = False
        self._options = list(options)
        self._stop_worst = stop_worst
        self._file = SweepFile(folder, options)
        self._file.add(self.runs)
        for run in self.runs:
            run.recall()

    def interrupt(self, *, hurry: bool = False) -> None:
        """Let all runs save and stop, and start no more; with `hurry`, end those at once that have already been asked. Safe in a signal handler."""
        self.interrupted = True
        for run in self.runs:
            run.interrupt(hurry=hurry)

    def work(self, jobs: int, report: Report, refresh: Callable[[], None] = lambda: None) -> int:
        """Train up to `jobs` runs at a time and return the exit code. `report` is called at the start and end of a run, `refresh` in between."""
        self._file.save()
        waiting = [run for run in self.runs if not self._is_settled(run)]
        active: list[SweepRun] = []
        try:
            self._train(waiting, active, jobs, report, refresh)
        finally:
            self._end(active)
        return self.code

    def _train(
        self,
        waiting: list[SweepRun],
        active: list[SweepRun],
        jobs: int,
        report: Report,
        refresh: Callable[[], None],
    ) -> None:
        """Move runs from `waiting` to `active`, and out of it once they have ended."""
        while active or (waiting and not self.interrupted):
            while waiting and len(active) < jobs and not self.interrupted:
                active.append(waiting.pop(0))
                self._start(active[-1], jobs)
                report(active[-1])
            if self.interrupted:
                self.interrupt()
            time.sleep(POLL_SECONDS)
            for run in [run for run in active if run.poll()]:
                active.remove(run)
                self._record_end(run)
                report(run)
            self._stop_those_behind(active)
            refresh()

    def _end(self, active: Sequence[SweepRun]) -> None:
        """Let runs that an error of the sweep has left save and stop, and wait for them."""
        for run in active:
            run.interrupt()
        while not all(run.poll() for run in active):
            time.sleep(POLL_SECONDS)

    @property
    def code(self) -> int:
        """The exit code: that of an interruption, of failures and runs in use, of wrong input for all runs, of divergences, or 0."""
        if self.interrupted or any(run.state == "interrupted" for run in self.runs):
            return EXIT_CODES["interrupted"]
        failed = [run for run in self.runs if run.state == "failed"]
        if failed or any(run.state == "in use" for run in self.runs):
            refused = len(failed) == len(self.runs) and all(run.code == EXIT_CODES["refused"] for run in failed)
            return EXIT_CODES["refused" if refused else "failed"]
        return EXIT_CODES["diverged" if any(run.state == "diverged" for run in self.runs) else "finished"]

    def best(self) -> SweepRun | None:
        """Return the run with the best newest value of the metric; None if none has a finite value."""
        high = higher_is_better(self.metric)
        known = [run for run in self.runs if run.curve and math.isfinite(run.curve[max(run.curve)])]
        chosen = max if high else min
        return chosen(known, key=lambda run: run.curve[max(run.curve)], default=None)

    def _is_settled(self, run: SweepRun) -> bool:
        """Return whether an earlier session has stopped a run early; without the rule, such a run resumes."""
        if self._stop_worst and run.point.name in self._file.stopped_early:
            run.state = "stopped early"
        return run.state == "stopped early"

    def _record_end(self, run: SweepRun) -> None:
        """Record whether a run was stopped early."""
        before = len(self._file.stopped_early)
        if run.state == "stopped early":
            self._file.stopped_early.add(run.point.name)
        else:
            self._file.stopped_early.discard(run.point.name)
        if len(self._file.stopped_early) != before:
            self._file.save()

    def _start(self, run: SweepRun, jobs: int) -> None:
        """Start a run; a new one of several at a time gets its share of the processor cores, unless the options say otherwise."""
        share = max(1, (os.cpu_count() or 1) // jobs)
        chosen = any("train.threads" in word for word in (*self._options, *run.point.words))
        threads = ["-s", f"train.threads={share}"] if jobs > 1 and not chosen and not run.began else []
        try:
            run.start([*self._options, *threads])
        except OSError:
            run.state, run.code = "failed", EXIT_CODES["failed"]

    def _stop_those_behind(self, active: Sequence[SweepRun]) -> None:
        """Interrupt runs that fall behind, unless all runs are being interrupted."""
        if self.interrupted:
            return
        high = higher_is_better(self.metric)
        for run in active if self._stop_worst else ():
            others = [other.curve for other in self.runs if other is not run]
            if not run.early and falls_behind(run.curve, others, high=high):
                run.early = True
                run.interrupt()
