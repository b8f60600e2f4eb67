"""The keys for the next and the last mark on logs whose steps are far apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.commands import Seek
from jem_tui.events.recording import Mark, Outlook, Points
from jem_tui.tui.state.pending import Asked
from jem_tui.tui.state.replay_controls import Transport
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import run_started, step_done

STEPS = st.lists(st.integers(1, 60), min_size=1, max_size=10, unique=True).map(sorted)
MARKED = st.lists(st.integers(0, 70), max_size=10).map(sorted)


def replay(steps: list[int], marked: list[int]) -> tuple[RunState, Transport]:
    """Return a recording of these steps, and a slider that is obeyed as by the replayer: by the last step that is not later."""
    state = RunState()
    state.apply(run_started(activity="replaying"))
    column = np.array(steps)
    points = Points(column, 64 * column, column.astype(float), np.ones(len(steps)))
    ends = {"first_step": min([*steps, *marked]), "last_step": max([*steps, *marked])}
    marks = tuple(Mark(step, 64 * step, "checkpoint", "saved") for step in marked)
    outlook = Outlook(step=0, images=0, time=0.0, run="run", points={"loss": points}, marks=marks, **ends)
    state.apply(outlook)

    def obey(command: Seek) -> None:
        state.apply(run_started(activity="replaying"))
        for step in steps:
            if step <= command.step:
                state.apply(step_done(step))

    asked = Asked()
    transport = Transport(state, asked, lambda command: (obey(command), setattr(asked, "seek", None)))
    return state, transport


@given(STEPS, MARKED)
def test_every_press_goes_on_to_where_later_marks_are_seen(steps, marked):
    state, transport = replay(steps, marked)
    stops = []
    for _ in range(len(marked) + 1):
        transport.seek_mark(ahead=True)
        stops.append(max(state.run.step, transport._stop))
    reached = [step for step in marked if step > 0]
    places = {next((each for each in steps if each >= step), step) for step in reached}
    assert places <= set(stops) and stops == sorted(stops)
    assert len(set(stops[: len(places)])) == len(places), "no press stays where the one before has led"


@given(STEPS, MARKED)
def test_every_press_back_goes_to_an_earlier_place(steps, marked):
    _, transport = replay(steps, marked)
    transport.seek(transport.span[1])
    before = [transport.step]
    for _ in range(len(marked) + 1):
        transport.seek_mark(ahead=False)
        before.append(transport._stop)
    assert before == sorted(before, reverse=True) and before[-1] == transport.span[0]
