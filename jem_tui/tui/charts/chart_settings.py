"""How the curves are looked at: what is remembered of it from one start to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeVar, get_args

from jem_tui.raster.plot.axis import AXES, Axis

_Value = TypeVar("_Value")

ScaleChoice = Literal["automatic", "linear", "symlog", "log"]
"""Automatic: symlog for energies, linear for the rest."""

FOREIGN_UNITS: dict[Axis, str] = {"images": "steps", "steps": "rows", "time": "time"}
"""What each x axis counts in another program's log, which has steps of its own."""
SCALE_CHOICES: tuple[ScaleChoice, ...] = get_args(ScaleChoice)
SMOOTHINGS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
"""The weights that the keys go through: each averages over about twice as many values as the one before it."""


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """What all panels have in common."""

    smoothing: float = 0.95
    """Weight of the exponential moving average, 0 to 0.999."""
    scale: ScaleChoice = "automatic"
    """Of the y axis."""
    axis: Axis = "images"
    """What the x axis counts."""

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> ChartSettings:
        """What `stored` kept; the default for what is missing or no longer known."""
        default, smoothing = cls(), stored.get("smoothing")
        weight = smoothing if isinstance(smoothing, int | float) and 0 <= smoothing <= SMOOTHINGS[-1] else None
        return cls(
            smoothing=default.smoothing if weight is None else float(weight),
            scale=next((choice for choice in SCALE_CHOICES if choice == stored.get("scale")), default.scale),
            axis=next((axis for axis in AXES if axis == stored.get("axis")), default.axis),
        )

    def to_dict(self) -> dict[str, float | str]:
        """What `read` takes."""
        return asdict(self)

    def with_smoothing_step(self, steps: int) -> ChartSettings:
        """So many steps up (or down) the ladder of weights, as far as it goes."""
        nearest = min(range(len(SMOOTHINGS)), key=lambda index: abs(SMOOTHINGS[index] - self.smoothing))
        return replace(self, smoothing=SMOOTHINGS[min(len(SMOOTHINGS) - 1, max(0, nearest + steps))])

    def next_scale(self) -> ChartSettings:
        """Linear, symlog, log, and each metric's own again."""
        return replace(self, scale=next_choice(SCALE_CHOICES, self.scale))

    def next_axis(self) -> ChartSettings:
        """Images, steps, time."""
        return replace(self, axis=next_choice(AXES, self.axis))


def next_choice(choices: tuple[_Value, ...], choice: _Value) -> _Value:
    """The one after `choice`, the first after the last."""
    return choices[(choices.index(choice) + 1) % len(choices)]
