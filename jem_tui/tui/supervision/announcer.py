"""Announcements of a run outside its screen: window title, taskbar, desktop notification, bell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, get_args

from jem_tui.raster.cells.ascii import in_ascii
from jem_tui.tui.state.run_signals import PROGRAM, TaskbarProgress, announcement, progress, window_title
from jem_tui.tui.terminal.terminal_signals import (
    BELL,
    NO_PROGRESS,
    RESTORE_TITLE,
    SAVE_TITLE,
    RestoringDriver,
    Signal,
    TerminalSignals,
    title_sequence,
)

if TYPE_CHECKING:
    from jem_tui.tui.state.run_state import RunState

SIGNALS: tuple[Signal, ...] = get_args(Signal)
INTERVAL = 1.0
"""Minimum seconds between two changes of title and taskbar."""
LONG_SECONDS = 600.0
"""Minimum seconds of a run whose end rings the bell, unless the user has switched the bell on or off."""
BRIEF_SECONDS = 5.0
"""Minimum seconds of a run whose end is announced."""


class Announcer:
    """Writes title, progress, notifications and bell of a live run to the terminal: signals that the user has switched on or that it supports.

    The `farewell` of the driver resets title and taskbar; the driver writes it when it restores the terminal.
    """

    def __init__(
        self,
        signals: TerminalSignals,
        chosen: Mapping[str, object],
        *,
        ascii_only: bool = False,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._signals = signals
        self.chosen: dict[Signal, bool] = {
            name: value for name in SIGNALS if isinstance(value := chosen.get(name), bool)
        }
        """Signals that the user has switched on (True) or off (False)."""
        self._ascii = ascii_only
        self._now = now
        self._since: float | None = None
        """Monotonic seconds of the first announcement of the run."""
        self._next = 0.0
        self._shown: tuple[str, TaskbarProgress | None] | None = None
        self._notes = 0
        self._ended = False

    def is_on(self, signal: Signal) -> bool:
        """Return whether a signal is on; the bell depends on the duration of the run as well."""
        known = {"title": self._signals.title, "taskbar": self._signals.taskbar}
        return self.chosen.get(signal, known.get(signal, signal == "notification" and bool(self._signals.notification)))

    def switch(self, signal: Signal) -> bool:
        """Switch a signal on or off, and return whether it is on."""
        self.chosen[signal] = not self.is_on(signal)
        self._shown, self._next = None, 0.0
        return self.chosen[signal]

    def announce(self, driver: object, state: RunState, name: str) -> None:
        """Write the sequences of what has changed; write nothing if the output is not a terminal."""
        if not isinstance(driver, RestoringDriver) or not driver.output.isatty():
            return
        if state.run is not None and self._since is None:
            self._since, self._notes = self._now(), len(state.run.notes)
        text = self._state_text(driver, state, name) + self._announcement_text(state, name)
        if text:
            driver.write(text)

    def _state_text(self, driver: RestoringDriver, state: RunState, name: str) -> str:
        """Return the sequences of title and taskbar, and let the `farewell` of the driver reset both."""
        farewell = driver.farewell
        if self._now() < self._next and farewell:
            return ""
        self._next = self._now() + INTERVAL
        title = window_title(state, name) if self.is_on("title") else ""
        shown = in_ascii(title) if self._ascii else title, progress(state) if self.is_on("taskbar") else None
        if shown == self._shown and farewell:
            return ""
        self._shown = shown
        driver.farewell = (RESTORE_TITLE if shown[0] else "") + (self._no_progress if shown[1] else "")
        return self._title_text(shown[0], farewell) + self._progress_text(shown[1], farewell)

    def _title_text(self, title: str, farewell: str) -> str:
        saved = RESTORE_TITLE in farewell
        if not title:
            return RESTORE_TITLE if saved else ""
        return ("" if saved else SAVE_TITLE) + title_sequence(title)

    def _progress_text(self, at: TaskbarProgress | None, farewell: str) -> str:
        if at is None:
            return self._no_progress if self._no_progress in farewell else ""
        return self._signals.progress(at.state, at.percent)

    @property
    def _no_progress(self) -> str:
        return self._signals.wrapped(NO_PROGRESS)

    def _announcement_text(self, state: RunState, name: str) -> str:
        """Return notification and bell for a divergence, and for the end of a live run that the user has not stopped, each once."""
        run = state.run
        if run is None or self._ended or not run.live:
            return ""
        sentence, self._notes = announcement(run, state, self._notes), len(run.notes)
        self._ended = state.stopped is not None
        lasted = self._now() - (self._since or 0.0)
        if not sentence or lasted < BRIEF_SECONDS or (state.stopped is not None and state.stopped.reason == "stopped"):
            return ""
        rings = self.chosen.get("bell", lasted >= LONG_SECONDS)
        forced = self.chosen.get("notification", False)
        notice = (
            self._signals.announced(f"{PROGRAM} {name}", sentence, forced=forced) if self.is_on("notification") else ""
        )
        return notice + (BELL if rings else "")
