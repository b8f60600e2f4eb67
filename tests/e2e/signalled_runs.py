"""Runs that get a signal at a random moment, then are resumed.

By hand, with a number of runs and a seed: `python tests/e2e/signalled_runs.py 200 1`. Every run must end with exit code 130 and,
if it had begun, with a checkpoint of its last step, from which it can be resumed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from tests.e2e.forked_program import (
    FREQUENT_RECORDS,
    TRAINER,
    count_outcomes,
    expect_exit,
    fork_program,
    preload,
    wait_for_exit,
)

SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM")
MODES = ("--json", "--no-ui")
SHORTEST, LONGEST = 0.15, 3.0
"""Seconds between fork and signal; an earlier signal would meet handlers of the forking process."""


def main(count: int, seed: int) -> Counter[str]:
    """Signal `count` runs; return how many had reached each state."""
    preload(*TRAINER)
    moments = random.Random(seed)

    def play(folder: Path, number: int) -> str:
        return signal_and_resume(folder / f"run{number}", SIGNALS[number % len(SIGNALS)], moments)

    return count_outcomes(count, play)


def signal_and_resume(run_dir: Path, name: str, moments: random.Random) -> str:
    """Train, send the signal `name`, check the run folder, resume; return the state at the signal."""
    output = run_dir.with_suffix(".out")
    mode = moments.choice(MODES)
    child = fork_program(["train", mode, "--device", "cpu", *FREQUENT_RECORDS, "--run-dir", str(run_dir)], output)
    time.sleep(moments.uniform(SHORTEST, LONGEST))
    os.kill(child, getattr(signal, name))
    code = wait_for_exit(child)
    printed = output.read_text(errors="replace")
    assert code == 130, (name, mode, code, printed[-2000:])
    assert "Traceback" not in printed, (name, mode, printed[-2000:])
    if not (run_dir / "run.json").exists():
        return "not begun"
    run = json.loads((run_dir / "run.json").read_text())
    assert run["status"] == "interrupted", (name, mode, run["status"])
    if run["step"] == 0:
        return "before the first step"
    assert (run_dir / "checkpoints" / f"step_{run['step']:06d}.pt").exists(), (name, mode, run["step"])
    resume = ["train", "--json", "--resume", str(run_dir), "--max-steps", str(run["step"] + 2)]
    expect_exit(resume, run_dir.with_suffix(".log"), 0)
    return "saved"


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
