"""Command that draws the pictures of the pages on energies and chains from the recorded run `results/demo`.

python -m results.explanations [--run DIR] [--target DIR] [--only PICTURE]

It takes about a minute of one core.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jem_tui.cli.run_inputs import opened_settings
from jem_tui.errors import EXIT_CODES, JemError
from jem_tui.jem.saved_run.load_run import OpenedRun, open_run
from results.chain_pictures import draw_chain, draw_long_chains, draw_temperatures
from results.energy_pictures import draw_energies, draw_ordered_images
from results.page_pictures import page_style

DEMO = Path(__file__).parent / "demo"
TARGET = Path(__file__).parents[1] / "docs" / "explanation"
PICTURES = {
    "energies.png": draw_energies,
    "ordered.png": draw_ordered_images,
    "chain.png": draw_chain,
    "long-chains.png": draw_long_chains,
    "temperatures.png": draw_temperatures,
}


def main(words: Sequence[str] | None = None) -> int:
    """Draw the chosen pictures, by default all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m results.explanations", description="Draw energies and chains.")
    parser.add_argument("--run", type=Path, default=DEMO, help="a run folder with a model")
    parser.add_argument("--target", type=Path, default=TARGET, help="where pictures are written")
    parser.add_argument("--only", action="append", choices=PICTURES, help="one picture; repeatable (default: all)")
    asked = parser.parse_args(words)
    try:
        run = opened(asked.run)
        with page_style():
            for name in asked.only or PICTURES:
                PICTURES[name](run, asked.target / name)
    except JemError as error:
        print(f"results: {error}", file=sys.stderr)
        return EXIT_CODES[error.reason]
    return 0


def opened(run_dir: Path) -> OpenedRun:
    """Return a run with its model on the CPU."""
    config, device = opened_settings(run_dir, device="cpu")
    return open_run(config, run_dir, device, lambda text, fraction: None)


if __name__ == "__main__":
    sys.exit(main())
