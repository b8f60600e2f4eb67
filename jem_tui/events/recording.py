"""What only a recording can tell: many steps at once, what is still ahead, and runs beside the run.

None of these events is recorded. Arrays are read-only and shared: a metric that every step has refers to the same `steps`, `images`
and `times` as the next, and what is told up to some step is a view into what is known of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from jem_tui.events.left_out import LeftOut
from jem_tui.events.run import Event, NoteKind, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MarkKind = NoteKind | Literal["pause"]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """One metric over many steps: arrays of shape (n,), in the order in which they were told."""

    steps: NDArray[np.int64]
    images: NDArray[np.int64]
    """Training images seen."""
    times: NDArray[np.float64]
    """Unix seconds."""
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, part: slice | NDArray[np.bool_]) -> Points:
        return Points(self.steps[part], self.images[part], self.times[part], self.values[part])


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, as a place on the slider."""

    step: int
    images: int
    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepBatch(Event):
    """Consecutive steps told at once: what as many `StepDone` would say. `step`, `images` and `time` are those of the last one."""

    epoch: int
    metrics: Mapping[str, float]
    """Those of the last step."""
    points: Mapping[str, Points]
    """By tag; a tag has only the steps that it was logged at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram(Event):
    """How the values of something were distributed, as another program logged it."""

    tag: str
    edges: NDArray[np.float64]
    """Shape (bins + 1,), ascending."""
    counts: NDArray[np.float64]
    """Shape (bins,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture(Samples):
    """One picture, or several of one size, of another program's log: tiles that are no chains, without energies."""

    tag: str
    flaw: str = ""
    """Why it cannot be drawn; empty where it can."""


class ChainSnapshot(NamedTuple):
    """What was seen of the chains at one step, without their pictures."""

    step: int
    energy: NDArray[np.float32]
    """Shape (n,), in nats."""
    reseeds: NDArray[np.int64]
    """Restarts since the run began, shape (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkippedSamples(Event):
    """SkippedSamples at the chains whose pictures are passed over, as newer ones follow at once."""

    snapshots: tuple[ChainSnapshot, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """How much of a recording could be read."""

    records: int
    skipped: int
    """Records that are damaged or make no sense."""
    gaps: int
    """Places where it is unknown how many records were lost."""
    waiting: bool
    """A file ends inside a record: it is still being written, or its writer was killed."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """Everything that is not shown, with what is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingInfo(Event):
    """The whole recording, as far as it is known: told after its `RunStarted` and again when it has grown."""

    run: str
    """The run's name, unique among those of a replay."""
    first_step: int
    last_step: int
    points: Mapping[str, Points] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    """By step, ascending."""
    kinds: frozenset[type[Event]] = frozenset()
    """Of the events that it holds beside its steps."""
    growing: bool = False
    """More is waited for at the end."""
    health: Health | None = None
    foreign: bool = False
    """Another program wrote it: `images` counts that program's own steps, and `step` the rows of its log."""
    pictures: tuple[str, ...] = ()
    """Tags of another program's pictures, of which one is shown at a time."""
    picture: str = ""
    """The tag whose pictures are shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRunEvent(Event):
    """What another run tells, that is played beside the run that leads."""

    run: str
    """Its name, unique among the runs of a replay."""
    event: Event
