"""Several runs on one screen: who is shown, and in which colour."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from itertools import pairwise

from jem_tui.events.commands import Command, ShowPictures
from jem_tui.events.recording import ComparedRunEvent, RecordingInfo
from jem_tui.events.run import Event, Note, Wait
from jem_tui.tui.state.comparison import PALETTE, RunComparison, run_colours
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import BATCH, FakeSource, jem_app, run_started, samples, screen_rows, step_done, until

NAMES = ("adam-fast", "adam-slow", "sgd")


def recording_info(name: str) -> RecordingInfo:
    return RecordingInfo(step=1, images=BATCH, time=0.0, run=name, first_step=1, last_step=10)


def comparison(lead: str = "adam-slow") -> RunComparison:
    state = RunState()
    for event in (run_started(activity="replaying"), recording_info(lead), step_done(1)):
        state.apply(event)
    for name in NAMES:
        emitted: list[Event] = [run_started(activity="replaying"), recording_info(name), step_done(1)]
        for event in emitted if name != lead else []:
            state.apply(ComparedRunEvent(step=1, images=BATCH, time=0.0, run=name, event=event))
    return RunComparison(state)


def shown(found: RunComparison) -> list[str]:
    return [compared.name for compared in found.shown]


def test_the_leading_run_is_first_and_all_runs_are_shown():
    assert shown(comparison()) == ["adam-slow", "adam-fast", "sgd"]
    assert [compared.name for compared in comparison().compared_runs] == sorted(NAMES)
    assert [compared.leads for compared in comparison().compared_runs] == [False, True, False]


def test_the_filter_matches_words_in_any_order_and_keeps_the_leading_run():
    found = comparison()
    found.filter_text = "FAST ada"
    assert [compared.name for compared in found.listed] == ["adam-fast", "adam-slow"]
    assert shown(found) == ["adam-slow", "adam-fast"]
    found.filter_text = "nothing"
    assert shown(found) == ["adam-slow"]


def test_runs_are_hidden_shown_and_left_alone():
    found = comparison()
    before = found.choice
    found.toggle("sgd")
    assert shown(found) == ["adam-slow", "adam-fast"]
    assert found.choice != before
    found.toggle("sgd")
    assert found.choice == before
    found.only("sgd")
    assert shown(found) == ["adam-slow", "sgd"]
    found.only("sgd")
    assert len(shown(found)) == 3


def test_the_stamp_differs_after_each_event_of_a_compared_run():
    state = RunState()
    found = RunComparison(state)
    stamps = [found.stamp]
    for event in (run_started(activity="replaying"), recording_info("b"), step_done(1), samples(1), step_done(2)):
        state.apply(ComparedRunEvent(step=2, images=2 * BATCH, time=0.0, run="b", event=event))
        stamps.append(found.stamp)
    assert all(later != earlier for earlier, later in pairwise(stamps))
    assert found.stamp == stamps[-1]


class LateComparison(FakeSource):
    """A replay at its end, whose compared run gets its newest step and samples only at a command."""

    def __init__(self) -> None:
        super().__init__(total=1, activity="replaying")

    def events(self) -> Generator[Event | Wait, None, None]:
        started = run_started(total=1, activity="replaying")
        yield from (started, recording_info("a"), step_done(1), samples(1))
        yield from map(self._compared, (started, recording_info("b"), step_done(1), samples(1)))
        yield Note(step=1, images=BATCH, time=0.0, text="end", kind="end")
        while True:
            yield Wait(math.inf)

    def apply(self, command: Command) -> Iterator[Event]:
        yield from map(self._compared, (step_done(7), samples(7)))

    def _compared(self, event: Event) -> ComparedRunEvent:
        return ComparedRunEvent(step=1, images=BATCH, time=0.0, run="b", event=event)


async def test_late_events_of_a_compared_run_are_displayed_after_the_end():
    app = jem_app(LateComparison())
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: sum(row.count("step 1 ") for row in screen_rows(app)) == 2)
        app._session.send(ShowPictures(tag="x"))
        await until(pilot, lambda: any("step 7 " in row for row in screen_rows(app)))


def test_a_single_run_is_not_a_comparison():
    state = RunState()
    state.apply(run_started(activity="replaying"))
    state.apply(recording_info("a"))
    assert len(RunComparison(state)) == 0
    assert RunComparison(state).compared_runs == []


def test_a_colour_belongs_to_a_name_whoever_else_is_there():
    alone = run_colours(["sgd"])["sgd"]
    assert run_colours(["adam-fast", "adam-slow", "sgd"])["sgd"] == alone
    assert len(set(run_colours(NAMES).values())) == len(NAMES)
    many = run_colours([f"run-{number}" for number in range(len(PALETTE) + 3)])
    assert set(list(many.values())[: len(PALETTE)]) == set(PALETTE)
    assert all(colour in PALETTE for colour in many.values())
