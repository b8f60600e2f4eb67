"""Names of x axes and of y scales."""

from __future__ import annotations

from typing import Literal, get_args

Axis = Literal["images", "steps", "time"]
ScaleName = Literal["linear", "symlog", "log"]

AXES: tuple[Axis, ...] = get_args(Axis)
SCALES: tuple[ScaleName, ...] = get_args(ScaleName)
