"""Runs that get a signal at a random moment, and what they leave.

By hand, with a number of runs and a seed: `python tests/e2e/signalled_runs.py 200 1`. Every run must end with exit code 130 and,
if it had begun, with a checkpoint of its last step, from which it can be resumed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from killed_runs import SETTINGS, call, expect, forked

SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM")
MODES = ("--json", "--no-ui")
SHORTEST, LONGEST = 0.15, 3.0
"""Seconds after the fork; before, the signal would meet the process that forks."""


def main(count: int, seed: int) -> Counter[str]:
    """Signal as many runs; return how many ended in which state."""
    import torch

    import jem_tui.jem.trainer.build
    import jem_tui.stream.writer.recorder  # noqa: F401

    torch.set_num_threads(1)
    moments = random.Random(seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            name = SIGNALS[number % len(SIGNALS)]
            found[signalled(Path(folder) / f"run{number}", name, moments)] += 1
    return found


def signalled(run_dir: Path, name: str, moments: random.Random) -> str:
    """Train, send the signal, look at what is left, resume; return how far the run had come."""
    words = [word for setting in SETTINGS for word in ("-s", setting)]
    output = run_dir.with_suffix(".out")
    mode = moments.choice(MODES)
    child = forked(lambda: call(["train", mode, "--device", "cpu", *words, "--run-dir", str(run_dir)]), output)
    time.sleep(moments.uniform(SHORTEST, LONGEST))
    os.kill(child, getattr(signal, name))
    code = awaited(child)
    said = output.read_text(errors="replace")
    assert code == 130, (name, mode, code, said[-2000:])
    assert "Traceback" not in said, (name, mode, said[-2000:])
    if not (run_dir / "run.json").exists():
        return "not begun"
    state = json.loads((run_dir / "run.json").read_text())
    assert state["status"] == "interrupted", (name, mode, state["status"])
    if state["step"] == 0:
        return "before the first step"
    assert (run_dir / "checkpoints" / f"step_{state['step']:06d}.pt").exists(), (name, mode, state["step"])
    resume = ["train", "--json", "--resume", str(run_dir), "--max-steps", str(state["step"] + 2)]
    expect(run_dir, resume, 0)
    return "saved"


def awaited(child: int, seconds: float = 30.0) -> int:
    """Return the exit code of a child that must end within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("did not end")


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
