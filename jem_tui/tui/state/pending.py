"""What the user asked for and what has not happened yet, so that the screen can say so at once."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic

from jem_tui.events.recording import RecordingInfo
from jem_tui.events.run import (
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

SAMPLE_INTERVAL = 0.5
"""Least seconds between two requests for samples."""


class PendingCommands:
    """Requests on their way to the source; events take them back."""

    def __init__(self) -> None:
        self.pause: bool | None = None
        """The pause (True) or resumption (False) that has not been confirmed."""
        self.steps = 0
        self.reseed = False
        self.save = False
        self.evaluation = False
        self.rollback = False
        self.confirm_until = 0.0
        """Until when, in monotonic seconds, a second press rolls back."""
        self.stop = False
        self.speed: float | None = None
        self.seek: int | None = None
        self._jumped = False
        self._samples = False
        self._samples_at = float("-inf")
        self._pause_key: Hashable = None

    @property
    def word(self) -> str:
        """What the badge says instead of the state; empty if nothing is under way."""
        if self.stop:
            return "STOPPING"
        if self.pause is not None:
            return "PAUSING" if self.pause else "RESUMING"
        return "STEPPING" if self.steps else ""

    @property
    def pending_text(self) -> str:
        """What else is under way, in a few words."""
        if monotonic() < self.confirm_until:
            return "u again: back to the last checkpoint"
        named = {
            "saving": self.save,
            "reseeding": self.reseed,
            "evaluating": self.evaluation,
            "rolling back": self.rollback,
        }
        return " and ".join(text for text, under_way in named.items() if under_way)

    def jump_to(self, step: int) -> None:
        self.seek, self._jumped = step, False

    def samples(self, now: float, pause_key: Hashable = None) -> bool:
        """Whether to ask for samples now: one request at a time, not too often, and once while `pause_key` stays the same."""
        if self._samples or now - self._samples_at < SAMPLE_INTERVAL:
            return False
        if pause_key is not None and pause_key == self._pause_key:
            return False
        self._samples, self._samples_at, self._pause_key = True, now, pause_key
        return True

    def observe(self, event: Event) -> None:
        """Take back what `event` shows to have happened."""
        match event:
            case StepDone(step=step):
                self.steps = max(0, self.steps - 1)
                self._arrive(step)
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
            case Note(kind=kind):
                self.rollback = self.rollback and kind != "warning"
                self.reseed = self.reseed and kind not in ("reseed", "warning")
                self.save = self.save and kind not in ("checkpoint", "warning")
            case Paused() | Resumed():
                self._confirm(isinstance(event, Paused))
            case RunStarted():
                self._jumped = True
                self._samples = False
            case SpeedChanged():
                self.speed = None

    def _confirm(self, paused: bool) -> None:
        if self.pause is paused:
            self.pause = None
        if not paused:
            self.steps = 0

    def _arrive(self, step: int) -> None:
        if self.seek is not None and self._jumped and step >= self.seek:
            self.seek = None
