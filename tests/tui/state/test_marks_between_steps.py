"""The keys for the next and the last mark on logs whose steps are far apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.commands import Seek
from jem_tui.events.recording import Mark, Points, RecordingInfo
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.replay_controls import ReplayControls
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import run_started, step_done

STEPS = st.lists(st.integers(1, 60), min_size=1, max_size=10, unique=True).map(sorted)
MARKED = st.lists(st.integers(0, 70), max_size=10).map(sorted)


def replay(steps: list[int], marked: list[int]) -> tuple[RunState, ReplayControls]:
    """Return a recording of these steps, and a slider that is obeyed as by the replayer: by the last step that is not later."""
    state = RunState()
    state.apply(run_started(activity="replaying"))
    column = np.array(steps)
    points = Points(column, 64 * column, column.astype(float), np.ones(len(steps)))
    ends = {"first_step": min([*steps, *marked]), "last_step": max([*steps, *marked])}
    marks = tuple(Mark(step, 64 * step, "checkpoint", "saved") for step in marked)
    recording_info = RecordingInfo(step=0, images=0, time=0.0, run="run", points={"loss": points}, marks=marks, **ends)
    state.apply(recording_info)

    def obey(command: Seek) -> None:
        state.apply(run_started(activity="replaying"))
        for step in steps:
            if step <= command.step:
                state.apply(step_done(step))

    pending = PendingCommands()
    replay_controls = ReplayControls(state, pending, lambda command: (obey(command), setattr(pending, "seek", None)))
    return state, replay_controls


@given(STEPS, MARKED)
def test_every_press_seeks_to_a_step_that_shows_later_marks(steps, marked):
    state, replay_controls = replay(steps, marked)
    stops = []
    for _ in range(len(marked) + 1):
        replay_controls.seek_mark(ahead=True)
        stops.append(max(state.run.step, replay_controls._stop))
    reached = [step for step in marked if step > 0]
    places = {next((each for each in steps if each >= step), step) for step in reached}
    assert places <= set(stops) and stops == sorted(stops)
    assert len(set(stops[: len(places)])) == len(places), "no press stays where the one before has led"


@given(STEPS, MARKED)
def test_every_press_back_seeks_to_an_earlier_step(steps, marked):
    _, replay_controls = replay(steps, marked)
    replay_controls.seek(replay_controls.span[1])
    before = [replay_controls.step]
    for _ in range(len(marked) + 1):
        replay_controls.seek_mark(ahead=False)
        before.append(replay_controls._stop)
    assert before == sorted(before, reverse=True) and before[-1] == replay_controls.span[0]
