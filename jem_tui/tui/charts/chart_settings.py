"""Settings of all charts, which are kept in the preferences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeVar, get_args

from jem_tui.raster.plot.scales.axis import AXES, Axis
from jem_tui.tui.state.run_view import RunView

_Value = TypeVar("_Value")

ScaleChoice = Literal["automatic", "linear", "symlog", "log"]
"""Scale of the y axes; "automatic" is symlog for energies and linear for other metrics."""

LOOP_UNITS: dict[Axis, str] = {"images": "steps", "steps": "steps", "time": "time"}
"""Units of the x axes for a watched loop that does not count images."""
FOREIGN_UNITS: dict[Axis, str] = {"images": "steps", "steps": "rows", "time": "time"}
"""Units of the x axes for a foreign log, which counts its own steps."""
SCALE_CHOICES: tuple[ScaleChoice, ...] = get_args(ScaleChoice)
SMOOTHINGS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
"""Smoothing weights that the keys select: each averages over about twice as many values as the previous weight."""


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """Settings that all panels share."""

    smoothing: float = 0.95
    """Weight of the exponential moving average, 0 to 0.999."""
    scale: ScaleChoice = "automatic"
    """Scale of the y axis."""
    axis: Axis = "images"
    """Unit of the x axis."""

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> ChartSettings:
        """Read stored settings, with the default for values that are missing or invalid."""
        default, smoothing = cls(), stored.get("smoothing")
        weight = smoothing if isinstance(smoothing, int | float) and 0 <= smoothing <= SMOOTHINGS[-1] else None
        return cls(
            smoothing=default.smoothing if weight is None else float(weight),
            scale=next((choice for choice in SCALE_CHOICES if choice == stored.get("scale")), default.scale),
            axis=next((axis for axis in AXES if axis == stored.get("axis")), default.axis),
        )

    def to_dict(self) -> dict[str, float | str]:
        """Return the settings in the form that `read` accepts."""
        return asdict(self)

    def with_smoothing_step(self, steps: int) -> ChartSettings:
        """Return settings with a weight `steps` positions later (or earlier) in `SMOOTHINGS`, up to its ends."""
        nearest = min(range(len(SMOOTHINGS)), key=lambda index: abs(SMOOTHINGS[index] - self.smoothing))
        return replace(self, smoothing=SMOOTHINGS[min(len(SMOOTHINGS) - 1, max(0, nearest + steps))])

    def next_scale(self) -> ChartSettings:
        """Return settings with the next scale: automatic, linear, symlog, log."""
        return replace(self, scale=next_choice(SCALE_CHOICES, self.scale))

    def next_axis(self) -> ChartSettings:
        """Return settings with the next x axis: images, steps, time."""
        return replace(self, axis=next_choice(AXES, self.axis))


def axis_unit(axis: Axis, run: RunView) -> str:
    """Return the unit of an x axis in the words of a run."""
    if run.counts_images:
        return axis
    return (FOREIGN_UNITS if run.foreign else LOOP_UNITS)[axis]


def next_choice(choices: tuple[_Value, ...], choice: _Value) -> _Value:
    """Return the element after `choice`, or the first after the last."""
    return choices[(choices.index(choice) + 1) % len(choices)]
