"""Cost of the door of a run: training with a door and viewers over training without, interleaved: `python -m benchmarks.attach [ROUNDS]`.

The viewers are sockets of one other process, which reads all that arrives; a stalled viewer joins and reads nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.interleaved import WARM_UP, Spread, ratios
from benchmarks.report import Row, at_least, markdown, plain
from benchmarks.subject import Steps, subject
from jem_tui.events.run import At, RunStarted, StepDone, Stopped
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import live_door, read_door
from jem_tui.stream.run_control import Sink
from jem_tui.stream.writer.recorder import Recorder

EVENTS = 2000
"""Recorded steps without training, of one measurement."""
STEPS = 10
"""Training steps of one timed call."""
BARE, DOOR, ONE, TEN = "no door", "no viewer", "one viewer", "ten viewers, one stalled"
VIEWERS = {DOOR: (0, 0), ONE: (1, 0), TEN: (9, 1)}
"""Viewers that read, and viewers that do not."""
AIMS = {DOOR: 0.995, ONE: 0.97, TEN: 0.97}
_WAIT = 30.0
_AT = At(1, 64, 1.0).fields()
STEP = StepDone(**_AT, epoch=0, metrics=dict.fromkeys([f"JEM/metric{number}" for number in range(20)], 0.5))
STARTED = RunStarted(
    **_AT,
    config={},
    device="cpu",
    seed=1,
    parameters=1,
    tile_shape=(28, 28, 1),
    class_names=(),
    total_steps=EVENTS,
    steps_per_epoch=100,
    run_dir="",
)


class Recorded:
    """A recorder of one case, in a folder of its own."""

    def __init__(self, case: str) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "run"
        self.sink: Sink = Recorder(self.folder, ["benchmark"])
        if case != BARE:
            self.sink = AttachableRecorder(self.folder, ["benchmark"], lambda command: None)
        self._readers, self._stalled = VIEWERS.get(case, (0, 0))

    def viewed(self) -> AbstractContextManager[None]:
        """Return a context in which the viewers of the case have joined. The run must have begun."""
        if not self._readers:
            return nullcontext()
        return viewers(live_door(self.folder).socket, self._readers, self._stalled)


@contextmanager
def viewers(address: str, readers: int, stalled: int) -> Iterator[None]:
    """Join a run with viewers in another process, until the context ends."""
    command = [sys.executable, "-m", "benchmarks.viewers", address, str(readers), str(stalled)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"joined\n"
        try:
            yield
        finally:
            process.stdin.close()


def measure(rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the steps per second of wall time and per second of the thread that trains, of every case in every round."""
    cases = {name: Recorded(name) for name in (BARE, *VIEWERS)}
    settings = ("record.checkpoint_every=1000000", "record.evaluate_every=1000000")
    steps = {
        name: Steps(trainer=subject(*settings), count=STEPS, sink=case.sink).pull() for name, case in cases.items()
    }
    wall: dict[str, list[float]] = {name: [] for name in cases}
    thread: dict[str, list[float]] = {name: [] for name in cases}
    for run in steps.values():
        run()
    for number in range(WARM_UP + rounds):
        for name, case in cases.items():
            with case.viewed():
                began, own = time.perf_counter(), time.thread_time()
                steps[name]()
                if number >= WARM_UP:
                    wall[name].append(STEPS / (time.perf_counter() - began))
                    thread[name].append(STEPS / (time.thread_time() - own))
    return wall, thread


def microseconds(name: str) -> float:
    """Return the processor time of the thread that trains for recording one step, without the step itself."""
    case = Recorded(name)
    case.sink(STARTED)
    case.sink(STEP)
    wait_for_door(case.folder, name)
    with case.viewed():
        began = time.thread_time()
        for number in range(EVENTS):
            case.sink(replace(STEP, step=number))
            if number % 100 == 0:
                time.sleep(0.005)
        spent = time.thread_time() - began
    case.sink(Stopped(**_AT, reason="finished"))
    return spent / EVENTS * 1e6


def wait_for_door(folder: Path, name: str) -> None:
    """Wait until the door of a case is open."""
    deadline = time.monotonic() + _WAIT
    while name != BARE and read_door(folder) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rows(rounds: int) -> Iterator[Row]:
    """Yield the speed with a door over the speed without, by the time of the thread that trains and by wall time."""
    wall, thread = measure(rounds)
    for name, aim in AIMS.items():
        yield at_least(f"training speed with a door and {name} over without", ratios(thread, name, BARE), aim)
        yield plain("… by wall time", ratios(wall, name, BARE))
    for name in (BARE, *VIEWERS):
        yield plain(f"recording a step, µs, {name}", Spread.of([microseconds(name) for _ in range(rounds)]))


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("\n".join(markdown(rows(*map(int, sys.argv[1:] or ["15"])))))
