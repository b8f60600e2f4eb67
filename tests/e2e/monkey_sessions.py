"""Random keys, clicks, wheel and resizes on the whole program in a terminal of its own.

By hand, with a number of sessions, a seed and a number of inputs: `python tests/e2e/monkey_sessions.py 200 1 400`. Every second
session is a live training run, every other one a replay. In half of the training runs no key that steers is pressed; their metrics must
be equal to those of a training run without a screen. One process imports torch and forks every session.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.cli.program import SMALL, setting_words
from tests.e2e.forked_program import TRAINER, expect_exit, preload
from tests.e2e.forked_terminal import ForkedTerminal, fork_in_terminal

ROOT = Path(__file__).parents[2]
TRAINING = [
    *("train", "--device", "cpu", "--seed", "5"),
    *setting_words(
        *SMALL,
        "train.threads=1",
        "train.epochs=1000",
        "optimizer.decay=none",
        "record.checkpoint_every=50",
        "record.samples_every=7",
        "record.evaluate_every=10",
    ),
]
"""The command line of every training run except its run folder; no number of a step depends on the number of steps."""
SCREEN = ("jem_tui.stream.console.summary", "jem_tui.tui.app")
"""Modules that a session imports in addition to those of a training run."""
SIZES = ((35, 120), (24, 80), (60, 200), (20, 60), (12, 40))
"""Rows and columns; sessions start with one of the first three sizes."""
HARMLESS = [*"tpn<>dmMzZ,.a[]yxbofic+-={}0123456789T?/gh ", "zz,,", "p", "p"]
"""Keys that change what is drawn, or when a step is done, but no number."""
STEERING = [*"rwWkKjJlLeuRs", "\x10"]
"""Keys that change numbers, and the key of the command palette, which lists all commands."""
NAMED = ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[1;2C", "\x1b[1;2D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"]
NAMED += ["\r", "\x1b", "\t", "\x1b[Z", "\x7f"]
"""Arrows, home, end, pages, enter, escape, tab, backspace."""
ALL = HARMLESS + NAMED + STEERING
FOOTERS = frozenset(rows for rows, _ in SIZES)
"""Rows in which a click may steer: the footer lists the keys, and the screen may not yet have its new size."""
TRACEBACK = re.compile(rb"Traceback|\b\w+Error\b: ")


def random_input(draw: random.Random, keys: list[str], size: tuple[int, int]) -> str:
    """Return a key, or a click, a wheel event or a mouse move at a random cell."""
    if draw.random() < 0.83:
        return draw.choice(keys)
    row, column, button = draw.randint(1, size[0]), draw.randint(1, size[1]), draw.choice((0, 0, 64, 65, 35))
    if row in FOOTERS and keys is not ALL:
        row -= 1
    pressed = f"\x1b[<{button};{column};{row}M"
    return pressed + f"\x1b[<{button};{column};{row}m" if button == 0 else pressed


def send_inputs(
    terminal: ForkedTerminal, draw: random.Random, keys: list[str], size: tuple[int, int], count: int
) -> list[str]:
    """Send `count` inputs, or fewer if the program ends; return the last 15 inputs."""
    sent: list[str] = []
    for _ in range(count):
        if draw.random() < 0.03:
            size = draw.choice(SIZES)
            terminal.resize(*size)
            sent.append(f"<{size}>")
        else:
            sent.append(random_input(draw, keys, size))
            terminal.write(sent[-1])
        terminal.read(0.02)
        if terminal.exit_code is not None:
            break
    return sent[-15:]


def end_session(terminal: ForkedTerminal, run_dir: Path | None, expected: int) -> str:
    """Stop the program by SIGTERM; return what went wrong in the session, "" for nothing."""
    code: int | None
    if terminal.exit_code == 0 and (run_dir is None or was_stopped(run_dir)):
        code, expected = 0, 0
    elif terminal.exit_code is not None:
        return f"ended unexpectedly with {terminal.exit_code}"
    else:
        os.kill(terminal.pid, signal.SIGTERM)
        code = terminal.wait_for_exit(30.0)
    if code is None:
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait_for_exit(5.0)
        return "did not end after SIGTERM"
    if TRACEBACK.search(bytes(terminal.output)):
        return "a traceback was printed"
    if run_dir is not None and (errors := sorted(run_dir.glob("screen-error*"))):
        return errors[0].read_text()[-1500:]
    return "" if code == expected else f"exit code {code} instead of {expected}"


def was_stopped(run_dir: Path) -> bool:
    """Return whether an input stopped the run: keys, the command palette and answers to its questions can."""
    return bool(json.loads((run_dir / "run.json").read_text())["status"] == "stopped")


def play_session(folder: Path, seed: int, inputs: int, logs: list[Path]) -> str:
    """Play one session; return its kind. Raises AssertionError with the last inputs if the session fails."""
    draw = random.Random(seed)
    size, is_live, is_steered = SIZES[seed % 3], seed % 2 == 0, seed % 4 == 0
    run_dir = folder / f"run{seed}"
    words = [*TRAINING, "--run-dir", str(run_dir)]
    if not is_live:
        words = ["replay", *map(str, draw.sample(logs, draw.choice((1, 1, 2))))]
    terminal = fork_in_terminal(words, *size)
    if is_live:
        await_start(terminal, run_dir)
    terminal.read(2.0)
    keys = ALL if is_steered or not is_live else HARMLESS + NAMED
    last = send_inputs(terminal, draw, keys, size, inputs)
    failure = end_session(terminal, run_dir if is_live else None, 130)
    os.close(terminal.descriptor)
    assert not failure, f"session {seed}, {size}, {words[0]}: {failure}; last inputs {last}; {terminal.printed_end()}"
    if is_live and not is_steered:
        compare_metrics(run_dir, undisturbed(folder, last_step(run_dir)))
    return "replay" if not is_live else "training, steered" if is_steered else "training"


def await_start(terminal: ForkedTerminal, run_dir: Path) -> None:
    """Read until a training run has a folder, which takes longer than usual on a busy machine."""
    deadline = time.monotonic() + 60
    while not (run_dir / "run.json").exists() and terminal.exit_code is None and time.monotonic() < deadline:
        terminal.read(0.1)


def last_step(run_dir: Path) -> int:
    """Return the step at which a run ended."""
    return int(json.loads((run_dir / "run.json").read_text())["step"])


def undisturbed(folder: Path, steps: int) -> Path:
    """Train at least `steps` steps without a screen, unless a session before has needed as many; return the run folder."""
    found = [run_dir for run_dir in folder.glob("undisturbed*/") if last_step(run_dir) >= steps]
    if found:
        return found[0]
    run_dir = folder / f"undisturbed{steps}"
    words = [*TRAINING, "--json", "--max-steps", str(max(steps, 1)), "--run-dir", str(run_dir)]
    expect_exit(words, run_dir.with_suffix(".out"), 0)
    return run_dir


def compare_metrics(run_dir: Path, reference: Path) -> None:
    """Compare the metrics of a run with those of `reference`, in every step that both runs recorded."""
    from jem_tui.events.run import StepDone
    from jem_tui.stream.replay.replayer import read_events

    ours, theirs = (
        {event.step: event.metrics for event in read_events(path) if isinstance(event, StepDone)}
        for path in (run_dir, reference)
    )
    shared = sorted(ours.keys() & theirs.keys())
    assert len(shared) > 3, (run_dir, len(ours))
    wrong = [step for step in shared if ours[step] != theirs[step]]
    assert not wrong, f"{run_dir}: step {wrong[0]} differs: {ours[wrong[0]]} {theirs[wrong[0]]}"
    assert list(run_dir.glob("checkpoints/*.pt")), f"{run_dir} has no checkpoint"


def main(count: int, seed: int, inputs: int = 400) -> Counter[str]:
    """Play sessions one after the other; return how many of each kind survived, and print each failure."""
    preload(*TRAINER, *SCREEN)
    found: Counter[str] = Counter()
    logs = [ROOT / "results" / "demo", *sorted((ROOT / "tests" / "stream" / "written_by").glob("[kft]*/"))]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as copies:
        os.environ["JEM_TUI_CONFIG_DIR"] = folder
        # Random keys save pictures next to a recording
        logs = [shutil.copytree(log, Path(copies, log.name)) for log in logs]
        for number in range(seed, seed + count):
            try:
                found[play_session(Path(folder), number, inputs, logs)] += 1
            except AssertionError as error:
                found["died"] += 1
                print(error, file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    survived = main(*map(int, sys.argv[1:]))
    print(dict(survived))
    sys.exit(survived["died"] > 0)
