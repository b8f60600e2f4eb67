"""Start-up times against the floors of the libraries that the program needs: `python -m benchmarks.startup [ROUNDS]`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect

from benchmarks.interleaved import Spread, ratios
from benchmarks.report import Row, markdown
from jem_tui.cli.demo import LABEL, demo_run

RUN = demo_run()
BARE_TEXTUAL = "from textual.app import App\nfrom textual.widgets import Static\nclass A(App):\n def compose(self): yield Static('hello')\nA().run()"
BARE_TYPER = "import typer\ntyper.Typer()\nprint('hello')"
LOAD_DIGITS = "from jem_tui.jem.data.datasets import mnist_mini\nimport time\nt = time.perf_counter()\nmnist_mini()\nprint('hello', time.perf_counter() - t)"


def seconds_to(args: list[str], word: str) -> float:
    """Return the seconds from the start of a Python process until its terminal has received `word`."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # as for a user, modules are compiled once
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    program = pexpect.spawn(sys.executable, args, dimensions=(35, 120), env=environment)
    program.expect_exact(word, timeout=60)
    seconds = time.perf_counter() - start
    # `close` times out on a busy machine
    program.kill(signal.SIGKILL)
    program.wait()
    program.close()
    return seconds


def measure(rounds: int, folder: Path) -> dict[str, list[float]]:
    """Measure the starts interleaved, so that load from elsewhere affects every start. The first round does not count."""
    times: dict[str, list[float]] = {name: [] for name in starts(folder)}
    for number in range(1 + rounds):
        for name, (args, word) in starts(folder).items():
            seconds = seconds_to(args, word)
            if number:
                times[name].append(seconds)
    return times


def starts(folder: Path) -> dict[str, tuple[list[str], str]]:
    """Return the arguments of Python for each start, and a word of the first frame.

    The words of the screens of two runs are those of the layout, since the runs are read after the first frame.
    """
    program, run = ["-m", "jem_tui"], str(RUN)
    return {
        "bare Textual app": (["-c", BARE_TEXTUAL], "hello"),
        "train": ([*program, "train", "--run-dir", str(folder / "run")], "starting"),
        "replay RUN": ([*program, "replay", run], f"replay of {RUN.name}"),
        "demo": ([*program, "demo"], LABEL),
        "browse ROOT": ([*program, "browse", str(RUN.parent)], "eval acc"),
        "compare RUN RUN": ([*program, "compare", run, str(copied_run(folder))], "reading"),
        "draw RUN": ([*program, "draw", run], "drawing"),
        "import typer": (["-c", BARE_TYPER], "hello"),
        "--help": ([*program, "--help"], "Usage"),
    }


def copied_run(folder: Path) -> Path:
    """Return a copy of the recorded run in another folder."""
    copy = folder / "copy"
    if not copy.exists():
        shutil.copytree(RUN, copy)
    return copy


def imports(statement: str) -> float:
    """Return the seconds that a fresh interpreter takes for a statement."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - began


def rows(rounds: int) -> Iterator[Row]:
    """Measure start-up against the floors of the libraries that the program needs."""
    with tempfile.TemporaryDirectory() as folder:
        times = measure(rounds, Path(folder))
    yield _later("jem-tui --help after a bare `import typer`", times["--help"], times["import typer"], 0.1)
    yield _later("first frame of train after a bare Textual app's", times["train"], times["bare Textual app"], 0.15)
    for name in ("replay RUN", "demo", "browse ROOT", "compare RUN RUN", "draw RUN"):
        yield Row(name=f"… of {name}, over a bare Textual app's", found=str(ratios(times, name, "bare Textual app")))
    with tempfile.TemporaryDirectory() as folder:
        floors, steps = [], []
        for number in range(rounds):
            floors.append(imports("import torch"))
            args = ["-m", "jem_tui", "train", "--json", "--no-ui", "--run-dir", f"{folder}/{number}"]
            steps.append(seconds_to(args, "StepDone"))
    yield _later("first training step after torch's own import", steps, floors, 2.0)


def _later(name: str, of: list[float], floor: list[float], aim: float) -> Row:
    """Return a row of the seconds above the floor, round by round."""
    found = Spread.of([a - b for a, b in zip(of, floor, strict=True)])
    return Row(name=name, found=f"{found} s", aim=f"≤ {aim:g} s", reached=found.median <= aim)


def main(rounds: int = 5) -> None:
    """Print medians."""
    print("\n".join(markdown(rows(rounds))))
    program = pexpect.spawn(sys.executable, ["-c", LOAD_DIGITS])
    program.expect(r"hello (\S+)", timeout=60)
    print(f"\n{'built-in digits':18} {float(program.match.group(1)):.2f} s to load, once numpy is there")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
