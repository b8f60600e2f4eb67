"""The table of `docs/reliability.md`: every promise, how it is tested, and the figures of one run.

    python -m tests.reliability                  all rows, for about 50 minutes
    python -m tests.reliability --minutes 0.3 --short --jobs 2   the rows that no slow test covers, for CI
    python -m tests.reliability --only kills     some rows
    python -m tests.reliability --write          put the figures into docs/reliability.md

Each row runs in a process of its own that gets a share of the time; `--jobs` rows run at the same time.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
FUZZED = ("reader", "index", "run-file", "config", "checkpoint", "checkpoint-folder", "model")
SHORT = (*(f"fuzz {target}" for target in FUZZED), "signals", "disks", "flips")
"""Rows that no slow test measures."""
MEMORY_LIMIT = 1000
"""Megabytes that reading a hostile file may take."""


@dataclass(frozen=True)
class Row:
    """A promise and the command that tries to break it."""

    name: str
    promise: str
    method: str
    share: float
    """Fraction of the total time."""
    measure: Callable[[float], str]
    """Function from seconds of testing to a short text with figures. Raises CalledProcessError if the promise is broken."""


Measured = tuple[Row, str, float]
"""A row, its figures and the seconds it took."""


def run_python(*words: str, timeout: float = 900.0) -> str:
    """Run Python with `words`; return what it prints to stdout. Raises CalledProcessError if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        done.check_returncode()
    return done.stdout


def repeated(script: str, batch: int, *more: str) -> Callable[[float], str]:
    """Return a measurement that runs a script with a count and new seeds until the time is over, and sums the counts it prints."""

    def measure(seconds: float) -> str:
        found: Counter[str] = Counter()
        end, seed = time.monotonic() + seconds, 1
        while time.monotonic() < end or seed == 1:
            printed = run_python(f"tests/{script}", str(batch), str(seed), *more)
            found.update(ast.literal_eval(printed.strip().splitlines()[-1]))
            seed += batch
        states = ", ".join(f"{count:,} {state}" for state, count in sorted(found.items()))
        return f"{sum(found.values()):,} ({states})"

    return measure


def fuzzed(target: str) -> Callable[[float], str]:
    """Return a measurement by the fuzzer of one part of the program."""

    def measure(seconds: float) -> str:
        report = json.loads(
            run_python("-m", "tests.fuzz", target, f"{seconds / 60:.3f}", timeout=seconds + 300).splitlines()[-1]
        )
        return f"{report['inputs']:,} inputs, {len(report['failures'])} failures"

    return measure


def memory_peaks(seconds: float) -> str:
    """Read each kind of hostile file in a separate process; return the largest peak of memory."""
    from tests.hostile.make import KINDS

    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            run_python("tests/hostile/make.py", folder, kind)
            peaks[kind] = float(run_python("tests/hostile/read.py", f"{folder}/{kind}").split()[1])
            shutil.rmtree(f"{folder}/{kind}")
    worst = max(peaks, key=peaks.__getitem__)
    assert peaks[worst] < MEMORY_LIMIT, f"{worst} takes {peaks[worst]:.0f} MB"
    return f"{len(peaks)} kinds of files, {peaks[worst]:.0f} MB at most ({worst})"


def flips_found(seconds: float) -> str:
    """Damage a small checkpoint in many ways; every load must be refused or return the saved state."""
    return run_python("-m", "tests.jem.damaged_checkpoints", timeout=seconds + 300).strip().splitlines()[-1]


def passed(*words: str) -> Callable[[float], str]:
    """Return a measurement by tests, whose figure is the summary of pytest."""

    def measure(seconds: float) -> str:
        return run_python("-m", "pytest", "-q", "-m", "slow or not slow", *words).strip().splitlines()[-1]

    return measure


