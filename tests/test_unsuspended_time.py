"""The clock that stands still while a shell suspends the process."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from jem_tui.cli.suspend import suspendable
from jem_tui.jem.learner.run_time import RunTime
from jem_tui.unsuspended_time import UnsuspendedTime, unsuspended_time


class Clock:
    """A clock that is set by hand."""

    time = 100.0

    def __call__(self) -> float:
        return self.time


def test_a_suspension_is_left_out_even_before_its_end_is_noticed():
    clock = Clock()
    time = UnsuspendedTime(clock)
    with time.suspended():
        clock.time += 50
        assert time() == 100
    clock.time += 1
    assert time() == 101
    with time.suspended():
        clock.time += 5
    assert time() == 101


def test_a_suspension_takes_no_time_of_a_run():
    clock = Clock()
    time = UnsuspendedTime(clock)
    run_time = RunTime(60, now=time)
    with run_time.running():
        clock.time += 10
        with time.suspended():
            clock.time += 1000
            run_time.observe(1)
        assert run_time.before(1) == 10
        clock.time += 5
    run_time.observe(2)
    assert run_time.before(2) == 15


def test_ctrl_z_under_a_progress_bar_stops_the_clock(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    monkeypatch.setattr(unsuspended_time, "_now", clock)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    before = unsuspended_time()

    def stop(pid: int, number: int) -> None:
        assert number == signal.SIGTSTP
        clock.time += 1000

    with suspendable():
        handler = signal.getsignal(signal.SIGTSTP)
        monkeypatch.setattr(os, "kill", stop)
        assert callable(handler)
        handler(signal.SIGTSTP, None)
    assert unsuspended_time() == before
