"""Runs whose disk fills at a random moment and, in most cases, has free space again later.

By hand, with a number of runs and a seed, as root (each run gets a small file system of its own in memory):
`python tests/e2e/filled_disks.py 60 1`. The training run must end as on a large disk, and the program must report what the recording lacks.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.forked_program import (
    FREQUENT_RECORDS,
    TRAINER,
    count_outcomes,
    fork_program,
    preload,
    wait_for_exit,
)

STEPS = 500
CAPACITY = "32m"


class NoFileSystemError(Exception):
    """The refusal to mount a file system."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of size `CAPACITY` at `folder`."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={CAPACITY}", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        raise NoFileSystemError(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def main(count: int, seed: int) -> Counter[str]:
    """Train on `count` disks that fill; return how many runs had each outcome."""
    preload(*TRAINER)
    moments = random.Random(seed)

    def play(folder: Path, number: int) -> str:
        with small_disk(folder / f"disk{number}") as disk:
            return fill_during_training(disk, folder / f"out{number}", moments, is_emptied=number % 4 != 3)

    return count_outcomes(count, play)


def fill_during_training(disk: Path, elsewhere: Path, moments: random.Random, *, is_emptied: bool) -> str:
    """Train, fill the disk, free it again if `is_emptied`; return the outcome."""
    output = disk / "stdout" if moments.random() < 0.4 else elsewhere
    words = ["--device", "cpu", *FREQUENT_RECORDS, "--max-steps", str(STEPS), "--run-dir", str(disk / "run")]
    child = fork_program(["train", moments.choice(("--json", "--no-ui")), *words], output)
    time.sleep(moments.uniform(0.3, 1.2))
    ballast = disk / "ballast"
    # a run reserves space for its checkpoint after its first step
    has_reserve = output.exists() and output.read_text().count('"StepDone"') > 1
    fill(ballast)
    time.sleep(moments.uniform(0.1, 0.8))
    is_emptied = is_emptied and is_running(child)
    if is_emptied:
        ballast.unlink(missing_ok=True)
    code = wait_for_exit(child, 60.0)
    printed = elsewhere.read_text(errors="replace") if elsewhere.exists() else ""
    begun = (disk / "run" / "run.json").exists()
    allowed = (0,) if has_reserve or (begun and is_emptied) else (0, 1) if begun else (0, 1, 2)
    assert code in allowed, (code, printed[-2000:])
    assert "Traceback" not in printed, printed[-2000:]
    return outcome(disk / "run", code, is_emptied) if begun else "full before the run began"


def outcome(run_dir: Path, code: int, is_emptied: bool) -> str:
    """Check the folder of a run that has begun; return what the full disk cost."""
    assert json.loads((run_dir / "run.json").read_text())["status"] != "running"
    if is_emptied:
        check_complete(run_dir)
        return "room again: nothing is missing"
    if code == 0:
        return "full to the end: all steps trained"
    return "full to the end: the last checkpoint is missing, which the program reports"


def is_running(child: int) -> bool:
    """Return whether a child process has not ended yet."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def fill(ballast: Path) -> None:
    """Write to `ballast` until the disk is full."""
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 65536)
            file.flush()


def check_complete(run_dir: Path) -> None:
    """Check a finished run: each step is recorded once, and the last step has a checkpoint."""
    from jem_tui.events.run import StepDone
    from jem_tui.stream.replay.replayer import read_events

    steps = [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]
    assert steps == list(range(1, STEPS + 1)), (run_dir, len(steps))
    assert (run_dir / "checkpoints" / f"step_{STEPS:06d}.pt").exists(), sorted(run_dir.glob("checkpoints/*"))


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
