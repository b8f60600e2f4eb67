"""The final values of a log as plain data, ready for JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jem_tui.json_values import plain
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.reader.read_points import read_points


def final_json(logdir: Path) -> dict[str, Any]:
    """Return the last point of every curve as the log holds it, and the account of what is left out; raises InputError as `read_points`.

    Numbers that are not finite are the strings of `plain`, since JSON has none for them.
    """
    log = read_points(logdir)
    curves = {tag: _last_point(points) for tag, points in log.points.items() if len(points)}
    return {"path": str(logdir), "foreign": log.foreign, "curves": curves, "left_out": log.left_out.as_json()}


def _last_point(points: LoggedPoints) -> dict[str, Any]:
    """Return the point of the largest step, of several the one that was written last, and counts over the whole curve."""
    last = points.in_order()[-1:]
    axes = {"step": last.step} if last.images is None else {"step": last.step, "images": last.images}
    numbers = {**axes, "wall_time": last.wall_time, "value": last.value}
    counts = {"points": len(points), "not_finite": int((~np.isfinite(points.value)).sum())}
    return {**{name: plain(array[0].item()) for name, array in numbers.items()}, **counts}
