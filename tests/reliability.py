"""The table of `docs/reliability.md`: every promise, how it is tested, and the figures of one run.

    python -m tests.reliability                  all rows, for about 50 minutes
    python -m tests.reliability --minutes 2      the short form
    python -m tests.reliability --only kills     some rows
    python -m tests.reliability --write          put the figures into docs/reliability.md

Rows run one after the other, each in a process of its own that gets a share of the time.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


@dataclass(frozen=True)
class Row:
    """A promise and the command that tries to break it."""

    name: str
    promise: str
    method: str
    share: float
    """Part of the whole time."""
    measure: Callable[[float], str]
    """Seconds to figures in a few words; raises `subprocess.CalledProcessError` where the promise is broken."""


def run(*words: str, timeout: float) -> str:
    """Return what a Python process prints, with the tests' folders on its path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "e2e")])}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        done.check_returncode()
    return done.stdout


def repeated(script: str, seconds: float, batch: int, *more: str) -> str:
    """Run a script of `tests/e2e` with new seeds until the time is over; return the sums of its counts."""
    found: Counter[str] = Counter()
    end, seed = time.monotonic() + seconds, 1
    while time.monotonic() < end or seed == 1:
        out = run(f"tests/e2e/{script}.py", str(batch), str(seed), *more, timeout=seconds + 900)
        found.update(ast.literal_eval(out.strip().splitlines()[-1]))
        seed += batch
    return f"{sum(found.values()):,}: " + ", ".join(f"{count:,} {state}" for state, count in sorted(found.items()))
