"""Cost of a viewer: the first complete frame of an attached screen, and the share of a core that following a fast run takes.

python -m benchmarks.viewing [ROUNDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.interleaved import Spread, ratios
from benchmarks.keypress import Screen
from benchmarks.live_run import TAGS
from benchmarks.report import Row, at_most, markdown, plain
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.attach.door_file import live_door
from jem_tui.stream.attach.viewer import Viewer

SIZE = (60, 200)
MOST_SECONDS, MOST_BRIDGED, MOST_SHARE = 1.0, 3.0, 0.1
PER_SECOND = 1000
"""Steps a second of the run that is followed."""


@contextmanager
def live_run(folder: Path, steps: int, per_second: int) -> Iterator[None]:
    """Let another process record a run of some steps and continue it; end that process afterwards."""
    words = [sys.executable, "-m", "benchmarks.live_run", str(folder), str(steps), str(per_second)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.kill()


def first_frames(folder: Path, rounds: int, steps: int) -> Iterator[Row]:
    """Measure the time from the start of the process until all panels are drawn in a real pty: attached, bridged and replayed in turn."""
    run_dir = folder / "run"
    bridge = f"{sys.executable} -m jem_tui bridge"
    commands = {"attach": ["attach"], "bridge": ["attach", "--via", bridge], "replay": ["replay"]}
    wall: dict[str, list[float]] = {name: [] for name in commands}
    processor: dict[str, list[float]] = {name: [] for name in commands}
    with live_run(run_dir, steps, 20):
        for number in range(rounds):
            for name, words in commands.items():
                seconds, used = _seconds_to(TAGS[-1], folder / f"{name}-{number}", *words, str(run_dir))
                wall[name].append(seconds)
                processor[name].append(used)
    yield at_most(
        f"first complete frame of a viewer of {steps:,} steps × {len(TAGS)}, s", Spread.of(wall["attach"]), MOST_SECONDS
    )
    yield plain("… processor time, s", Spread.of(processor["attach"]))
    yield plain("… over that of a replay of the same log", ratios(processor, "attach", "replay"))
    yield at_most("… through a bridge, s", Spread.of(wall["bridge"]), MOST_BRIDGED)
    yield plain("… processor time of the viewer, s", Spread.of(processor["bridge"]))


def _seconds_to(text: str, folder: Path, *args: str) -> tuple[float, float]:
    """Return the seconds until a text appears on the screen, and the processor seconds that the program used until then."""
    began = time.perf_counter()
    screen = Screen.start(SIZE, folder, *args)
    screen.wait(text)
    seconds = time.perf_counter() - began
    used = psutil.Process(screen.program.pid).cpu_times()
    screen.close()
    return seconds, used.user + used.system


def following(folder: Path, seconds: float) -> Iterator[Row]:
    """Measure the processor time of a screen, and of a viewer without a screen, while a fast run continues."""
    run_dir = folder / "run"
    with live_run(run_dir, 10_000, PER_SECOND):
        screen = Screen.start(SIZE, folder, "attach", str(run_dir))
        screen.wait(TAGS[-1])
        screen.read(3.0)
        process = psutil.Process(screen.program.pid)
        before, began = process.cpu_times(), time.monotonic()
        screen.read(seconds)
        after, lasted = process.cpu_times(), time.monotonic() - began
        screen.close()
        share = (after.user + after.system - before.user - before.system) / lasted
        yield _share(f"screen attached to a run of {PER_SECOND:,} steps/s, share of a core", share)
        yield _share("… its viewer alone", _viewer_share(run_dir, seconds))


def _viewer_share(run_dir: Path, seconds: float) -> float:
    viewer = Viewer(lambda: connect_socket(Path(live_door(run_dir).socket)), run_dir)
    viewer.start()
    _drain(viewer, 2.0)
    before, began = time.process_time(), time.monotonic()
    _drain(viewer, seconds)
    share = (time.process_time() - before) / (time.monotonic() - began)
    viewer.close(5.0)
    return share


def _drain(viewer: Viewer, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(1 for _ in viewer.received())
        time.sleep(0.1)


def _share(name: str, share: float) -> Row:
    return Row(name=name, found=f"{share:.1%}", aim=f"< {MOST_SHARE:.0%}", reached=share < MOST_SHARE)


def rows(rounds: int, *, short: bool = False) -> Iterator[Row]:
    """Measure first frames and following; `short` uses a run of a few steps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from first_frames(folder / "first", rounds, 1_000 if short else 100_000)
        yield from following(folder / "follow", 2.0 if short else 15.0)


if __name__ == "__main__":
    print("\n".join(markdown(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 5))))
