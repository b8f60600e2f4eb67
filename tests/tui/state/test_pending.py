"""Pending commands: each is pending until the event that answers it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.commands import Advance, Speed
from jem_tui.events.run import SpeedChanged
from jem_tui.tui.state.pending import PendingCommands
from tests.tui.sources import run_started


@given(st.lists(st.sampled_from([0.5, 2.0]), min_size=1, max_size=8), st.integers(0, 8))
def test_each_press_multiplies_the_speed_that_was_requested_last(factors: list[float], answered: int):
    pending, speed, requested = PendingCommands(), 1.0, []
    for factor in factors:
        speed *= factor
        requested.append(speed)
        pending.sent(Speed(factor=speed))
    for answer in requested[: min(answered, len(requested) - 1)]:
        if answer != speed:
            pending.observe(SpeedChanged(step=0, images=0, time=0.0, speed=answer))
    assert pending.speed == speed
    pending.observe(SpeedChanged(step=0, images=0, time=0.0, speed=speed))
    assert pending.speed is None


def test_steps_that_a_viewer_has_missed_are_no_longer_pending():
    pending = PendingCommands()
    pending.sent(Advance(steps=3))
    pending.observe(run_started(step=9))
    assert pending.word == ""
