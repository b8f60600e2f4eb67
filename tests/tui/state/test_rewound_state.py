"""A run that went back, as the screen sees it."""

from __future__ import annotations

import numpy as np

from jem_tui.events.run import TOTAL, Diverged, Evaluated, Event, Note, Paused, Rewound, Sampling
from jem_tui.tui.state.note_signs import SIGNS
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.series import Series
from tests.tui.sources import BATCH, run_started, step_done


def rewound(lost: int, step: int) -> Rewound:
    return Rewound(
        step=step,
        images=step * BATCH,
        time=float(lost),
        from_step=lost,
        reseeded=64,
        rate_factor=0.5,
        steps_factor=1.5,
        attempt=1,
        attempts=3,
    )


def diverged(step: int) -> Diverged:
    return Diverged(step=step, images=step * BATCH, time=float(step), why="the loss is nan")


def state_after(*events: Event) -> RunState:
    state = RunState()
    for event in [run_started(), *events]:
        state.apply(event)
    return state


LOST = [step_done(k, **{TOTAL: 100.0 * k}) for k in range(1, 301)]


def test_curves_end_at_the_step_of_a_rollback_and_continue_there():
    again = [step_done(k, **{TOTAL: 1.0}) for k in range(201, 211)]
    state = state_after(*LOST, diverged(300), rewound(300, 200), *again)
    series = state.run.series[TOTAL]
    assert np.array_equal(series.images, BATCH * np.arange(1, 211))
    assert np.array_equal(series.values[:200], 100.0 * np.arange(1, 201))
    assert np.array_equal(series.values[200:], np.ones(10))
    straight = state_after(*LOST[:200], *again).run.series[TOTAL]
    assert np.array_equal(series.smoothed(0.95), straight.smoothed(0.95))


def test_step_images_epoch_and_chain_go_back():
    sampling = Sampling(step=300, images=300 * BATCH, time=300.0, k=3, of=5)
    run = state_after(*LOST, sampling, diverged(300), rewound(300, 200)).run
    assert (run.step, run.images, run.epoch) == (200, 200 * BATCH, 200 // run.info.steps_per_epoch)
    assert run.sampling is None


def test_the_return_is_marked_and_void_marks_go():
    def note(step: int) -> Note:
        return Note(step=step, images=step * BATCH, time=0.0, text="saved", kind="checkpoint")

    run = state_after(note(100), note(250), rewound(300, 200)).run
    assert [(mark.kind, mark.images) for mark in run.marks] == [("checkpoint", 100 * BATCH), ("rewind", 200 * BATCH)]
    assert [mark.images for mark in state_after(rewound(300, 0)).run.marks] == [0]


def test_divergence_and_rollback_are_added_to_the_notes():
    void = Evaluated(step=250, images=250 * BATCH, time=0.0, split="validation", scores={"accuracy": 0.5})
    notes = state_after(*LOST[:250], void, diverged(300), rewound(300, 200)).run.notes
    assert [note.kind for note in notes] == ["evaluation", "divergence", "rewind"]
    assert [note.step for note in notes] == [250, 300, 200]
    assert notes[1].text == "diverged: the loss is nan"
    assert notes[2].text.startswith("rolled back from step 300 to 200 (try 1 of 3)")
    assert {note.kind for note in notes} <= SIGNS.keys()


def test_the_badge_is_recovering_until_the_step_of_the_divergence():
    state = state_after(*LOST, diverged(300))
    assert state.status == "TRAINING"
    state.apply(rewound(300, 200))
    assert (state.status, state.active) == ("RECOVERING", True)
    state.apply(step_done(299))
    assert state.status == "RECOVERING"
    state.apply(Paused(step=299, images=299 * BATCH, time=0.0))
    assert state.status == "PAUSED"
    state = state_after(*LOST, rewound(300, 200), step_done(300))
    assert state.status == "TRAINING"


def test_a_second_return_from_an_earlier_step_does_not_shorten_the_recovery():
    state = state_after(*LOST, rewound(300, 200), step_done(201), rewound(201, 200), step_done(201))
    assert state.status == "RECOVERING"


def test_a_replay_of_it_stays_a_replay():
    state = RunState()
    for event in [run_started(activity="replaying"), *LOST, rewound(300, 200)]:
        state.apply(event)
    assert state.status == "REPLAYING"


def test_the_pace_starts_again_instead_of_running_backwards():
    timed = [step_done(k) for k in range(1, 31)]
    state = state_after(*timed, rewound(30, 10))
    assert state.run.speedometer.images_per_second == BATCH
    for k in range(11, 15):
        state.apply(step_done(k, 40.0 + k))
    assert state.run.speedometer.images_per_second == BATCH


def test_a_rollback_changes_the_stamp_of_the_charts():
    state = state_after(*LOST)
    before = state.run.changes
    state.apply(rewound(300, 200))
    assert state.run.changes > before


def test_truncation_does_not_change_arrays_that_were_returned():
    series = Series()
    for k in range(10):
        series.append(k, k, k, k)
    held = series.values
    series.truncate_after(3)
    for k in range(4, 10):
        series.append(k, k, k, -1.0)
    assert np.array_equal(held, np.arange(10))
    assert np.array_equal(series.values, [0, 1, 2, 3, *[-1.0] * 6])


def test_cutting_to_nothing_and_beyond_the_end():
    series = Series()
    series.append(1, 64, 0.0, 2.0)
    series.truncate_after(100)
    assert len(series) == 1
    series.truncate_after(0)
    assert len(series) == 0
    series.append(1, 64, 0.0, 5.0)
    assert series.smoothed(0.95).tolist() == [5.0]
