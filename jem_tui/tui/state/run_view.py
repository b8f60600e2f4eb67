"""One run as the screen displays it: its position, series, samples, notes and marks."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from jem_tui.events.describe import sentence
from jem_tui.events.recording import Histogram, Mark, MarkKind, Picture, Points, StepBatch
from jem_tui.events.run import (
    MINUTES,
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Note,
    NoteKind,
    RankStates,
    RealImages,
    Rewound,
    RunStarted,
    Samples,
    Sampling,
    StepDone,
)
from jem_tui.tui.keys.setting_words import with_setting_words
from jem_tui.tui.state.chain_history import ChainHistory
from jem_tui.tui.state.film_store import FilmStore
from jem_tui.tui.state.series import Series
from jem_tui.tui.state.speedometer import THROUGHPUT, Speedometer
from jem_tui.watched_settings import is_watched

_IMAGES = attrgetter("images")
UNMARKED = frozenset({"evaluation", "end"})
"""Kinds of notes without a mark on the charts, where a score is a point and the end is the end of the curves."""


class RunView:
    """One run, or one part of a replay, from its `RunStarted` event."""

    def __init__(self, info: RunStarted) -> None:
        self.info = info
        self.step, self.images = info.step, info.images
        self.epoch = 0
        """Counted from 0."""
        self.metrics: Mapping[str, float] = {}
        self.series: dict[str, Series] = {}
        self.scores: dict[str, float] = {}
        """Newest scores by "split/name"."""
        self.knobs: dict[str, float] = dict(info.knobs)
        """Newest known values of the settings that were or can be adjusted."""
        self.samples: Samples | None = None
        self.chain_history, self.film_store = ChainHistory(), FilmStore()
        self.energies: Energies | None = None
        self.histograms: Mapping[str, Histogram] = {}
        """Histograms of another program's log, by tag."""
        self.assessment: Assessed | None = None
        self.sampling: Sampling | None = None
        self.ranks: RankStates | None = None
        """Newest states of the ranks; None for a run of one process."""
        self.real_images: RealImages | None = None
        """Training images to compare samples with; None in logs without them."""
        self.notes: list[Note] = []
        self.marks: list[Mark] = []
        """Event marks by images, ascending; at most one mark of each kind at an image count."""
        self.not_recorded = False
        """True while events cannot be written to the log at the moment."""
        self.ended = False
        """True once the replay has reached the end of the recording."""
        self.foreign = False
        """True for another program's log: `images` are its steps; seed, epochs and settings are unknown."""
        self.pictures: tuple[str, tuple[str, ...]] = ("", ())
        """The shown tag and all tags of another program's pictures."""
        self.recorded: Mapping[str, Points] = {}
        """All points of a recording by metric, including those after the current step."""
        self.rolled_back_from = 0
        """The last step that a rollback has made void."""
        self.speedometer = Speedometer()
        self.changes = 0
        """Number of changes to what charts display."""

    @property
    def live(self) -> bool:
        """True for the run of a loop that may still be running; False for a recording."""
        return "seek" not in self.info.abilities

    @property
    def watched(self) -> bool:
        """True for the loop of another program."""
        return is_watched(self.info.config)

    @property
    def moves_chains(self) -> bool:
        """True where the settings of this program's sampler say that chains move."""
        section = self.info.config.get("sgld")
        if self.foreign or self.watched or not isinstance(section, Mapping):
            return False
        return bool(section.get("steps") or section.get("steps_growth"))

    @property
    def counts_images(self) -> bool:
        """False where `images` are steps: in another program's log, and in a watched loop that does not pass images."""
        return not self.foreign and not (self.watched and self.images == self.step)

    @property
    def began(self) -> float:
        """Unix seconds of the start; 0 if the recorded time is not finite."""
        return self.info.time if math.isfinite(self.info.time) else 0.0

    @property
    def epochs(self) -> int:
        """Number of epochs of the whole run; 0 if unknown."""
        per_epoch = self.info.steps_per_epoch
        return -(-self.info.total_steps // per_epoch) if per_epoch > 0 else 0

    @property
    def fraction(self) -> float:
        """Share of the run's steps, or of its time if that is larger, that is complete, in [0, 1]."""
        total, budget = self.info.total_steps, self.info.budget_seconds
        by_steps = self.step / total if total > 0 else 0.0
        by_time = self.timed_seconds / budget if budget > 0 else 0.0
        return min(1.0, max(0.0, by_steps, by_time))

    @property
    def timed_seconds(self) -> float:
        """Seconds of the run before the newest step, as a run with a time budget logs them; 0 if unknown."""
        seconds = 60 * self.metrics.get(MINUTES, 0.0)
        return seconds if math.isfinite(seconds) else 0.0

    @property
    def epoch_fraction(self) -> float:
        """Share of the epoch's steps that are complete, in (0, 1] after the first."""
        per_epoch = self.info.steps_per_epoch
        return min(1.0, max(0.0, self.step / per_epoch - self.epoch)) if per_epoch > 0 else 0.0

    def add_step(self, event: StepDone, *, timed: bool) -> None:
        """Add a step; one that was taken during a pause is not `timed`."""
        self.step, self.images, self.epoch = event.step, event.images, event.epoch
        self.metrics = event.metrics
        self._follow_knobs()
        self.sampling = None
        self.ended = False
        for tag, value in event.metrics.items():
            self._line(tag).append(event.step, event.images, event.time, value)
        rate = self.speedometer.advance(event.step, event.images, event.time, timed=timed)
        if timed and rate is not None:
            self._line(THROUGHPUT).append(event.step, event.images, event.time, rate)
        self.changes += 1

    def _follow_knobs(self) -> None:
        """Take over the values of knobs that are logged as well, which a schedule changes: `optimizer.rate` as `optimizer/rate`."""
        for name in self.knobs:
            logged = self.metrics.get(name.replace(".", "/"))
            if logged is not None:
                self.knobs[name] = logged

    def add_steps(self, event: StepBatch, pauses: Sequence[int] = (), *, live: bool = False) -> None:
        """Add many steps of a recording that was paused at the image counts in `pauses`, or the past of a `live` run."""
        self.step, self.images, self.epoch = event.step, event.images, event.epoch
        self.metrics = event.metrics
        self._follow_knobs()
        self.sampling = None
        self.ended = False
        for tag, points in event.points.items():
            self._line(tag).extend(points)
        every_step = max(event.points.values(), key=len, default=None)
        if every_step is not None:
            self._line(THROUGHPUT).extend(self.speedometer.rates(every_step, pauses))
        if live:
            # steps of an earlier session are not part of the speed
            self.speedometer.count_past(None if every_step is None else every_step[every_step.times >= self.info.time])
        else:
            self.speedometer.count(event.step, event.images, event.time)
        self.changes += 1

    def interrupt(self) -> None:
        """Exclude the time until the next step from the speed."""
        self.speedometer.interrupt()

    def add_scores(self, event: Evaluated) -> None:
        """Add scores to the series and to the notes."""
        note = Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind="evaluation")
        self.add_note(note)
        for name, value in event.scores.items():
            tag = f"{event.split}/{name}"
            self.scores[tag] = value
            self._line(tag).append(event.step, event.images, event.time, value)
        self.changes += 1

    def add_samples(self, event: Samples) -> None:
        """Replace the samples. They may arrive before the `StepDone` of their step, so the position advances, too."""
        self.samples = event
        if not isinstance(event, Picture):
            self.chain_history.observe(event)
            if self.live and not event.requested:
                self.film_store.add(event)
        self.step, self.images = max(self.step, event.step), max(self.images, event.images)

    def roll_back(self, event: Rewound) -> None:
        """Return to an earlier step: remove later points, snapshots and marks, but no notes."""
        self.rolled_back_from = max(self.rolled_back_from, event.from_step)
        self.step, self.images = event.step, event.images
        self.chain_history.truncate_after(event.step)
        self.film_store.truncate_after(event.step)
        self.epoch = event.step // self.info.steps_per_epoch if self.info.steps_per_epoch > 0 else 0
        self.sampling = None
        for line in self.series.values():
            line.truncate_after(event.images)
        self.marks = [mark for mark in self.marks if mark.images < event.images]
        self.mark("rewind", event.step, event.images)
        self.add_event_note(event)
        self.interrupt()
        self.changes += 1

    def add_event_note(self, event: Diverged | Rewound) -> None:
        """Add a divergence or rollback to the notes."""
        kind: NoteKind = "divergence" if isinstance(event, Diverged) else "rewind"
        self.notes.append(Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind=kind))

    def add_adjustment(self, event: Adjusted) -> None:
        """Add a changed setting to the notes and marks."""
        note = Note(step=event.step, images=event.images, time=event.time, text=sentence(event), kind="adjust")
        self.add_note(note)
        self.knobs[event.name] = event.new

    def add_note(self, event: Note) -> None:
        """Add a note, with a mark unless its kind is in `UNMARKED`, and follow outages and the end of a replay."""
        event = replace(event, text=with_setting_words(event.text))
        self.notes.append(event)
        self.ended = self.ended or event.kind == "end"
        self.not_recorded = event.kind == "outage" or (self.not_recorded and event.kind != "recorded")
        if event.kind not in UNMARKED:
            self.mark(event.kind, event.step, event.images, event.text)

    def mark(self, kind: MarkKind, step: int, images: int, text: str = "") -> None:
        """Mark a step on every chart, unless there is a mark of the same kind at the same image count."""
        start, end = (find(self.marks, images, key=_IMAGES) for find in (bisect_left, bisect_right))
        if not any(mark.kind == kind for mark in self.marks[start:end]):
            self.marks.insert(end, Mark(step, images, kind, text))
            self.changes += 1

    def _line(self, tag: str) -> Series:
        line = self.series.get(tag)
        if line is None:
            line = self.series[tag] = Series()
        return line
