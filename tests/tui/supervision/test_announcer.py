"""Announcements of a run outside its screen."""

from __future__ import annotations

import pytest

from jem_tui.events.run import Diverged, Evaluated, Event, Paused, Stopped
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.supervision.announcer import LONG_SECONDS, Announcer
from jem_tui.tui.terminal.terminal_signals import NO_PROGRESS, RESTORE_TITLE, SAVE_TITLE, TerminalSignals
from tests.tui.sources import run_started, step_done

AT = {"step": 420, "images": 26880, "time": 420.0}
ALL = TerminalSignals(title=True, taskbar=True, notification="9")


class FakeDriver:
    """A driver that keeps what is written to a terminal, or to a file."""

    def __init__(self, *, terminal: bool = True) -> None:
        self.output = self
        self.farewell = ""
        self.written = ""
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, data: str) -> None:
        self.written += data

    def take(self) -> str:
        """Return what was written since the last call."""
        text, self.written = self.written, ""
        return text


class Announced:
    """A run, the driver that its announcements are written to, and a clock."""

    def __init__(self, signals: TerminalSignals = ALL, activity: str = "training", **chosen: bool) -> None:
        self.clock = 0.0
        self.driver = FakeDriver()
        self.announcer = Announcer(signals, chosen, now=lambda: self.clock)
        self.state = RunState()
        self.state.apply(run_started(activity=activity))
        self.announcer.announce(self.driver, self.state, "run")
        self.driver.take()

    def after(self, seconds: float, *events: Event) -> str:
        """Return what is written after some seconds and events."""
        self.clock += seconds
        for event in events:
            self.state.apply(event)
        self.announcer.announce(self.driver, self.state, "run")
        return self.driver.take()


def test_title_and_taskbar_follow_the_run_and_are_undone():
    run = Announced()
    assert run.after(2, step_done(420)) == "\x1b]2;▶ 42 % run – jem-tui\a\x1b]9;4;1;42\a"
    assert run.after(0.1, step_done(520)) == ""
    assert run.after(2, Paused(**AT)) == "\x1b]2;‖ 52 % run – jem-tui\a\x1b]9;4;4;52\a"
    assert run.driver.farewell == RESTORE_TITLE + NO_PROGRESS
    assert run.after(10) == ""


def test_a_restored_terminal_gets_title_and_taskbar_again():
    run = Announced()
    run.driver.farewell = ""
    text = run.after(0.1)
    assert text.startswith(SAVE_TITLE) and "0 % run" in text and run.driver.farewell


def test_the_end_of_a_run_is_announced_once_and_ends_the_progress():
    run = Announced()
    run.after(2, step_done(420), Evaluated(**AT, split="validation", scores={"accuracy": 0.5}))
    text = run.after(60, Stopped(**AT, reason="finished"))
    assert "\x1b]2;✓ finished run – jem-tui\a" in text and NO_PROGRESS in text
    assert text.endswith("\x1b]9;jem-tui run: finished at step 420, validation accuracy 50.00%\a")
    assert run.driver.farewell == RESTORE_TITLE and run.after(60) == ""


def test_a_failure_stays_on_the_taskbar_and_a_divergence_is_announced():
    run = Announced()
    assert "step 420: diverged: loss" in run.after(20, step_done(420), Diverged(**AT, why="loss"))
    assert "\x1b]9;4;2;42\a" in run.after(20, Stopped(**AT, reason="diverged"))


def test_a_brief_run_and_a_stop_of_the_user_are_not_announced():
    assert "jem-tui run:" not in Announced().after(2, Stopped(**AT, reason="finished"))
    assert "jem-tui run:" not in Announced().after(60, Stopped(**AT, reason="stopped"))


@pytest.mark.parametrize(
    ("seconds", "chosen", "rings"),
    [(60, {}, False), (LONG_SECONDS, {}, True), (60, {"bell": True}, True), (LONG_SECONDS, {"bell": False}, False)],
)
def test_the_bell_rings_after_a_long_run_or_as_chosen(seconds, chosen, rings):
    plain = TerminalSignals()
    assert Announced(plain, **chosen).after(seconds, Stopped(**AT, reason="finished")) == ("\a" if rings else "")


def test_each_signal_can_be_switched():
    run = Announced()
    assert run.announcer.switch("title") is False and run.announcer.switch("taskbar") is False
    assert run.after(2) == RESTORE_TITLE + NO_PROGRESS and run.driver.farewell == ""
    assert run.announcer.chosen == {"title": False, "taskbar": False}
    silent = Announced(notification=False, title=False, taskbar=False)
    assert silent.after(60, Stopped(**AT, reason="finished")) == ""


def test_a_replay_has_a_title_alone():
    replay = Announced(activity="replaying")
    assert replay.after(2, step_done(420)) == "" and replay.driver.farewell == RESTORE_TITLE


def test_nothing_is_written_to_a_file():
    driver, state = FakeDriver(terminal=False), RunState()
    state.apply(run_started())
    Announcer(ALL, {}).announce(driver, state, "run")
    Announcer(ALL, {}).announce(None, state, "run")
    assert driver.written == ""


def test_signs_are_ascii_on_an_ascii_terminal():
    driver, state = FakeDriver(), RunState()
    state.apply(run_started())
    Announcer(ALL, {}, ascii_only=True).announce(driver, state, "run")
    assert driver.written.isascii()
