"""Knobs: settings of a watched loop that its viewers can change while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jem_tui.events.commands import Adjust
from jem_tui.events.run import Adjusted, At, Event, Note

FACTOR = 1.25
"""Factor of a knob for which neither `factor` nor `increment` is given."""
MOST_INCREMENTS = 1000
"""Maximum number of increments of one command."""


@dataclass(frozen=True, kw_only=True)
class Knob:
    """A setting with the functions that read and change it, and the range and size of its increments."""

    name: str
    get: Callable[[], Any]
    set: Callable[[Any], Any]
    factor: float
    """Factor on the value for one increment up; 1 for a knob with a summand."""
    increment: float
    """Amount added to the value for one increment up; 0 for a knob with a factor."""
    low: float
    high: float

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError unless the knob can be read and its range and increments are usable."""
        if not self.name or not isinstance(self.name, str):
            raise ValueError("The name of a knob must be text, and not empty.")
        if not callable(self.get) or not callable(self.set):
            raise TypeError(f"get and set of the knob {self.name} must be functions.")
        if not (self.factor > 0 and math.isfinite(self.factor) and math.isfinite(self.increment)):
            raise ValueError(f"factor and increment of the knob {self.name} must be finite, and the factor above 0.")
        if (self.factor == 1) == (self.increment == 0):
            raise ValueError(f"The knob {self.name} takes either a factor other than 1 or an increment other than 0.")
        if not self.low <= self.high:
            raise ValueError(f"low of the knob {self.name} is greater than high.")
        try:
            self.value()
        except Exception as error:
            raise TypeError(f"The knob {self.name} cannot be read: get must return a number ({error}).") from error

    def value(self) -> float:
        """Return the current value."""
        return float(self.get())

    def change(self, increments: int) -> tuple[float, float]:
        """Change the value by some increments within its range, and return the values before and after."""
        current = self.get()
        old = float(current)
        count = max(-MOST_INCREMENTS, min(MOST_INCREMENTS, increments))
        new = max(self.low, min(self.high, old * self.factor**count + self.increment * count))
        if new != old:
            self.set(round(new) if isinstance(current, int) and math.isfinite(new) else new)
        return old, self.value()


def make_knob(
    name: str,
    get: Callable[[], Any],
    set: Callable[[Any], Any],
    factor: float | None,
    increment: float | None,
    low: float,
    high: float,
) -> Knob:
    """Return a knob; without `factor` and `increment`, one that an increment multiplies by `FACTOR`."""
    if factor is None:
        factor = FACTOR if increment is None else 1.0
    return Knob(name=name, get=get, set=set, factor=factor, increment=increment or 0.0, low=low, high=high)


class Knobs:
    """The knobs of a run by name, in the order of registration."""

    def __init__(self) -> None:
        self._known: dict[str, Knob] = {}

    def __bool__(self) -> bool:
        """Return whether there is any knob."""
        return bool(self._known)

    def add(self, knob: Knob) -> None:
        """Add a knob. Raises ValueError where its name is taken."""
        if knob.name in self._known:
            raise ValueError(f"There is already a knob {knob.name}.")
        self._known[knob.name] = knob

    def values(self) -> dict[str, float]:
        """Return the value of each knob; NaN for a knob that cannot be read at the moment."""
        return {name: _readable(knob) for name, knob in self._known.items()}

    def adjust(self, command: Adjust, at: Callable[[], At]) -> Iterator[Event]:
        """Change one knob, and yield an event with the values before and after."""
        knob = self._known.get(command.name)
        if knob is None:
            yield Note(**at().fields(), text=f"{command.name} is unchanged: the run has no such knob", kind="warning")
            return
        old, new = knob.change(command.increments)
        if new == old:
            text = f"{knob.name} stays at {old:.4g}, the limit of its range"
            yield Note(**at().fields(), text=text, kind="info")
        else:
            yield Adjusted(**at().fields(), name=knob.name, old=old, new=new)


def _readable(knob: Knob) -> float:
    try:
        return knob.value()
    except Exception:
        return math.nan
