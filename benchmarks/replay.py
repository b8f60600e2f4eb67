"""Reading and replaying long logs: records a second, the first frame, memory, and following a log that grows.

python -m benchmarks.replay [ROUNDS]
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import psutil
import pyte
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2

from benchmarks.interleaved import Spread, interleaved, ratios
from benchmarks.keypress import Screen
from benchmarks.report import Row, at_least, at_most, markdown, plain
from jem_tui.stream.reader.log_cache import save_cache, stamp_of
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.tfevents.records import frame

TAGS = tuple(f"loss/{number}" for number in range(4))
SIZE = (60, 200)
MIN_RATE, MIN_RATIO = 300_000, 10.0
FIRST_FRAME = {100_000: 1.0, 1_000_000: 4.0}
"""Most seconds until the first frame, by the number of steps of four scalars."""
MOST_MEMORY = 300
"""MB, for the longest log."""
PER_SECOND, BATCHES = 1_000, 20
"""Records and writes per second of the growing log."""
MOST_FOLLOWING, MOST_DELAY = 0.05, 1.0
COUNT = re.compile(r"([\d,]+)/([\d,]+)")


def scalar(tag: str, step: int) -> bytes:
    """Return a record as other programs write it."""
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=1 / (step + 1))])
    return frame(event_pb2.Event(wall_time=1.7e9 + 0.01 * step, step=step, summary=summary).SerializeToString())


def write_log(folder: Path, steps: int) -> Path:
    """Write steps of four scalars, each in its own record."""
    folder.mkdir(parents=True)
    path = folder / "events.out.tfevents.1700000000.host.1.0"
    with path.open("wb") as file:
        file.write(frame(event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString()))
        for start in range(0, steps, 10_000):
            file.write(b"".join(scalar(tag, step) for step in range(start, min(steps, start + 10_000)) for tag in TAGS))
    return path


def reading(folder: Path, rounds: int, steps: int) -> Iterator[Row]:
    """Measure the records read per second with both checksums checked, and the time of other readers."""
    path = write_log(folder, steps)
    cases: dict[str, Callable[[], object]] = {
        "ours": partial(read_log, folder),
        "TensorBoard": lambda: sum(1 for _ in EventFileLoader(str(path)).Load()),
    }
    if find_spec("tbparse"):
        cases["tbparse"] = partial(_tbparse, path)
    times = interleaved(cases, rounds)
    records = steps * len(TAGS)
    rate = Spread.of([records / seconds for seconds in times["ours"]])
    yield Row(
        name="scalar records read a second",
        found=f"{rate.median:,.0f} ({rate.low:,.0f} … {rate.high:,.0f})",
        aim=f"≥ {MIN_RATE:,}",
        reached=rate.median >= MIN_RATE,
    )
    for name in list(cases)[1:]:
        yield at_least(f"… {name}'s time over ours", ratios(times, name, "ours"), MIN_RATIO)


def _tbparse(path: Path) -> object:
    from tbparse import SummaryReader  # type: ignore[import-not-found, unused-ignore]

    return SummaryReader(str(path)).scalars


def first_frame(folder: Path, rounds: int, steps: int, aim: float) -> Iterator[Row]:
    """Measure the seconds from the start of the process until all panels of a replay are drawn, in a real pty, and its memory."""
    write_log(folder / "log", steps)
    seconds, memory = _opened(folder, rounds)
    yield at_most(f"first complete frame of a replay of {steps:,} steps × {len(TAGS)}, s", Spread.of(seconds), aim)
    if steps == max(FIRST_FRAME):
        yield at_most("… its memory, MB", Spread.of(memory), MOST_MEMORY)
    if save_cache(folder / "log", read_log(folder / "log"), stamp_of(folder / "log")):
        seconds, memory = _opened(folder, rounds)
        yield plain("… again, from its index, s", str(Spread.of(seconds)))
        yield plain("… its memory, MB", str(Spread.of(memory)))


def _opened(folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds to the first complete frame of a replay, and its memory in MB, once per round."""
    seconds, memory = [], []
    for number in range(rounds):
        began = time.perf_counter()
        screen = Screen.start(SIZE, folder / f"preferences-{number}", "replay", str(folder / "log"))
        screen.wait(TAGS[-1])
        seconds.append(time.perf_counter() - began)
        screen.read(1.0)
        memory.append(_peak(screen.program.pid) / 1e6)
        screen.close()
    return seconds, memory


def _peak(pid: int) -> float:
    """Return the peak memory of a process in bytes."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float(psutil.Process(pid).memory_info().rss)
    return 1024.0 * int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0])


class GrowingLog:
    """A log to which a thread adds records."""

    def __init__(self, path: Path, written: int) -> None:
        self._path = path
        self.steps = written
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread that writes."""
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            while not self._stop.wait(1 / BATCHES):
                count = PER_SECOND // BATCHES // len(TAGS)
                steps = range(self.steps, self.steps + count)
                file.write(b"".join(scalar(tag, step) for step in steps for tag in TAGS))
                self.steps += count


def following(folder: Path, seconds: float, steps: int) -> Iterator[Row]:
    """Measure the cost of following a log that grows, and the delay of its steps on the screen."""
    path = write_log(folder / "log", steps)
    screen = Screen.start(SIZE, folder, "replay", "--follow", str(folder / "log"))
    screen.wait(TAGS[-1])
    screen.read(2.0)
    growing = GrowingLog(path, steps)
    screen.read(2.0)
    process, terminal = psutil.Process(screen.program.pid), pyte.Screen(SIZE[1], SIZE[0])
    stream, late = pyte.Stream(terminal), []
    before, began = process.cpu_times(), time.monotonic()
    drawn: list[tuple[str, int]] = []
    while time.monotonic() - began < seconds:
        drawn.append((screen.read(0.1), growing.steps))
    after, lasted = process.cpu_times(), time.monotonic() - began
    growing.stop()
    screen.close()
    for text, written in drawn:
        stream.feed(text)
        shown = [int(last.replace(",", "")) for _, last in COUNT.findall("\n".join(terminal.display))]
        if shown and max(shown) > steps:
            late.append((written - max(shown)) * len(TAGS) / PER_SECOND)
    share = (after.user + after.system - before.user - before.system) / lasted
    yield Row(
        name=f"following {PER_SECOND:,} records/s after {steps:,} steps, share of a core",
        found=f"{share:.1%}",
        aim=f"< {MOST_FOLLOWING:.0%}",
        reached=share < MOST_FOLLOWING,
    )
    delay = f"{median(late):.2f} s (largest {max(late):.2f})" if late else "not seen"
    yield Row(
        name="… shown after", found=delay, aim=f"≤ {MOST_DELAY:g} s", reached=bool(late) and max(late) <= MOST_DELAY
    )


def rows(rounds: int, *, short: bool = False) -> Iterator[Row]:
    """Measure reading, first frames and following; `short` uses logs of a few steps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from reading(folder / "read", rounds, 1_000 if short else 50_000)
        for steps, aim in FIRST_FRAME.items():
            yield from first_frame(folder / f"first-{steps}", min(rounds, 3), steps // 1000 if short else steps, aim)
        yield from following(folder / "follow", 3.0 if short else 20.0, 2_000 if short else 50_000)


if __name__ == "__main__":
    print("\n".join(markdown(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 3))))
