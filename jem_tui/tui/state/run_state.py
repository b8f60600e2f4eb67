"""What the screen shows, computed from the events alone: no clock, no Textual, no input or output."""

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
from jem_tui.tui.preferences.pane_layout import PaneName
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import all_ascending

__all__ = ["ENDED", "ENDINGS", "LOADING", "PAUSED", "RECOVERING", "WAITING", "RunState", "RunView"]

LOADING = "LOADING"
PAUSED = "PAUSED"
RECOVERING = "RECOVERING"
"""After a divergence, until the run is where it was."""
ENDED = "ENDED"
"""Of a replay: everything was shown, and it waits to be sent back."""
WAITING = "WAITING"
"""For more to be written to the run that is followed."""
ENDINGS: dict[Reason, str] = {
    "finished": "FINISHED",
    "stopped": "STOPPED",
    "interrupted": "INTERRUPTED",
    "failed": "FAILED",
    "refused": "FAILED",
    "diverged": "DIVERGED",
}


PICTURED: frozenset[PaneName] = frozenset({"samples", "chain"})
DISTRIBUTED = frozenset({Energies, Assessed, Histogram})
"""Events that fill the pane of distributions."""
WITHOUT_WORDS = (StepDone, Sampling, Samples, SkippedSamples, Energies, StepBatch, RecordingInfo, ComparedRunEvent)
"""Events of numbers and pictures, or whose words come from a recording that was sanitized when it was read."""


class RunState:
    """The reducer: `apply` every event in order, then read."""

    def __init__(self) -> None:
        self.loading: Loading | None = None
        self.run: RunView | None = None
        self.paused = False
        self.speed = 1.0
        self.as_recorded = False
        """A replay waits for long gaps in full."""
        self.stopped: Stopped | None = None
        self.outlook: RecordingInfo | None = None
        """The whole of a recording; None while training."""
        self.compared: dict[str, RunState] = {}
        """Other runs of a replay, by name."""

    @property
    def waiting(self) -> bool:
        """All that has been written of a growing run is shown."""
        ahead = self.outlook
        return ahead is not None and ahead.growing and self.run is not None and self.run.step >= ahead.last_step

    @property
    def recorded_marks(self) -> Sequence[Mark]:
        """Everything that happened in a recording, by step; nothing while training."""
        return self.outlook.marks if self.outlook is not None else ()

    @property
    def pauses(self) -> list[int]:
        """Images seen at the pauses of a recording, ascending."""
        return [mark.images for mark in self.recorded_marks if mark.kind == "pause"]

    @property
    def status(self) -> str:
        """One word in capitals."""
        if self.stopped is not None:
            return ENDINGS.get(self.stopped.reason, "STOPPED")
        if self.run is None:
            return LOADING
        if self.run.ended:
            return ENDED
        if self.paused:
            return PAUSED
        if self.waiting:
            return WAITING
        recovering = self.run.step < self.run.lost and self.run.info.activity == "training"
        return RECOVERING if recovering else self.run.info.activity.upper()

    @property
    def lacks(self) -> frozenset[PaneName]:
        """Panes that this run will leave empty: a run without chains, a log of another program."""
        if self.run is None:
            return frozenset()
        if self.compared:
            return frozenset({"chain"}) if self.run.foreign else frozenset()
        if self.outlook is None:
            without_chains = "save" in self.run.info.abilities and "reseed" not in self.run.info.abilities
            return PICTURED if without_chains else frozenset()
        told = self.outlook.kinds
        without = frozenset[PaneName]() if Samples in told else PICTURED - ({"samples"} if Picture in told else set())
        return without | (frozenset() if told & DISTRIBUTED else {"distributions"})

    @property
    def active(self) -> bool:
        """The source is being pulled: it is neither loading, nor paused, nor at its end."""
        return self.run is not None and not (self.paused or self.run.ended) and self.stopped is None

    @property
    def seconds_left(self) -> float | None:
        """Forecast until the last step; None unless the run goes at a steady pace."""
        if self.run is None or not self.active:
            return None
        seconds = self.run.pace.seconds_for(max(0, self.run.info.total_steps - self.run.step))
        return None if seconds is None or not self.speed > 0 else seconds / self.speed

    def apply(self, event: Event) -> None:
        """Take in one event, safe to show; a `RunStarted` forgets the run before it, but not that the source is paused or how fast it replays."""
        if isinstance(event, Picture) or not isinstance(event, WITHOUT_WORDS):
            event = sanitized(event)
        match event:
            case RunStarted():
                self.run = RunView(event)
                self._look_ahead(self.outlook)
            case Loading():
                self.loading = event
            case RecordingInfo():
                self.outlook = event
                self._look_ahead(event)
            case ComparedRunEvent(run=name, event=told):
                self.compared.setdefault(name, RunState()).apply(told)
            case SpeedChanged(speed=speed, as_recorded=as_recorded):
                self.speed, self.as_recorded = speed, as_recorded
            case Stopped():
                self.stopped = event
            case Paused() | Resumed():
                self._hold(event)
            case StepBatch() if self.run is not None:
                self.run.absorb(event, self.pauses)
                if self.outlook is None:  # what a resumed run did before
                    self.run.interrupt()
            case _ if self.run is not None:
                _apply_to(self.run, event, timed=not self.paused)

    def _look_ahead(self, outlook: RecordingInfo | None) -> None:
        if self.run is not None and outlook is not None:
            self.run.ahead = all_ascending(outlook.points)
            self.run.foreign, self.run.pictures = outlook.foreign, (outlook.picture, outlook.pictures)
            self.run.changes += 1

    def _hold(self, event: Paused | Resumed) -> None:
        self.paused = isinstance(event, Paused)
        if self.run is not None:
            self.run.interrupt()
            if self.paused and self.outlook is None:
                self.run.mark("pause", self.run.step, self.run.images)


def _apply_to(run: RunView, event: Event, *, timed: bool) -> None:
    match event:
        case StepDone():
            run.complete(event, timed=timed)
        case Sampling():
            run.sampling = event
        case Samples():
            run.picture(event)
        case SkippedSamples():
            for snapshot in event.snapshots:
                run.chain_history.add(snapshot)
        case Energies():
            run.energies = event
        case Histogram():
            run.histograms = {**run.histograms, event.tag: event}
        case Evaluated():
            run.evaluate(event)
        case Note():
            run.note(event)
        case Diverged():
            run.remark(event)
        case Rewound():
            run.rewind(event)
        case Adjusted():
            run.adjust(event)
        case Assessed():
            run.assessment = event
