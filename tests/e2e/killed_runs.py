"""Runs that are killed at random moments, and what can be done with what they leave.

By hand, with a number of runs and a seed: `python tests/e2e/killed_runs.py 200 1`. One process imports torch and forks
every run, so that a kill costs less than a second.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SETTINGS = [
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "train.threads=1",
    "sgld.steps=2",
    "record.tiles=9",
    "record.evaluate_images=50",
    "record.checkpoint_every=7",
    "record.samples_every=5",
    "record.evaluate_every=10",
]
LONGEST = 2.5
"""Seconds after which a run is killed at most; loading takes about a quarter of it."""


def main(count: int, seed: int) -> Counter[str]:
    """Kill as many runs; returns how many were found in which state."""
    import torch

    torch.set_num_threads(1)
    moments = random.Random(seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            found[killed(Path(folder) / f"run{number}", moments)] += 1
    return found


def killed(run_dir: Path, moments: random.Random) -> str:
    """Train, kill, replay, resume (killed again in one case of four), replay; in a word how far the run had come."""
    words = [word for setting in SETTINGS for word in ("-s", setting)]
    begun = run_dir.with_suffix(".out")
    child = fork(["train", "--json", "--device", "cpu", *words, "--run-dir", str(run_dir)], begun)
    if moments.random() < 0.5:
        await_text(begun, '"StepDone"')
    end(child, moments.uniform(0, LONGEST))
    if '"RunStarted"' not in begun.read_text():
        refuses(run_dir, begun)
        return "not begun"
    state = "with a checkpoint" if list(run_dir.glob("checkpoints/*.pt")) else "without a checkpoint"
    expect(run_dir, ["replay", "--once", str(run_dir)], 0)
    resume = ["train", "--json", "--resume", str(run_dir)]
    if moments.random() < 0.25:
        end(fork(resume, begun), moments.uniform(0, LONGEST))
        expect(run_dir, ["replay", "--once", str(run_dir)], 0)
    step = max((int(path.stem[5:]) for path in run_dir.glob("checkpoints/*.pt")), default=0)
    expect(run_dir, [*resume, "--max-steps", str(step + 3)], 0)
    expect(run_dir, ["replay", "--once", str(run_dir)], 0)
    check(run_dir, step + 3)
    return state


def await_text(output: Path, text: str, seconds: float = 60.0) -> None:
    """Return once a process has printed `text`, so that a slow machine kills runs in every state, too."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if output.exists() and text in output.read_text(errors="replace"):
            return
        time.sleep(0.02)
    raise AssertionError(f"{text} was never printed")


def refuses(run_dir: Path, output: Path) -> None:
    """What was killed before its run began is none or one that can be resumed, and nothing ends in a traceback."""
    for words in (
        ["replay", "--once", str(run_dir)],
        ["train", "--json", "--resume", str(run_dir), "--max-steps", "3"],
    ):
        _, status = os.waitpid(fork(words, output), 0)
        assert os.waitstatus_to_exitcode(status) in (0, 2), (words, output.read_text()[-3000:])
        assert "Traceback" not in output.read_text(), (words, output.read_text()[-3000:])


def check(run_dir: Path, last: int) -> None:
    """The recording ends as it should, and every step is there once, without a damaged record."""
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


def expect(run_dir: Path, words: list[str], code: int) -> None:
    output = run_dir.with_suffix(".log")
    _, status = os.waitpid(fork(words, output), 0)
    assert os.waitstatus_to_exitcode(status) == code, (words, status, output.read_text()[-3000:])


def end(child: int, seconds: float) -> None:
    """Kill a process after so many seconds, if it has not ended by then."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def fork(words: list[str], output: Path) -> int:
    """The program in a child process, its output in a file."""
    return forked(lambda: call(words), output)


def call(words: list[str]) -> None:
    from jem_tui.cli import main

    sys.argv = ["jem-tui", *words]
    main()


def forked(work: Callable[[], None], output: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        work()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    print(dict(main(int(sys.argv[1]), int(sys.argv[2]))))
