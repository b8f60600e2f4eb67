"""Commands that a source of events accepts between two steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jem_tui.errors import Reason
from jem_tui.events.chain_facts import ChainFacts
from jem_tui.events.drawing import DrawingAnswer, DrawingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A request to pause at the next step boundary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A request to continue after a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """A request for some optimizer steps, with a pause afterwards."""

    steps: int = 1
    """Steps until the pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A request to end the run."""

    save: bool = True
    """True: after the step and with a checkpoint. False: at once and without a checkpoint."""
    reason: Reason = "stopped"
    """The reason that `Stopped` reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseed:
    """A request to restart all chains from uniform noise, or some chains from the configured initial distribution."""

    chains: tuple[int, ...] = ()
    """Rows of `Samples` whose chains restart."""
    worst: int = 0
    """The number of chains to restart, those with the highest energy in the replay buffer first."""
    fraction: float = 0.0
    """The share of the replay buffer to restart, drawn at random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRestart:
    """A request to put the chains back that the last `Reseed` restarted, while they are still held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveNow:
    """A request for a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleNow:
    """A request for `Samples` of the current chains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A request to change the pace of a replay."""

    factor: float
    """The multiple of the recorded pace, more than 0."""
    as_recorded: bool = False
    """True: gaps in the recording last as long as recorded. False: they last two recorded seconds at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seek:
    """A request to jump to the end of an optimizer step of a recording."""

    step: int
    """The step, clipped to the extent of the recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPictures:
    """A request to show another tag's pictures of a foreign log."""

    tag: str
    """The tag of the pictures."""


Adjustable = Literal["sgld.steps", "sgld.step_size", "optimizer.rate"]
"""A setting of a training run of this program that the user can change during the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """A request to change a setting."""

    name: str
    """The setting: an `Adjustable`, or a knob of a watched run."""
    increments: int
    """Number of increments, whose size depends on the setting; negative to decrease the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateNow:
    """A request for the events of a scheduled evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDrawing:
    """A request for the score of a drawing by the current weights. Nothing is emitted; between processes, it is a question of a viewer."""

    request: DrawingRequest
    answer: Callable[[DrawingAnswer], None]
    """Receives every answer on the thread of the source."""
    viewer: int = 0
    """The number of the viewer that asks, whose chain is its own; 0 for the screen of this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectChain:
    """A request for facts about a chain. Nothing is emitted; between processes, it is a question of a viewer."""

    chain: int
    """Row of `Samples`."""
    answer: Callable[[ChainFacts], None]
    """Receives the answer on the thread of the source, a refusal where a run that trains has no facts; not called by a recording without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """A request to roll back to the newest checkpoint and to continue with other random numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """A command with the name of its author, which a note records."""

    command: Command
    """The command, which is not itself an `Authored`."""
    author: str
    """The person who sent the command, such as `alice@laptop`; "" for the user of the process that trains."""


Command = (
    Pause
    | Resume
    | Advance
    | Stop
    | Reseed
    | UndoRestart
    | SaveNow
    | SampleNow
    | Speed
    | Seek
    | ShowPictures
    | Adjust
    | EvaluateNow
    | RollBack
    | ScoreDrawing
    | InspectChain
    | Authored
)
"""Every command. A source never receives an `Authored`, because `RunControl` unwraps it."""
