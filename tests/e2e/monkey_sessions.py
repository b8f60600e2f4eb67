"""Random keys, clicks, wheel and resizes on the whole program in a terminal of its own.

By hand, with a number of sessions, a seed and a number of inputs: `python tests/e2e/monkey_sessions.py 200 1 400`. Every other
session is a live training, the rest replays. In half of the trainings no key that steers is pressed; their numbers must be
those of a training without a screen, digit for digit. One process imports torch and forks every session.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from killed_runs import call, forked

ROOT = Path(__file__).parents[2]
TRAINING = [
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "train.threads=1",
    "train.epochs=1000",
    "sgld.steps=2",
    "record.tiles=9",
    "record.evaluate_images=50",
    "record.checkpoint_every=50",
    "record.samples_every=7",
    "record.evaluate_every=10",
]
SIZES = ((35, 120), (24, 80), (60, 200), (20, 60), (12, 40))
"""Rows and columns; sessions start with one of the first three."""
HARMLESS = [*"tpn<>dmMzZ,.a[]yxbofic+-={}0123456789T?/gh ", "zz,,", "p", "p"]
"""Keys that change what is drawn, or when a step is done, but no number."""
STEERING = [*"rwWkKjJlLeuRs", "\x10"]
"""Keys that change numbers; the command palette holds all of them."""
NAMED = ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[1;2C", "\x1b[1;2D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"]
NAMED += ["\r", "\x1b", "\t", "\x1b[Z", "\x7f"]
"""Arrows, home, end, pages, enter, escape, tab, backspace."""
ALL = HARMLESS + NAMED + STEERING
FOOTERS = frozenset(rows for rows, _ in SIZES)
"""Rows in which a click may steer: the footer lists the keys, and a resize can be on its way."""
TRACEBACK = re.compile(rb"Traceback|\b\w+Error\b: ")


@dataclass
class Terminal:
    """A program in a pseudo-terminal, and the end of what it wrote."""

    pid: int
    descriptor: int
    output: bytearray = field(default_factory=bytearray)
    status: int | None = None

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds: float) -> None:
        """Take in output for so long, or until the program has ended."""
        end = time.monotonic() + seconds
        while self.status is None and (left := end - time.monotonic()) > 0:
            if select.select([self.descriptor], [], [], left)[0]:
                try:
                    self.output += os.read(self.descriptor, 1 << 16)
                except OSError:
                    self.reap(5.0)
                del self.output[:-200_000]

    def write(self, text: str) -> None:
        try:
            os.write(self.descriptor, text.encode())
        except OSError:
            self.reap(5.0)

    def reap(self, seconds: float) -> int | None:
        """Wait so long for the end; return the exit code, None while the program runs."""
        end = time.monotonic() + seconds
        while self.status is None and time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif select.select([self.descriptor], [], [], 0.05)[0]:
                try:
                    self.output += os.read(self.descriptor, 1 << 16)
                except OSError:
                    time.sleep(0.05)
        return self.status


def start(words: list[str], size: tuple[int, int]) -> Terminal:
    """Start the program in a terminal of `size` rows and columns."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        code = 70
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            sys.stdin, sys.stdout, sys.stderr = (open(n, "r" if n == 0 else "w", closefd=False) for n in range(3))  # noqa: SIM115
            vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)
            call(words)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 0
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
    return Terminal(pid, descriptor)


def one_input(draw: random.Random, keys: list[str], size: tuple[int, int]) -> str:
    """Return a key, or a click, a wheel or a move of the mouse at a place of the screen."""
    if draw.random() < 0.83:
        return draw.choice(keys)
    row, column, button = draw.randint(1, size[0]), draw.randint(1, size[1]), draw.choice((0, 0, 64, 65, 35))
    if row in FOOTERS and keys is not ALL:
        row -= 1
    pressed = f"\x1b[<{button};{column};{row}M"
    return pressed + f"\x1b[<{button};{column};{row}m" if button == 0 else pressed


def press(terminal: Terminal, draw: random.Random, keys: list[str], size: tuple[int, int], count: int) -> list[str]:
    """Send `count` inputs; return the last of them."""
    sent: list[str] = []
    for _ in range(count):
        if draw.random() < 0.03:
            size = draw.choice(SIZES)
            terminal.resize(*size)
            sent.append(f"<{size}>")
        else:
            sent.append(one_input(draw, keys, size))
            terminal.write(sent[-1])
        terminal.read(0.02)
        if terminal.status is not None:
            break
    return sent[-15:]