ROWS = (
    Row("sessions", "No key, click, wheel or resize ends a run or changes a number of a run without steering.",
        "sessions of 400 random inputs in a real terminal, half of them on a live training run; numbers are compared with an "
        "undisturbed run", 0.34, repeated("e2e/monkey_sessions.py", 4, "400")),
    Row("screen", "No event ends the screen, for any numbers, names and shapes.",
        "sessions of 200 random inputs and events through Textual's pilot", 0.06, repeated("tui/monkey.py", 2, "200")),
    *(Row(f"fuzz {target}", f"No file causes a traceback: {what}.",
          f"`python -m tests.fuzz {target}`", share, fuzzed(target))
      for target, share, what in zip(FUZZED, (0.12, 0.05, 0.05, 0.05, 0.03, 0.02, 0.05), (
          "event files and recorded events", "the index", "run.json", "settings and preferences", "checkpoints",
          "checkpoints of several ranks", "published models"), strict=True)),
    Row("kills", "A run that is killed by SIGKILL at any moment replays and resumes.",
        "kills at random moments, a quarter of the resumed runs killed again", 0.07, repeated("e2e/killed_runs.py", 10)),
    Row("signals", "Every signal that Slurm, ssh or a shell sends saves the run and ends it with 130.",
        "seven signals at random moments from the import on; the run is resumed afterwards", 0.07,
        repeated("e2e/signalled_runs.py", 7)),
    Row("disks", "A full disk ends no training run, and no step is lost if space becomes available again.",
        "a small file system for each run, filled at a random moment, with stdout on it in two of five", 0.06,
        repeated("e2e/filled_disks.py", 4)),
    Row("memory", "A small file takes no more than 1 GB of memory to read.",
        "files of sparse records, huge tags, texts, images and counts, each in a separate process", 0.02, memory_peaks),
    Row("flips", "A damaged checkpoint never loads as another model.",
        "every third bit of a small checkpoint flipped, every page zeroed", 0.01, flips_found),
    Row("numbers", "Printed and exported values are those of the file.",
        "logs of seven writers and random logs, against TensorBoard's own reader without a size limit", 0.005,
        passed("tests/stream/reader/test_against_tensorboard.py", "tests/stream/console/test_printed_numbers.py")),
    Row("folders", "No folder, link or name hides a run or ends a command.",
        "random trees of links, loops, unreadable and oddly named folders", 0.005,
        passed("tests/stream/runs/test_find_runs.py", "tests/stream/runs/test_hostile_run_file.py")),
    Row("strangers", "`serve` refuses every request without the token of the link.", "requests of other origins, hosts and without a token",
        0.005, passed("tests/tui/web/test_server.py")),
)  # fmt: skip


def table(rows: list[Measured]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| Promise | How it is tested | Last figures | Minutes |", "|---|---|---|---|"]
    lines += [f"| {row.promise} | {row.method} | {figure} | {seconds / 60:.1f} |" for row, figure, seconds in rows]
    return "\n".join(lines)


def measured_row(row: Row, seconds: float) -> Measured:
    """Return a row, its figures or how its promise is broken, and the seconds that measuring it took."""
    began = time.monotonic()
    try:
        figure = row.measure(seconds)
    except (subprocess.SubprocessError, AssertionError) as error:
        figure = f"**broken**: {str(error)[-200:]}"
    return row, figure, time.monotonic() - began


def main() -> int:
    """Measure the rows of the command line; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--minutes", type=float, default=50.0, help="for all rows together")
    parser.add_argument("--jobs", type=int, default=1, help="rows that run at the same time")
    parser.add_argument("--only", default="", help="names of rows, separated by commas")
    parser.add_argument("--short", action="store_true", help="leave out rows that slow tests measure")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else SHORT if asked.short else [row.name for row in ROWS]
    chosen = [row for row in ROWS if row.name in names]
    seconds, whole = asked.minutes * 60, sum(row.share for row in chosen)
    measured: list[Measured] = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        for found in pool.map(lambda row: measured_row(row, seconds * row.share / whole), chosen):
            measured.append(found)
            print(f"{found[0].name:16} {found[1]}", flush=True)
    if asked.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        heading = f"Measured on {date.today():%Y-%m-%d}, on two shared cores.\n\n"
        PAGE.write_text(f"{before}{BEGIN}\n{heading}{table(measured)}\n{END}{after}", encoding="utf-8")
    return int(any("**broken**" in figure for _, figure, _ in measured))


if __name__ == "__main__":
    sys.exit(main())
