"""Command that creates all of `results/`: it trains missing runs, measures and draws.

python -m results.make --data-dir DIR [--only original|default|demo] [--work DIR] [--study DIR]

The data folder holds torchvision's `MNIST/raw`, or receives the download. Runs are kept in the working folder; a finished one is not
trained again, and an interrupted run is resumed. `default` shows a run of `python -m benchmarks.quality`, whose folder is the study.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jem_tui.errors import EXIT_CODES, JemError
from results.default import make_default
from results.demo import make_demo
from results.original import make_original
from results.training import trained

PARTS = ("original", "default", "demo")
TARGET = Path(__file__).parent


def main(words: Sequence[str] | None = None) -> int:
    """Create the chosen parts, by default all; return the exit code."""
    asked = arguments().parse_args(words)
    try:
        for part in asked.only or PARTS:
            make(part, asked)
    except JemError as error:
        print(f"results: {error}", file=sys.stderr)
        return EXIT_CODES[error.reason]
    return 0


def make(part: str, asked: argparse.Namespace) -> None:
    """Make one part of `PARTS`."""
    match part:
        case "original":
            make_original(("--data", "mnist", "--data-dir", asked.data_dir), asked.work, asked.target)
        case "default":
            make_default(asked.study, asked.data_dir, asked.target / "default")
        case "demo":
            make_demo(trained(asked.work / "demo", ["-s", "train.threads=1"]), asked.target / "demo")


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m results.make", description="Make everything in results/.")
    parser.add_argument("--data-dir", required=True, type=Path, help="where MNIST lies or is downloaded to")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable (default: all)")
    parser.add_argument("--work", type=Path, default=Path("runs/results"), help="where runs are kept")
    parser.add_argument("--study", type=Path, default=Path("runs/quality"), help="the folder of benchmarks.quality")
    parser.add_argument("--target", type=Path, default=TARGET, help="where pictures, tables and the demo go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
