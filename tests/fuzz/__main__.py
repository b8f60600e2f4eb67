"""Fuzz one part of the program: `python -m tests.fuzz TARGET MINUTES`, or all parts after one another with `all` as the target.

With atheris installed inputs are guided by coverage, otherwise they are random changes of the seeds. Each input must be
accepted or refused in a sentence, quickly. What fails is kept in the folder `fuzz-failures`, one input for each place of failure;
the last line of stdout is a JSON object with the number of inputs and failures.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable

from tests.fuzz.engine import Session, fuzz
from tests.fuzz.targets import TARGETS, Target


def main() -> int:
    """Run a fuzzer, and return the exit code: 1 if an input failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=0, help="of the random changes")
    parser.add_argument("--plain", action="store_true", help="random changes even if atheris is installed")
    asked = parser.parse_args()
    if asked.target == "all":
        rest = [str(asked.minutes), "--seed", str(asked.seed), *(["--plain"] if asked.plain else [])]
        return max(subprocess.call([sys.executable, "-m", "tests.fuzz", name, *rest]) for name in TARGETS)
    session = Session(asked.target, asked.minutes * 60)
    fuzz(session, lambda: opened(TARGETS[asked.target]), asked.seed, plain=asked.plain)
    return 1 if session.failures else 0


def opened(target: Target) -> tuple[Callable[[bytes], object], list[bytes]]:
    """Return the function under test and its seeds; the program is imported here."""
    return target()


if __name__ == "__main__":
    sys.exit(main())
