"""Runs that are killed at random moments, then replayed and resumed.

By hand, with a number of runs and a seed: `python tests/e2e/killed_runs.py 200 1`. One process imports torch and forks
every run, so that a kill costs less than a second.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from tests.e2e.forked_program import FREQUENT_RECORDS, count_outcomes, expect_exit, fork_program, preload
from tests.wait_until import wait_until

LONGEST = 2.5
"""Seconds after which a run is killed at the latest; loading takes about a quarter of this time."""


def main(count: int, seed: int) -> Counter[str]:
    """Kill `count` runs; return how many had reached each state."""
    preload()
    moments = random.Random(seed)
    return count_outcomes(count, lambda folder, number: kill_and_resume(folder / f"run{number}", moments))


def kill_and_resume(run_dir: Path, moments: random.Random) -> str:
    """Train, kill, replay, resume (killed again in one case of four), replay; return the state at the first kill."""
    output, log = run_dir.with_suffix(".out"), run_dir.with_suffix(".log")
    train = ["train", "--json", "--device", "cpu", *FREQUENT_RECORDS, "--run-dir", str(run_dir)]
    replay, resume = ["replay", "--once", str(run_dir)], ["train", "--json", "--resume", str(run_dir)]
    child = fork_program(train, output)
    if moments.random() < 0.5:
        # without this wait, a slow machine would kill every run while it loads
        wait_until(lambda: has_printed(output, '"StepDone"'), "no step was printed")
    kill_after(moments.uniform(0, LONGEST), child)
    if not has_printed(output, '"RunStarted"'):
        for words in (replay, [*resume, "--max-steps", "3"]):
            expect_exit(words, log, 0, 2)
        return "not begun"
    state = "with a checkpoint" if newest_step(run_dir) else "without a checkpoint"
    expect_exit(replay, log, 0)
    if moments.random() < 0.25:
        kill_after(moments.uniform(0, LONGEST), fork_program(resume, output))
        expect_exit(replay, log, 0)
    last = newest_step(run_dir) + 3
    expect_exit([*resume, "--max-steps", str(last)], log, 0)
    expect_exit(replay, log, 0)
    check_recording(run_dir, last)
    return state


def has_printed(output: Path, text: str) -> bool:
    """Return whether a file of output contains `text`."""
    return output.exists() and text in output.read_text(errors="replace")


def kill_after(seconds: float, child: int) -> None:
    """Kill a child process after `seconds`, whether it has ended or not."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def newest_step(run_dir: Path) -> int:
    """Return the step of the newest checkpoint, 0 if there is none."""
    return max((int(path.stem[5:]) for path in run_dir.glob("checkpoints/*.pt")), default=0)


def check_recording(run_dir: Path, last: int) -> None:
    """Check a recording: each step up to `last` once, a stop at its end, and no damaged record."""
    from jem_tui.events.run import StepDone, Stopped
    from jem_tui.stream.reader.log_cache import read_recording
    from jem_tui.stream.replay.replayer import read_events
    from jem_tui.stream.runs.run_dir import read_run_file

    recording = read_recording(run_dir)
    steps = [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]
    assert not recording.damage, (run_dir, recording.damage)
    assert isinstance(recording.entries[-1], Stopped), run_dir
    assert steps == list(range(1, last + 1)), (run_dir, steps)
    assert (read_run_file(run_dir).status, read_run_file(run_dir).step) == ("finished", last), run_dir


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
