"""One run as the screen sees it: its place, its curves, its pictures and its notes."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter

from jem_tui.events.describe import sentence
from jem_tui.events.recording import Histogram, Mark, MarkKind, Picture, Points, StepBatch
from jem_tui.events.run import (
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Note,
    NoteKind,
    Rewound,
    RunStarted,
    Samples,
    Sampling,
    StepDone,
)
from jem_tui.tui.state.chain_history import ChainHistory
from jem_tui.tui.state.series import Series
from jem_tui.tui.state.speed import Pace
from jem_tui.tui.state.throughput import THROUGHPUT, Throughput

_IMAGES = attrgetter("images")
UNMARKED = frozenset({"evaluation", "end"})
"""Kinds of notes that are not marked on the charts: a score is a point there, and the end is where the curves end."""


class RunView:
    """One run, or one stretch of a replay, from its `RunStarted` on."""

    def __init__(self, info: RunStarted) -> None:
        self.info = info
        self.step = info.step
        self.images = info.images
        self.epoch = 0
        """Counted from 0."""
        self.metrics: Mapping[str, float] = {}
        self.series: dict[str, Series] = {}
        self.scores: dict[str, float] = {}
        """Latest scores by "split/name"."""
        self.samples: Samples | None = None
        self.chain_history = ChainHistory()
        self.energies: Energies | None = None
        self.histograms: Mapping[str, Histogram] = {}
        """What another program logged, by tag."""
        self.assessment: Assessed | None = None
        self.sampling: Sampling | None = None
        self.notes: list[Note] = []
        self.marks: list[Mark] = []
        """Pauses, checkpoints, reseeds and other notes, ascending; one of a kind at a place."""
        self.unrecorded = False
        """What happens cannot be written to the disk at the moment."""
        self.ended = False
        """The recording has been played to its end."""
        self.foreign = False
        """Another program's log is replayed: `images` are its own steps, and seed, epochs and settings are unknown."""
        self.pictures: tuple[str, tuple[str, ...]] = ("", ())
        """The tag of another program's pictures that is shown, and all that there are."""
        self.ahead: Mapping[str, Points] = {}
        """The whole of a recording by metric, where it is known."""
        self.lost = 0
        """The furthest step that a rewind has taken back."""
        self.pace = Pace()
        self._throughput = Throughput()
        self.changes = 0
        """Grows with everything that a chart draws."""

    @property
    def began(self) -> float:
        """Unix seconds of the start; 0 where the clock said none."""
        return self.info.time if math.isfinite(self.info.time) else 0.0

    @property
    def epochs(self) -> int:
        """How many epochs the run is going to have; 0 if unknown."""
        a_epoch = self.info.steps_per_epoch
        return -(-self.info.total_steps // a_epoch) if a_epoch > 0 else 0

    @property
    def fraction(self) -> float:
        """Share of the run's steps that are done, in [0, 1]."""
        total = self.info.total_steps
        return min(1.0, max(0.0, self.step / total)) if total > 0 else 0.0

    @property
    def epoch_fraction(self) -> float:
        """Share of the epoch's steps that are done, in (0, 1] once it has begun."""
        a_epoch = self.info.steps_per_epoch
        return min(1.0, max(0.0, self.step / a_epoch - self.epoch)) if a_epoch > 0 else 0.0

    def complete(self, event: StepDone, *, timed: bool) -> None:
        """Take in a step; `timed` says that it was not one of a paused run."""
        self.step, self.images, self.epoch = event.step, event.images, event.epoch
        self.metrics = event.metrics
        self.sampling = None
        self.ended = False
        for tag, value in event.metrics.items():
            self._line(tag).append(event.step, event.images, event.time, value)
        rate = self._throughput.advance(event.images, event.time)
        if timed:
            self.pace.advance(event.step, event.images, event.time)
            if rate is not None:
                self._line(THROUGHPUT).append(event.step, event.images, event.time, rate)
        else:
            self.pace.interrupt()
        self.changes += 1

    def absorb(self, event: StepBatch, pauses: Sequence[int] = ()) -> None:
        """Take in many steps of a recording that was paused after so many images."""
        self.step, self.images, self.epoch = event.step, event.images, event.epoch
        self.metrics = event.metrics
        self.sampling = None
        self.ended = False
        for tag, points in event.points.items():
            self._line(tag).extend(points)
        if event.points:
            every_step = max(event.points.values(), key=len)
            self._line(THROUGHPUT).extend(self._throughput.rates(every_step, pauses))
        self.pace.advance(event.step, event.images, event.time)
        self.changes += 1

    def interrupt(self) -> None:
        """Leave the time until the next step out of what is said about speed."""
        self.pace.interrupt()
        self._throughput.interrupt()

    def evaluate(self, event: Evaluated) -> None:
        """Take in scores; they are told in the notes, too."""
        note = Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind="evaluation")
        self.note(note)
        for name, value in event.scores.items():
            tag = f"{event.split}/{name}"
            self.scores[tag] = value
            self._line(tag).append(event.step, event.images, event.time, value)
        self.changes += 1

    def picture(self, event: Samples) -> None:
        """Take in pictures; they can come before the `StepDone` of their step, which the numbers must not lag behind."""
        self.samples = event
        if not isinstance(event, Picture):
            self.chain_history.observe(event)
        self.step, self.images = max(self.step, event.step), max(self.images, event.images)

    def rewind(self, event: Rewound) -> None:
        """Forget the curves beyond the step that the run went back to; what was noted stays."""
        self.lost = max(self.lost, event.from_step)
        self.step, self.images = event.step, event.images
        self.chain_history.cut(event.step)
        self.epoch = event.step // self.info.steps_per_epoch if self.info.steps_per_epoch > 0 else 0
        self.sampling = None
        for line in self.series.values():
            line.cut(event.images)
        self.marks = [mark for mark in self.marks if mark.images < event.images]
        self.mark("rewind", event.step, event.images)
        self.remark(event)
        self.interrupt()
        self.changes += 1

    def remark(self, event: Diverged | Rewound) -> None:
        """Tell in the notes what is no note itself."""
        kind: NoteKind = "divergence" if isinstance(event, Diverged) else "rewind"
        self.notes.append(Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind=kind))

    def adjust(self, event: Adjusted) -> None:
        """A setting was turned: a line in the notes, and a mark."""
        told = Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind="adjust")
        self.note(told)

    def note(self, event: Note) -> None:
        self.notes.append(event)
        self.ended = self.ended or event.kind == "end"
        self.unrecorded = event.kind == "outage" or (self.unrecorded and event.kind != "recorded")
        if event.kind not in UNMARKED:
            self.mark(event.kind, event.step, event.images, event.text)

    def mark(self, kind: MarkKind, step: int, images: int, text: str = "") -> None:
        """Mark a place on every chart, once for each kind, wherever earlier marks lie."""
        start, end = (find(self.marks, images, key=_IMAGES) for find in (bisect_left, bisect_right))
        if not any(mark.kind == kind for mark in self.marks[start:end]):
            self.marks.insert(end, Mark(step, images, kind, text))
            self.changes += 1

    def _line(self, tag: str) -> Series:
        line = self.series.get(tag)
        if line is None:
            line = self.series[tag] = Series()
        return line
