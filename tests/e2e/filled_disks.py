"""Runs whose disk fills at a random moment, and mostly has room again later.

By hand, with a number of runs and a seed, as root (each run gets a small file system of its own in memory):
`python tests/e2e/filled_disks.py 60 1`. The training must end as it would have; what is missing from the recording must be said.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from killed_runs import SETTINGS, call, forked
from signalled_runs import awaited

STEPS = 1000
ROOM = "32m"


class NoFileSystemError(Exception):
    """The refusal to mount a file system."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of `ROOM` at `folder`."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        raise NoFileSystemError(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def main(count: int, seed: int) -> Counter[str]:
    """Fill as many disks; return how many runs ended in which way."""
    import torch

    import jem_tui.jem.trainer.build
    import jem_tui.stream.writer.recorder  # noqa: F401

    torch.set_num_threads(1)
    moments = random.Random(seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            with small_disk(Path(folder) / f"disk{number}") as disk:
                found[filled(disk, Path(folder) / f"out{number}", moments)] += 1
    return found


def filled(disk: Path, elsewhere: Path, moments: random.Random) -> str:
    """Train, fill the disk, perhaps make room again; return which of these it was."""
    words = [word for setting in SETTINGS for word in ("-s", setting)]
    output = disk / "stdout" if moments.random() < 0.4 else elsewhere
    words += ["--max-steps", str(STEPS), "--run-dir", str(disk / "run")]
    child = forked(lambda: call(["train", moments.choice(("--json", "--no-ui")), "--device", "cpu", *words]), output)
    time.sleep(moments.uniform(0.3, 1.2))
    ballast, emptied = disk / "ballast", moments.random() < 0.7
    # a run reserves room for its checkpoint after its first step
    safe = output.exists() and output.read_text().count('"StepDone"') > 1
    fill(ballast)
    time.sleep(moments.uniform(0.1, 0.8))
    emptied = emptied and runs(child)
    if emptied:
        ballast.unlink(missing_ok=True)
    code = awaited(child, 60.0)
    said = elsewhere.read_text(errors="replace") if elsewhere.exists() else ""
    begun = (disk / "run" / "run.json").exists()
    allowed = (0,) if safe or (begun and emptied) else (0, 1) if begun else (0, 1, 2)
    assert code in allowed, (code, said[-2000:])
    assert "Traceback" not in said, said[-2000:]
    if not begun:
        return "full before the run began"
    assert json.loads((disk / "run" / "run.json").read_text())["status"] != "running"
    if emptied:
        check(disk / "run")
        return "room again: nothing is missing"
    return (
        "full to the end: all steps trained"
        if code == 0
        else "full to the end: the last checkpoint is missing, and said"
    )


def runs(child: int) -> bool:
    """Return whether a child has not ended yet."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def fill(ballast: Path) -> None:
    """Write until nothing fits any more."""
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 65536)
            file.flush()


def check(run_dir: Path) -> None:
    """Assert that every step is recorded once and that the last one has a checkpoint."""
    from jem_tui.events.run import StepDone
    from jem_tui.stream.replay.replayer import read_events

    steps = [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]
    assert steps == list(range(1, STEPS + 1)), (run_dir, len(steps))
    assert (run_dir / "checkpoints" / f"step_{STEPS:06d}.pt").exists(), sorted(run_dir.glob("checkpoints/*"))


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
