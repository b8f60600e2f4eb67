"""Seconds until there is something to see, against the floor of the library that shows it: `python -m benchmarks.startup [ROUNDS]`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pexpect

BARE_TEXTUAL = "from textual.app import App\nfrom textual.widgets import Static\nclass A(App):\n def compose(self): yield Static('hello')\nA().run()"
BARE_TYPER = "import typer\ntyper.Typer()\nprint('hello')"
LOAD_DIGITS = "from jem_tui.jem.datasets import mnist_mini\nimport time\nt = time.perf_counter()\nmnist_mini()\nprint('hello', time.perf_counter() - t)"


def seconds_to(args: list[str], word: str) -> float:
    """From the start of a Python process until its terminal has received `word`."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    start = time.perf_counter()
    program = pexpect.spawn(sys.executable, args, dimensions=(35, 120), env=environment)
    program.expect_exact(word, timeout=60)
    seconds = time.perf_counter() - start
    program.close(force=True)
    return seconds


def measure(rounds: int, folder: Path) -> dict[str, list[float]]:
    """Each start in turn, so that the machine's moods meet all of them."""
    starts = {
        "bare Textual app": (["-c", BARE_TEXTUAL], "hello"),
        "jem-tui train": (["-m", "jem_tui", "train", "--run-dir", str(folder / "run")], "starting"),
        "import typer": (["-c", BARE_TYPER], "hello"),
        "jem-tui --help": (["-m", "jem_tui", "--help"], "Usage"),
    }
    times: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(rounds):
        for name, (args, word) in starts.items():
            times[name].append(seconds_to(args, word))
    return times


def main(rounds: int = 5) -> None:
    """Print medians."""
    with tempfile.TemporaryDirectory() as folder:
        for name, values in measure(rounds, Path(folder)).items():
            print(f"{name:18} {median(values):.2f} s ({min(values):.2f} … {max(values):.2f})")
    program = pexpect.spawn(sys.executable, ["-c", LOAD_DIGITS])
    program.expect(r"hello (\S+)", timeout=60)
    print(f"{'built-in digits':18} {float(program.match.group(1)):.2f} s to load, once numpy is there")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
