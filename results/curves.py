"""The losses of a recorded run as a picture: `python -m results.curves RUN FILE.png`."""

from __future__ import annotations

import sys
from pathlib import Path

from jem_tui.stream.replay.replayer import read_events
from results.drawing import draw_losses, loss_curves


def draw_run(run_dir: Path, picture: Path) -> None:
    """Write a PNG of the three losses over the training images seen."""
    draw_losses(loss_curves(list(read_events(run_dir))), run_dir.name, picture)


if __name__ == "__main__":
    draw_run(Path(sys.argv[1]), Path(sys.argv[2]))
