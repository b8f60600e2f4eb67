"""Choices for the axes of a chart."""

from __future__ import annotations

from typing import Literal, get_args

Axis = Literal["images", "steps", "time"]
ScaleName = Literal["linear", "symlog", "log"]

AXES: tuple[Axis, ...] = get_args(Axis)
SCALES: tuple[ScaleName, ...] = get_args(ScaleName)
