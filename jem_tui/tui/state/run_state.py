"""The state of a run, computed from events alone, without a clock, Textual, input or output."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.errors import Reason
from jem_tui.events.recording import (
    ComparedRunEvent,
    Histogram,
    Mark,
    Picture,
    RecordingInfo,
    SkippedSamples,
    StepBatch,
)
from jem_tui.events.run import (
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Event,
    Loading,
    Note,
    Paused,
    RankStates,
    RealImages,
    Resumed,
    Rewound,
    RunStarted,
    Samples,
    Sampling,
    SpeedChanged,
    StepDone,
    Stopped,
)
from jem_tui.events.sanitize import sanitized
from jem_tui.events.viewing import Connection, Printed
from jem_tui.tui.preferences.pane_layout import PaneName
from jem_tui.tui.state.console_text import ConsoleText
from jem_tui.tui.state.empty_panes import empty_panes
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import all_ascending

__all__ = ["ENDED", "ENDINGS", "LOADING", "PAUSED", "RECOVERING", "UNREACHABLE", "WAITING", "RunState", "RunView"]

LOADING = "LOADING"
PAUSED = "PAUSED"
RECOVERING = "RECOVERING"
"""Status after a rollback, until the run has reached the step of the divergence again."""
UNREACHABLE = "UNREACHABLE"
"""Status while the run of another process cannot be followed."""
ENDED = "ENDED"
"""Status of a replay at the end of its recording."""
WAITING = "WAITING"
"""Status of a replay that waits for the followed run to record more."""
ENDINGS: dict[Reason, str] = {
    "finished": "FINISHED",
    "stopped": "STOPPED",
    "interrupted": "INTERRUPTED",
    "failed": "FAILED",
    "refused": "FAILED",
    "diverged": "DIVERGED",
}


WITHOUT_WORDS = (
    StepDone,
    Sampling,
    Samples,
    SkippedSamples,
    Energies,
    RealImages,
    StepBatch,
    RecordingInfo,
    ComparedRunEvent,
    Printed,
)
"""Events without text, or with text that is sanitized elsewhere: by the reader of a recording, or by `ConsoleText`."""


class RunState:
    """A reducer: `apply` every event in order, then read the attributes."""

    def __init__(self) -> None:
        self.loading: Loading | None = None
        self.run: RunView | None = None
        self.paused = False
        self.speed = 1.0
        self.as_recorded = False
        """True if a replay waits for recorded pauses in full."""
        self.stopped: Stopped | None = None
        self.recording: RecordingInfo | None = None
        """Extent, marks and condition of a recording; None while training."""
        self.connection: Connection | None = None
        """The newest state of the connection to a run of another process."""
        self.compared: dict[str, RunState] = {}
        """States of the other runs of a replay, by name."""
        self.console = ConsoleText()
        """Output of a watched script; empty for other runs."""

    @property
    def waiting(self) -> bool:
        """True if the replay of a growing run has reached its newest recorded step."""
        recording = self.recording
        if recording is None or self.run is None:
            return False
        return recording.growing and self.run.step >= recording.last_step

    @property
    def recorded_marks(self) -> Sequence[Mark]:
        """Event marks of a recording by step; empty while training."""
        return self.recording.marks if self.recording is not None else ()

    @property
    def pauses(self) -> list[int]:
        """Image counts at the pauses of a recording, ascending."""
        return [mark.images for mark in self.recorded_marks if mark.kind == "pause"]

    @property
    def status(self) -> str:
        """The status as one word in capitals."""
        if self.stopped is not None:
            return ENDINGS.get(self.stopped.reason, "STOPPED")
        if self.run is None:
            return LOADING
        if self.run.ended:
            return ENDED
        if self.disconnected:
            return UNREACHABLE
        if self.paused:
            return PAUSED
        if self.waiting:
            return WAITING
        recovering = self.run.step < self.run.rolled_back_from and self.run.info.activity == "training"
        return RECOVERING if recovering else self.run.info.activity.upper()

    @property
    def has_ranks(self) -> bool:
        """True for a run on several ranks, whose states are known or recorded at a later step."""
        if self.run is not None and self.run.ranks is not None:
            return True
        return self.recording is not None and RankStates in self.recording.kinds

    @property
    def disconnected(self) -> bool:
        """True while the run of another process cannot be followed."""
        return self.connection is not None and not self.connection.connected and self.stopped is None

    @property
    def empty_panes(self) -> frozenset[PaneName]:
        """Panes without content in this run, such as the samples of a run without chains."""
        return empty_panes(self)

    @property
    def active(self) -> bool:
        """True while the source is running: not loading, not paused, not out of reach and not at its end."""
        still = self.run is None or self.paused or self.run.ended or self.disconnected
        return not still and self.stopped is None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the time of the run is up, or a forecast until its last step if that is sooner; None while unknown."""
        if self.run is None or not self.active or not self.speed > 0:
            return None
        run, info = self.run, self.run.info
        left = [max(0.0, info.budget_seconds - run.timed_seconds)] if info.budget_seconds > 0 else []
        forecast = run.speedometer.seconds_for(max(0, info.total_steps - run.step))
        if forecast is not None and not (left and info.total_steps <= 0):
            left.append(forecast)
        return min(left) / self.speed if left else None

    def apply(self, event: Event) -> None:
        """Apply one event after sanitizing its text. A `RunStarted` replaces the run, but keeps pause and replay speed."""
        if isinstance(event, Picture) or not isinstance(event, WITHOUT_WORDS):
            event = sanitized(event)
        match event:
            case RunStarted():
                self.run = RunView(event)
                self._set_recording(self.recording)
            case Loading():
                self.loading = event
            case RecordingInfo():
                self.recording = event
                self._set_recording(event)
            case ComparedRunEvent(run=name, event=inner):
                self.compared.setdefault(name, RunState()).apply(inner)
            case SpeedChanged(speed=speed, as_recorded=as_recorded):
                self.speed, self.as_recorded = speed, as_recorded
            case Connection():
                self.connection = event
                self.loading = Loading(**event.at.fields(), text=event.text or "connected", fraction=None)
            case Stopped():
                self.stopped = event
            case Paused() | Resumed():
                self._set_paused(event)
            case Printed():
                self.console.feed(event.text)
            case StepBatch() if self.run is not None:
                self.run.add_steps(event, self.pauses, live=self.recording is None)
            case _ if self.run is not None:
                _apply_to(self.run, event, timed=not self.paused)

    def _set_recording(self, recording: RecordingInfo | None) -> None:
        if self.run is not None and recording is not None:
            self.run.recorded = all_ascending(recording.points)
            self.run.foreign, self.run.pictures = recording.foreign, (recording.picture, recording.pictures)
            self.run.changes += 1

    def _set_paused(self, event: Paused | Resumed) -> None:
        self.paused = isinstance(event, Paused)
        if self.run is not None:
            self.run.interrupt()
            if self.paused and self.recording is None:
                self.run.mark("pause", self.run.step, self.run.images)


def _apply_to(run: RunView, event: Event, *, timed: bool) -> None:
    match event:
        case StepDone():
            run.add_step(event, timed=timed)
        case Sampling():
            run.sampling = event
        case Samples():
            run.add_samples(event)
        case SkippedSamples():
            for snapshot in event.snapshots:
                run.chain_history.add(snapshot)
        case Energies():
            run.energies = event
        case Histogram():
            run.histograms = {**run.histograms, event.tag: event}
        case Evaluated():
            run.add_scores(event)
        case Note():
            run.add_note(event)
        case Diverged():
            run.add_event_note(event)
        case Rewound():
            run.roll_back(event)
        case Adjusted():
            run.add_adjustment(event)
        case Assessed():
            run.assessment = event
        case RealImages():
            run.real_images = event
        case RankStates() if event.size > 1:
            run.ranks = event
