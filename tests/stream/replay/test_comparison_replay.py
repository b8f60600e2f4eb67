"""Several recordings played together."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.events.commands import Seek
from jem_tui.events.recording import ComparedRunEvent, RecordingInfo, StepBatch
from jem_tui.events.run import TOTAL, Event, RunStarted, Samples, StepDone, Wait
from jem_tui.stream.replay.player import run_names
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.tui.state.run_state import RunState
from tests.stream.stream_events import record, samples, small_run, started, step_done, stopped


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    short = [started(total_steps=6), *(step_done(step, 5.0) for step in range(1, 7)), samples(6), stopped(6)]
    return [record(tmp_path / "short", short), record(tmp_path / "long", small_run(10))]


def played(replayer: Replayer) -> list[Event]:
    """Play a replay to its end as fast as possible."""
    emitted = []
    for event in replayer.events():
        if isinstance(event, Wait):
            if math.isinf(event.seconds):
                return emitted
        else:
            emitted.append(event)
    raise AssertionError("a replay never ends without a command")


def state_of(emitted: list[Event]) -> RunState:
    state = RunState()
    for event in emitted:
        state.apply(event)
    return state


def test_the_longest_run_leads_and_the_others_follow_its_steps(runs: list[Path]):
    reached = {"long": 0, "short": 0}
    for event in played(Replayer(runs)):
        run, inner = (event.run, event.event) if isinstance(event, ComparedRunEvent) else ("long", event)
        if isinstance(inner, StepDone):
            reached[run] = inner.step
        if isinstance(event, ComparedRunEvent) and isinstance(inner, StepDone):
            assert reached["short"] == reached["long"]
    assert reached == {"long": 10, "short": 6}


def test_a_seek_moves_all_compared_runs(runs: list[Path]):
    replayer = Replayer(runs)
    state = state_of([*replayer.apply(Seek(step=4))])
    short = state.compared["short"]
    assert state.run.step == short.run.step == 4
    assert short.run.series[TOTAL].values.tolist() == [5.0] * 4
    assert short.run.samples is None
    for event in replayer.apply(Seek(step=8)):
        state.apply(event)
    assert (state.run.step, short.run.step) == (8, 6)
    assert short.run.ended and not state.run.ended
    assert isinstance(short.run.samples, Samples)


def test_events_of_compared_runs_never_move_the_leading_run(runs: list[Path]):
    emitted = list(Replayer(runs).apply(Seek(step=10)))
    asides = [event for event in emitted if isinstance(event, ComparedRunEvent)]
    assert asides and all(event.step == 10 for event in asides)
    assert type(asides[0].event) is RunStarted
    assert type(asides[-1].event) is RecordingInfo


def test_a_burst_of_any_length_is_a_few_events(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), *map(step_done, range(1, 3001)), stopped(3000)])
    emitted = list(Replayer([run_dir]).apply(Seek(step=2500)))
    assert [type(event) for event in emitted] == [RunStarted, StepBatch, RecordingInfo]
    assert len(emitted[1].points[TOTAL]) == 2500


def test_names_are_as_long_as_needed_to_be_unique():
    assert run_names([Path("runs/a"), Path("runs/b")]) == ["a", "b"]
    assert run_names([Path("/x/a/tb"), Path("/x/b/tb")]) == ["a/tb", "b/tb"]
    assert run_names([Path("/x/a")]) == ["a"]
    with pytest.raises(InputError, match="listed twice"):
        run_names([Path("runs/a"), Path("runs/a")])
