"""Read a log in every way, and print the seconds it took and the megabytes it needed: `python tests/hostile/read.py FOLDER`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.reader.read_points import read_points
from jem_tui.stream.replay.build_timeline import build_timeline


def peak() -> float:
    """Return the most megabytes that the process has had."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1000


def main(folder: Path) -> None:
    import tensorboard.compat.proto.event_pb2  # noqa: F401

    before, began = peak(), time.monotonic()
    try:
        timeline = build_timeline(read_log(folder), folder, complete=True)
        emitted = sum(1 for _ in timeline.emit(0, len(timeline)))
        points = timeline.points()
        sentence = f"{emitted} events, {len(points)} curves; {' '.join(read_points(folder).left_out.sentences())}"
    except InputError as error:
        sentence = str(error)
    print(f"{time.monotonic() - began:.1f} {peak() - before:.0f} {sentence}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
