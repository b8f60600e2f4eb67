"""Commands that the source has not answered, so that the screen can report them at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic

from jem_tui.events.commands import (
    Adjust,
    Advance,
    Command,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SaveNow,
    Seek,
    Speed,
    Stop,
    UndoRestart,
)
from jem_tui.events.describe import CHANGING
from jem_tui.events.recording import RecordingInfo
from jem_tui.events.run import (
    Adjusted,
    Evaluated,
    Event,
    Note,
    Paused,
    Resumed,
    Rewound,
    RunStarted,
    Samples,
    SpeedChanged,
    StepDone,
)
from jem_tui.events.viewing import Connection

SAMPLE_INTERVAL = 0.5
"""Minimum seconds between two requests for samples."""
CONFIRM_SECONDS = 4.0
"""Seconds within which a second press confirms a command, and for which a notice is displayed."""


class PendingCommands:
    """Commands on their way to the source: `sent` adds one, `observe` removes what an event has answered."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._forget()

    def _forget(self) -> None:
        """Forget every command, as nothing can answer it."""
        self.pause: bool | None = None
        """The pause (True) or resumption (False) that has not been confirmed."""
        self.steps = 0
        self.reseed = False
        self.save = False
        self.evaluation = False
        self.rollback = False
        self.adjustments: list[Adjust] = []
        """Changes of settings that have not been answered, in the order of sending."""
        self.stop = False
        self.speed: float | None = None
        self.seek: int | None = None
        self._notice = ""
        self._notice_until = 0.0
        self._unconfirmed: Command | None = None
        self._jumped = False
        self._samples = False
        self._samples_at = float("-inf")
        self._pause_key: Hashable = None

    @property
    def word(self) -> str:
        """A word that replaces the state in the badge; empty if no pause, step or stop is pending."""
        if self.stop:
            return "STOPPING"
        if self.pause is not None:
            return "PAUSING" if self.pause else "RESUMING"
        return "STEPPING" if self.steps else ""

    @property
    def pending_text(self) -> str:
        """All other pending commands in a few words."""
        named = {
            "saving": self.save,
            "changing chains": self.reseed,
            "evaluating": self.evaluation,
            "rolling back": self.rollback,
        }
        return " and ".join(text for text, under_way in named.items() if under_way)

    @property
    def displayed(self) -> str:
        """A notice or question, or else the pending commands, for the status line."""
        if self._now() < self._notice_until:
            return self._notice
        return f"{self.pending_text} …" if self.pending_text else ""

    def increments(self, name: str) -> int:
        """Return the sum of the increments of one setting that have not been answered."""
        return sum(change.increments for change in self.adjustments if change.name == name)

    def sent(self, command: Command) -> None:
        """Record a command that is on its way to the source."""
        match command:
            case Pause() | Resume():
                self.pause = isinstance(command, Pause)
            case Advance(steps=steps):
                self.steps += steps
            case Reseed() | UndoRestart():
                self.reseed = True
            case SaveNow():
                self.save = True
            case EvaluateNow():
                self.evaluation = True
            case RollBack():
                self.rollback = True
            case Adjust():
                self.adjustments.append(command)
            case Stop():
                self.stop = True
            case Speed(factor=factor):
                self.speed = factor
            case Seek(step=step):
                self.seek, self._jumped = step, False

    def confirm(self, command: Command, question: str) -> bool:
        """Return whether a command is the one that was requested within the last `CONFIRM_SECONDS`; otherwise display `question`."""
        confirmed = self._unconfirmed == command and self._now() < self._notice_until
        self.notify("" if confirmed else question)
        self._unconfirmed = None if confirmed else command
        return confirmed

    def notify(self, text: str) -> None:
        """Display a notice for `CONFIRM_SECONDS`; an empty one ends the earlier one."""
        self._notice, self._notice_until = text, self._now() + CONFIRM_SECONDS if text else 0.0
        self._unconfirmed = None

    def request_samples(self, now: float, pause_key: Hashable = None) -> bool:
        """Return whether to request samples now, and record the request.

        One request is pending at a time, `SAMPLE_INTERVAL` seconds pass between two, and a pause allows one for each `pause_key`.
        """
        if self._samples or now - self._samples_at < SAMPLE_INTERVAL:
            return False
        if pause_key is not None and pause_key == self._pause_key:
            return False
        self._samples, self._samples_at, self._pause_key = True, now, pause_key
        return True

    def observe(self, event: Event) -> None:
        """Remove the commands that `event` answers."""
        match event:
            case StepDone(step=step):
                self.steps = max(0, self.steps - 1)
                self._reach(step)
            case RecordingInfo() if self._jumped:
                self.seek = None
            case Samples():
                self._samples = False
            case Note(kind="end"):
                self.steps = 0
                self.seek = None
            case Evaluated():
                self.evaluation = False
            case Rewound():
                self.rollback = False
            case Adjusted(name=name):
                self._answer_adjustment(name)
            case Note(kind=kind, text=text):
                self._answer_adjustment(text)
                self.evaluation = self.evaluation and kind not in ("evaluation", "warning")
                self.rollback = self.rollback and kind != "warning"
                self.reseed = self.reseed and kind not in ("reseed", "warning")
                if self.save and kind == "checkpoint" and self._unconfirmed is None:
                    self.notify(text)
                self.save = self.save and kind not in ("checkpoint", "warning")
            case Paused() | Resumed():
                self._confirm_pause(isinstance(event, Paused))
            case RunStarted():
                self._jumped = True
                self._samples = False
                # The steps that a viewer has missed arrive as one event
                self.steps = 0
                self.adjustments = []
            case SpeedChanged(speed=speed) if speed == self.speed:
                self.speed = None
            case Connection(connected=False):
                self._forget()

    def _answer_adjustment(self, text: str) -> None:
        """Remove the first change of a setting whose name begins `text`, or that `text` reports as failed."""
        texts = (f"{text} ", f"{text.removeprefix(CHANGING)} ")
        answered = [
            n for n, change in enumerate(self.adjustments) if any(each.startswith(f"{change.name} ") for each in texts)
        ]
        if answered:
            del self.adjustments[answered[0]]

    def _confirm_pause(self, paused: bool) -> None:
        if self.pause is paused:
            self.pause = None
        if not paused:
            self.steps = 0

    def _reach(self, step: int) -> None:
        if self.seek is not None and self._jumped and step >= self.seek:
            self.seek = None
