"""Events that only recordings emit: many steps at once, the extent of the recording, and compared runs.

None of these events is recorded. Arrays are read-only and shared: metrics that are logged at every step refer to the same
`steps`, `images` and `times`, and the arrays of a part of a recording are views into those of the whole.
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
    """One metric over many steps: arrays of shape (n,), in the order of emission."""

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
    """An event mark on the slider of a replay."""

    step: int
    images: int
    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepBatch(Event):
    """Consecutive steps as one event, in place of one `StepDone` each. `step`, `images` and `time` are those of the last step."""

    epoch: int
    metrics: Mapping[str, float]
    """Metrics of the last step."""
    points: Mapping[str, Points]
    """Points by tag; a tag has only the steps that it was logged at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram(Event):
    """A histogram that another program logged."""

    tag: str
    edges: NDArray[np.float64]
    """Shape (bins + 1,), ascending."""
    counts: NDArray[np.float64]
    """Shape (bins,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture(Samples):
    """Images of one size from another program's log, as tiles without energies. The tiles are not chains."""

    tag: str
    flaw: str = ""
    """The reason why the image cannot be drawn; empty where it can."""


class ChainSnapshot(NamedTuple):
    """Energies and restarts of the chains at one step, without images."""

    step: int
    energy: NDArray[np.float32]
    """Shape (n,), in nats."""
    reseeds: NDArray[np.int64]
    """Restarts since the run began, shape (n,)."""
    predicted: NDArray[np.int64] | None = None
    """The most probable classes, shape (n,); None where a cache or another process has left them out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkippedSamples(Event):
    """Snapshots of chains whose images are not drawn because newer images follow at once."""

    snapshots: tuple[ChainSnapshot, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """Completeness of a recording."""

    records: int
    skipped: int
    """Damaged or senseless records."""
    gaps: int
    """Places where it is unknown how many records were lost."""
    waiting: bool
    """True if a file ends inside a record: it is still being written, or its writer was killed."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """Everything that is not displayed, damaged records included."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingInfo(Event):
    """Extent and content of a whole recording, emitted after `RunStarted` and again whenever the recording has grown."""

    run: str
    """The run's name, unique among those of a replay."""
    first_step: int
    last_step: int
    points: Mapping[str, Points] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    """Marks by step, ascending."""
    kinds: frozenset[type[Event]] = frozenset()
    """Kinds of the events between the steps."""
    growing: bool = False
    """True if the replay waits for more events at the end."""
    health: Health | None = None
    foreign: bool = False
    """True if another program wrote the log: `images` then counts that program's steps, and `step` the rows of the log."""
    pictures: tuple[str, ...] = ()
    """Tags of the images of a foreign log, of which one is displayed at a time."""
    picture: str = ""
    """The tag whose images are displayed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRunEvent(Event):
    """An event of a run that is replayed next to the leading run."""

    run: str
    """Name of the compared run, unique among the runs of a replay."""
    event: Event