def fault(terminal: Terminal, run_dir: Path | None, expected: int) -> str:
    """Return what went wrong up to here in a few words; empty if nothing did."""
    code: int | None
    if terminal.status == 0 and (run_dir is None or was_left(run_dir)):
        code, expected = 0, 0
    elif terminal.status is not None:
        return f"ended by itself with {terminal.status}"
    else:
        os.kill(terminal.pid, signal.SIGTERM)
        code = terminal.reap(30.0)
    if code is None:
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.reap(5.0)
        return "did not end after SIGTERM"
    if TRACEBACK.search(bytes(terminal.output)):
        return "a traceback was printed"
    if run_dir is not None and (errors := sorted(run_dir.glob("screen-error*"))):
        return errors[0].read_text()[-1500:]
    return "" if code == expected else f"exit code {code} instead of {expected}"


def was_left(run_dir: Path) -> bool:
    """Return whether somebody chose to end the run: the command palette and its answers can do that, too."""
    return bool(json.loads((run_dir / "run.json").read_text())["status"] == "stopped")


def session(folder: Path, seed: int, inputs: int, logs: list[Path]) -> str:
    """Play one session; return its kind, or raise AssertionError with what it did last."""
    draw = random.Random(seed)
    size, live, steered = SIZES[seed % 3], seed % 2 == 0, seed % 4 == 0
    run_dir = folder / f"run{seed}"
    words = ["train", "--device", "cpu", "--seed", "5", *settings(), "--run-dir", str(run_dir)]
    if not live:
        words = ["replay", *map(str, draw.sample(logs, draw.choice((1, 1, 2))))]
    terminal = start(words, size)
    terminal.read(2.0)
    keys = ALL if steered or not live else HARMLESS + NAMED
    last = press(terminal, draw, keys, size, inputs)
    wrong = fault(terminal, run_dir if live else None, 130)
    os.close(terminal.descriptor)
    assert not wrong, f"session {seed}, {size}, {words[0]}: {wrong}; last inputs {last}; {tail(terminal)}"
    if live and not steered:
        compare(run_dir, folder / "undisturbed")
    return f"{'training' if live else 'replay'}{', steered' if live and steered else ''}"


def tail(terminal: Terminal) -> str:
    """Return the end of the output as plain letters."""
    text = re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b\][^\x07]*\x07", b" ", bytes(terminal.output)).decode(
        "utf-8", "replace"
    )
    return re.sub(r"[\s─-╿▀-▟⠀-⣿]+", " ", text)[-500:]


def settings() -> list[str]:
    return [word for setting in TRAINING for word in ("-s", setting)]


def undisturbed(run_dir: Path, steps: int) -> None:
    """Train without a screen, for the numbers to compare with."""
    words = ["train", "--json", "--device", "cpu", "--seed", "5", *settings(), "--max-steps", str(steps)]
    output = run_dir.with_suffix(".out")
    _, status = os.waitpid(forked(lambda: call([*words, "--run-dir", str(run_dir)]), output), 0)
    assert os.waitstatus_to_exitcode(status) == 0, output.read_text()[-2000:]


def compare(run_dir: Path, reference: Path) -> None:
    """Assert that a run has the numbers of the undisturbed one, as far as both go."""
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
    """Play sessions one after the other; return how many of each kind survived, and print each that did not."""
    import torch

    import jem_tui.jem.trainer.build
    import jem_tui.stream.console.summary
    import jem_tui.stream.writer.recorder
    import jem_tui.tui.app  # noqa: F401

    torch.set_num_threads(1)
    found: Counter[str] = Counter()
    logs = [ROOT / "results" / "demo", *sorted((ROOT / "tests" / "stream" / "written_by").glob("[kft]*/"))]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JEM_TUI_CONFIG_DIR"] = folder
        undisturbed(Path(folder) / "undisturbed", 3000)
        for number in range(seed, seed + count):
            try:
                found[session(Path(folder), number, inputs, logs)] += 1
            except AssertionError as error:
                found["died"] += 1
                print(error, file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    survived = main(*map(int, sys.argv[1:]))
    print(dict(survived))
    sys.exit(survived["died"] > 0)
