"""What a source of events can be told; see `events` for what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jem_tui.errors import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stop pulling at the next step boundary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Pull again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Pull `steps` more steps, then pause."""

    steps: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the run: after the step and with a checkpoint, or at once and without."""

    save: bool = True
    reason: Reason = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseed:
    """Restart chains: all of them from uniform noise, or some from the initial distribution of the settings."""

    chains: tuple[int, ...] = ()
    """These rows of `Samples`."""
    worst: int = 0
    """So many chains of the buffer with the highest energy."""
    fraction: float = 0.0
    """This share of the buffer's chains, drawn at random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveNow:
    """Write a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleNow:
    """Answer with `Samples` as they are now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Replay at `factor` times the recorded pace (more than 0)."""

    factor: float
    as_recorded: bool = False
    """Wait for pauses and interruptions in full instead of two recorded seconds at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seek:
    """Jump to the end of optimizer step `step` of a recording (clipped to what was recorded)."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPictures:
    """Show the pictures of another tag of a recording that another program made."""

    tag: str


Adjustable = Literal["sgld.steps", "sgld.step_size", "optimizer.rate"]
"""A setting that can be turned while a run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """Turn a setting up (or down, if negative) by so many increments: a quarter each, or one SGLD step."""

    name: Adjustable
    increments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateNow:
    """Answer with what a scheduled evaluation tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Go back to the newest checkpoint on disk, and on from there with other random numbers."""


Command = (
    Pause
    | Resume
    | Advance
    | Stop
    | Reseed
    | SaveNow
    | SampleNow
    | Speed
    | Seek
    | ShowPictures
    | Adjust
    | EvaluateNow
    | RollBack
)
