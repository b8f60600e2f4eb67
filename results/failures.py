"""Command that draws the gallery of failures: it trains runs that are broken on purpose, and draws their curves and samples.

python -m results.failures [--only NAME] [--work DIR] [--target DIR]

Each run takes about a minute of one core. A finished run is not trained again, and an interrupted one is resumed. The
sentences of the watchdog are printed to stdout.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from jem_tui.errors import EXIT_CODES, JemError
from jem_tui.events.run import Event, Note
from jem_tui.stream.replay.replayer import read_events
from results.broken_runs import BROKEN, HEALTHY
from results.failure_pictures import draw_run
from results.page_pictures import page_style

NICE = 10
"""Priority of the training runs."""
TARGET = Path(__file__).parents[1] / "docs" / "explanation" / "failures"


def main(words: Sequence[str] | None = None) -> int:
    """Train and draw the chosen runs, by default all; return the exit code."""
    asked = arguments().parse_args(words)
    os.nice(NICE)
    try:
        healthy = list(read_events(HEALTHY.train(asked.work)))
        for run in (HEALTHY, *BROKEN):
            if run.name in (asked.only or [run.name]):
                events = list(read_events(run.train(asked.work)))
                with page_style():
                    draw_run(events, None if run is HEALTHY else healthy, asked.target / f"{run.name}.png")
                print(f"{run.name}: {'; '.join(warnings_in(events)) or 'no warning'}", flush=True)
    except JemError as error:
        print(f"results: {error}", file=sys.stderr)
        return EXIT_CODES[error.reason]
    return 0


def warnings_in(events: Sequence[Event]) -> Iterator[str]:
    """Yield the sentences of the watchdog, each with its step."""
    for event in events:
        if isinstance(event, Note) and event.kind in ("warning", "divergence"):
            yield f"step {event.step}: {event.text}"


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m results.failures", description="Draw the gallery of failures.")
    names = [run.name for run in (HEALTHY, *BROKEN)]
    parser.add_argument("--only", action="append", choices=names, help="one run; repeatable (default: all)")
    parser.add_argument("--work", type=Path, default=Path("runs/failures"), help="where runs are kept")
    parser.add_argument("--target", type=Path, default=TARGET, help="where pictures are written")
    return parser


if __name__ == "__main__":
    sys.exit(main())
