"""The trend of a curve over the last tenth of a run."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from jem_tui.tui.state.series import Series

LAST_PART = 0.1
"""Share of the images of a run over which a trend is computed."""
FEWEST = 8
"""Points below which a trend cannot be distinguished from noise."""
SPARSE = 2
"""Points in the last tenth up to which a metric is one of evaluations, of which the last two are compared."""
CERTAIN = 2.0
"""Standard errors that a change must exceed."""


def change_at_end(series: Series, images: float) -> float | None:
    """Return by how much a metric has changed over the last tenth of a run of `images`, by a linear fit; 0 for a change within its noise.

    With at most `SPARSE` points there, it is the difference of the last two points. None where the points are too few for either.
    """
    x, y = np.asarray(series.images, float), np.asarray(series.values, float)
    kept = np.isfinite(y)
    x, y = x[kept], y[kept]
    last = x >= images * (1 - LAST_PART)
    if last.sum() >= FEWEST:
        return _fitted_change(x[last], y[last])
    return float(y[-1] - y[-2]) if len(y) > 1 and last.sum() <= SPARSE else None


def _fitted_change(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return slope times extent of a least-squares line through points (n,), or 0 if that is below `CERTAIN` standard errors."""
    away = x - x.mean()
    spread = float(away @ away)
    if spread == 0:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        slope = float(away @ y) / spread
        rest = y - y.mean() - slope * away
        error = math.sqrt(float(rest @ rest) / max(1, len(x) - 2) / spread)
        change = slope * float(np.ptp(x))
    known = math.isfinite(change) and math.isfinite(error)
    return change if known and abs(slope) > CERTAIN * error else 0.0
