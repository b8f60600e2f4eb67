"""The work of a study: each run is trained and evaluated by the process that holds its lock, so that several invocations share the runs."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from filelock import FileLock, Timeout

from benchmarks.quality.evaluate import RunEvaluation
from benchmarks.quality.study import Plan
from benchmarks.quality.train_run import has_ended, train
from jem_tui.errors import JemError
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.stream.runs.run_dir import read_run_file

WORKER = "--worker"
"""The option of a process that works without printing tables."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A run to train, and the parts of its evaluation."""

    plan: Plan
    request: EvaluationRequest

    @property
    def done(self) -> bool:
        """True if nothing is left to train or to measure."""
        return has_ended(self.plan) and (self._lost or RunEvaluation(self.plan, self.request).complete())

    @property
    def _lost(self) -> bool:
        return read_run_file(self.plan.folder).status == "diverged"

    def complete(self) -> None:
        """Train and measure what is missing."""
        say(f"{self.plan.name}: training")
        train(self.plan)
        if not self._lost and not self.done:
            RunEvaluation(self.plan, self.request).measure()
        say(f"{self.plan.name}: {'diverged' if self._lost else 'done'}")


def work_through(tasks: Sequence[Task]) -> bool:
    """Complete every task that is open and that no other process works on; return whether none has failed."""
    failed = False
    for task in tasks:
        with claimed(task.plan) as mine:
            try:
                if mine and not task.done:
                    task.complete()
            except JemError as error:
                failed = True
                say(f"{task.plan.name}: {error}")
            # One run that fails must not keep the others of a long study from being trained.
            except Exception:
                failed = True
                say(f"{task.plan.name}: {traceback.format_exc()}")
    return not failed


@contextmanager
def claimed(plan: Plan) -> Iterator[bool]:
    """Hold the lock of a run, or yield False if another process holds it."""
    folder = plan.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def run_workers(count: int, words: Sequence[str]) -> bool:
    """Run this program in some processes at once with the words of its command line; return whether all have succeeded."""
    command = [sys.executable, "-m", "benchmarks.quality", *words, WORKER]
    workers = [subprocess.Popen(command) for _ in range(count)]
    try:
        codes = [worker.wait() for worker in workers]
        return not any(codes)
    except KeyboardInterrupt:
        # Ctrl-C reaches the workers as well, which save a checkpoint before they end.
        for worker in workers:
            worker.wait()
        raise


def say(text: str) -> None:
    """Print a line on stderr at once."""
    print(text, file=sys.stderr, flush=True)
