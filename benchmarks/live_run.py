"""A process with a run that others can join: many recorded steps of ten metrics, then more at a steady rate.

python -m benchmarks.live_run FOLDER STEPS PER_SECOND
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, RunStarted, Samples, StepDone, Stopped
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder

TAGS = tuple(f"metric/{number}" for number in range(10))
BATCHES = 50
"""Maximum number of times a second at which steps are emitted."""
SAMPLES_EVERY = 1000
"""Steps between two samples of the past."""


class SteadyRun:
    """The events of a run whose steps have the time of the clock."""

    def __init__(self) -> None:
        self.step = 0

    def start(self, run_dir: Path) -> RunStarted:
        """Return the start of the run."""
        return RunStarted(
            step=0,
            images=0,
            time=time.time(),
            config={},
            device="cpu",
            seed=1,
            parameters=1,
            tile_shape=(28, 28, 1),
            class_names=tuple("0123456789"),
            total_steps=1_000_000,
            steps_per_epoch=1000,
            run_dir=str(run_dir),
            abilities=frozenset({"save"}),
        )

    def steps(self, count: int) -> Iterator[Event]:
        """Yield the next steps, with samples at intervals."""
        for _ in range(count):
            self.step += 1
            metrics = dict.fromkeys(TAGS, float(np.float32(1 / self.step)))
            yield StepDone(step=self.step, images=64 * self.step, time=time.time(), epoch=0, metrics=metrics)
            if self.step % SAMPLES_EVERY == 0:
                yield self._samples()

    def _samples(self) -> Samples:
        noise = np.random.default_rng(self.step)
        return Samples(
            step=self.step,
            images=64 * self.step,
            time=time.time(),
            tiles=noise.integers(0, 256, (100, 28, 28, 1), np.uint8),
            energy=noise.normal(size=100).astype(np.float32),
            age=np.arange(100),
            predicted=np.arange(100) % 10,
            confidence=noise.random(100).astype(np.float32),
            reseeds=np.zeros(100, np.int64),
        )


def main(folder: str, steps: str, per_second: str) -> None:
    """Record the past, print `ready`, and emit steps until the process is killed."""
    commands: SimpleQueue[Command] = SimpleQueue()
    record = AttachableRecorder(Path(folder), sys.argv, commands.put)
    run = SteadyRun()
    record(run.start(Path(folder)))
    for event in run.steps(int(steps)):
        record(event)
    # A note has the log flushed
    record(Note(step=run.step, images=64 * run.step, time=time.time(), text="the past ends here"))
    print("ready", flush=True)
    due, batches = time.monotonic(), min(BATCHES, int(per_second))
    while commands.empty():
        due += 1 / batches
        time.sleep(max(0.0, due - time.monotonic()))
        for event in run.steps(int(per_second) // batches):
            record(event)
    record(Stopped(step=run.step, images=64 * run.step, time=time.time(), reason="stopped"))


if __name__ == "__main__":
    main(*sys.argv[1:])
