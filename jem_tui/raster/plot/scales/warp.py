"""Transformations of the y axis: linear, symmetric logarithmic and logarithmic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.scales.axis import ScaleName

Floats = NDArray[np.float64]
_HUGE = 300.0
"""Largest power of ten that a double holds, rounded down."""


@dataclass(frozen=True, slots=True)
class Warp:
    """Strictly increasing function of values with its inverse; the function is NaN where a value cannot be shown."""

    name: ScaleName
    forward: Callable[[Floats], Floats]
    inverse: Callable[[Floats], Floats]

    def hides(self, y: Floats) -> NDArray[np.bool_] | None:
        """Return the mask of finite values that cannot be shown, or None if all can."""
        if self.name != "log" or not len(y) or not (hidden := np.isfinite(y) & (y <= 0)).any():
            return None
        return hidden


def _same(y: Floats) -> Floats:
    return y


def _symlog(y: Floats) -> Floats:
    """Return sign(y) · log₁₀(1 + |y|): linear around 0, logarithmic beyond ±1."""
    warped: Floats = np.sign(y) * np.log1p(np.abs(y)) / np.log(10)
    return warped


def _symexp(y: Floats) -> Floats:
    return np.asarray(np.sign(y) * np.expm1(np.minimum(np.abs(y), _HUGE) * np.log(10)))


def _log(y: Floats) -> Floats:
    logs: Floats = np.log10(y, out=np.full(np.shape(y), np.nan), where=np.asarray(y) > 0)
    return logs


def _exp(y: Floats) -> Floats:
    return np.asarray(10.0 ** np.clip(y, -_HUGE, _HUGE))


LINEAR = Warp("linear", _same, _same)
WARPS: dict[ScaleName, Warp] = {
    "linear": LINEAR,
    "symlog": Warp("symlog", _symlog, _symexp),
    "log": Warp("log", _log, _exp),
}
