"""The base of all events, and the moment at which an event happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

BURST_SECONDS = 0.02
"""Seconds between two steps below which their times do not indicate the speed, because the steps of a device are emitted many at once."""

Ability = Literal[
    "reseed",
    "undo",
    "save",
    "seek",
    "speed",
    "adjust",
    "evaluate",
    "rollback",
    "pictures",
    "samples",
    "draw",
    "inspect",
]
"""A kind of commands that a source accepts."""


class AtFields(TypedDict):
    """The keyword arguments that every event takes."""

    step: int
    images: int
    time: float


@dataclass(frozen=True, slots=True)
class At:
    """A moment of a run: optimizer steps, training images seen, and Unix seconds."""

    step: int
    images: int
    time: float

    def fields(self) -> AtFields:
        """Return keyword arguments for an event of this moment: `Paused(**at.fields())`."""
        return {"step": self.step, "images": self.images, "time": self.time}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An immutable record of something that happened in a run."""

    step: int
    """Optimizer steps done."""
    images: int
    """Training images seen."""
    time: float
    """Unix time in seconds."""

    @property
    def at(self) -> At:
        """The moment of the event."""
        return At(self.step, self.images, self.time)


@dataclass(frozen=True, slots=True)
class Wait:
    """A request of a source to `drive`, not an event: wait `seconds` for the next event, or for a command if infinite."""

    seconds: float
