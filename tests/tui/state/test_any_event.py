"""Events of later programs and of unknown authors: any event that is valid is applied and drawn, in any order."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.recording import ChainSnapshot, Histogram, Mark, Points, RecordingInfo, SkippedSamples, StepBatch
from jem_tui.events.run import (
    ACCURACY,
    MINUTES,
    TOTAL,
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Event,
    Note,
    Paused,
    RankStates,
    Resumed,
    Rewound,
    RunStarted,
    Sampling,
    SpeedChanged,
    StepDone,
    Stopped,
)
from jem_tui.events.validate import validated
from jem_tui.tui.state.run_state import RunState
from tests.raster.anything import NUMBERS, TEXTS, WHOLE
from tests.raster.tiles.test_any_tiles import chains
from tests.tui.state.draw_any_state import check_invariants, draw_everything

TIMES = NUMBERS.filter(math.isfinite)
WHEN = {"step": WHOLE, "images": WHOLE, "time": TIMES}
TAGS = st.one_of(st.sampled_from([TOTAL, ACCURACY, "validation/accuracy", "energy", "sgld/steps", MINUTES]), TEXTS)
METRICS = st.dictionaries(TAGS, NUMBERS, max_size=4)
NAMES = st.lists(TEXTS, max_size=4).map(tuple)
SHARES = st.integers(0, 3).flatmap(
    lambda bins: st.tuples(*[st.lists(NUMBERS, min_size=bins, max_size=bins).map(tuple)] * 3)
)
STARTS = st.builds(
    RunStarted,
    **WHEN,
    config=st.sampled_from([{}, {"sgld": 1}, {"sgld": {"steps": "x"}}, {"buffer": {"size": -(10**30)}}]),
    device=TEXTS,
    seed=st.integers(),
    parameters=WHOLE,
    tile_shape=st.just((4, 3, 1)),
    class_names=NAMES,
    total_steps=WHOLE,
    budget_seconds=NUMBERS,
    steps_per_epoch=WHOLE,
    run_dir=TEXTS,
    activity=st.one_of(st.just("training"), TEXTS),
    abilities=st.frozensets(st.sampled_from(["reseed", "save", "seek", "speed", "of tomorrow"])),
)


@st.composite
def points(draw: st.DrawFn) -> Points:
    n = draw(st.integers(0, 5))
    places = [np.array(draw(st.lists(WHOLE, min_size=n, max_size=n)), np.int64) for _ in range(2)]
    if draw(st.booleans()):
        places = [np.sort(each) for each in places]
    times, values = (np.array(draw(st.lists(NUMBERS, min_size=n, max_size=n)), np.float64) for _ in range(2))
    return Points(*places, times, values)


@st.composite
def energies(draw: st.DrawFn) -> Energies:
    bins = draw(st.integers(0, 5))
    edges = np.array(draw(st.lists(NUMBERS, min_size=bins + 1, max_size=bins + 1)), np.float64)
    counts = [np.array(draw(st.lists(WHOLE, min_size=bins, max_size=bins)), np.int64) for _ in range(2)]
    return draw(
        st.builds(
            Energies,
            **WHEN,
            edges=st.sampled_from([edges, np.sort(edges), np.arange(bins + 1.0)]),
            data=st.sampled_from([counts[0], np.abs(counts[0])]),
            samples=st.sampled_from([counts[1], np.arange(bins)]),
            train=st.sampled_from([None, np.arange(bins)]),
        )
    )


@st.composite
def rank_states(draw: st.DrawFn) -> RankStates:
    ranks = draw(st.sampled_from([0, 1, 2, 3, 20]))
    names, numbers, counts = (
        st.lists(each, min_size=ranks, max_size=ranks).map(tuple) for each in (TEXTS, NUMBERS, WHOLE)
    )
    return draw(
        st.builds(
            RankStates,
            **WHEN,
            **dict.fromkeys(("hosts", "devices"), names),
            **dict.fromkeys(("images_per_second", "energy", "waiting"), numbers),
            **dict.fromkeys(("memory", "memory_total"), counts),
        )
    )


def histogram(found: Energies) -> Histogram:
    when = {"step": found.step, "images": found.images, "time": found.time}
    return Histogram(**when, tag="weights", edges=found.edges, counts=found.data.astype(np.float64))


MARKS = st.lists(st.builds(Mark, step=WHOLE, images=WHOLE, kind=TEXTS, text=TEXTS), max_size=4).map(
    lambda marks: tuple(sorted(marks, key=lambda mark: mark.step))
)
EVENTS = st.one_of(
    STARTS,
    st.builds(StepDone, **WHEN, epoch=WHOLE, metrics=METRICS),
    st.builds(StepDone, step=st.integers(0, 50), images=st.integers(0, 50), time=TIMES, epoch=WHOLE, metrics=METRICS),
    st.builds(Evaluated, **WHEN, split=TEXTS, scores=METRICS),
    chains(),
    rank_states(),
    energies(),
    energies().map(histogram),
    st.builds(Note, **WHEN, text=TEXTS, kind=st.one_of(TEXTS, st.sampled_from(["end", "outage", "epoch"]))),
    st.builds(Adjusted, **WHEN, name=TEXTS, old=NUMBERS, new=NUMBERS),
    st.builds(Diverged, **WHEN, why=TEXTS, numbers=METRICS),
    st.builds(
        Rewound,
        **WHEN,
        from_step=WHOLE,
        rate_factor=NUMBERS,
        steps_factor=NUMBERS,
        reseeded=WHOLE,
        attempt=WHOLE,
        attempts=WHOLE,
    ),
    st.builds(
        lambda bins, **rest: Assessed(**rest, confidence=bins[0], accuracy=bins[1], share=bins[2]),
        **WHEN,
        bins=SHARES,
        split=TEXTS,
        auroc=METRICS,
    ),
    st.builds(Paused, **WHEN),
    st.builds(Resumed, **WHEN),
    st.builds(SpeedChanged, **WHEN, speed=NUMBERS),
    st.builds(Sampling, **WHEN, k=WHOLE, of=WHOLE),
    st.builds(Stopped, **WHEN, reason=TEXTS, error=TEXTS),
    st.builds(StepBatch, **WHEN, epoch=WHOLE, metrics=METRICS, points=st.dictionaries(TAGS, points(), max_size=3)),
    st.builds(
        RecordingInfo,
        **WHEN,
        run=TEXTS,
        first_step=WHOLE,
        last_step=WHOLE,
        points=st.dictionaries(TAGS, points(), max_size=3),
        marks=MARKS,
        growing=st.booleans(),
    ),
    chains().map(
        lambda seen: SkippedSamples(
            step=1, images=64, time=0.0, snapshots=(ChainSnapshot(1, seen.energy, seen.reseeds),)
        )
    ),
)


def passing(events: list[Event]) -> Iterator[Event]:
    """Yield the events that the checks of recorded events let through."""
    for event in events:
        try:
            yield validated(event)
        except ValueError:
            continue


@pytest.mark.filterwarnings("error::RuntimeWarning")
@given(STARTS, st.lists(EVENTS, max_size=12), st.integers(1, 130), st.integers(1, 40), st.data())
def test_events_of_anything_in_any_order_are_taken_in_and_drawn(start, events, width, height, data):
    state = RunState()
    for event in passing([start, *events]):
        state.apply(event)
        check_invariants(state)
    draw_everything(state, width, height, data)
