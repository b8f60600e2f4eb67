"""Hypothesis strategies for recorded events of every kind."""

from __future__ import annotations

from typing import get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jem_tui.events.commands import Adjustable
from jem_tui.events.run import (
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Note,
    Paused,
    RankStates,
    Resumed,
    Rewound,
    RunStarted,
    Samples,
    SpeedChanged,
    StepDone,
    Stopped,
)

_step = st.integers(0, 2**40)
_time = st.floats(0, 1e11)
_text = st.text(max_size=30)
_single = st.floats(width=32)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | _text.filter(lambda text: text not in ("NaN", "Infinity", "-Infinity")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_when = {"step": _step, "images": _step, "time": _time}


@st.composite
def _samples(draw: st.DrawFn) -> Samples:
    n, height, width = draw(st.tuples(st.integers(0, 7), st.integers(1, 5), st.integers(1, 5)))
    shape = (n, height, width, draw(st.sampled_from([1, 3])))
    numbers = arrays.arrays(np.float32, n, elements=_single)
    counts = arrays.arrays(np.int64, n)
    return draw(
        st.builds(
            Samples,
            **_when,
            tiles=arrays.arrays(np.uint8, shape),
            energy=numbers,
            age=counts,
            predicted=counts,
            confidence=numbers,
            reseeds=counts,
        )
    )


@st.composite
def _energies(draw: st.DrawFn) -> Energies:
    bins = draw(st.integers(1, 6))
    edges = st.lists(st.floats(-1e9, 1e9), min_size=bins + 1, max_size=bins + 1, unique=True)
    counts = arrays.arrays(np.int64, bins, elements=st.integers(0, 2**50))
    ascending = edges.map(lambda values: np.array(sorted(values)))
    train = st.none() | counts
    return draw(st.builds(Energies, **_when, edges=ascending, data=counts, samples=counts, train=train))


@st.composite
def _assessed(draw: st.DrawFn) -> Assessed:
    bins = draw(st.integers(0, 4))
    shares = st.lists(st.floats(0, 1), min_size=bins, max_size=bins).map(tuple)
    found = st.dictionaries(_tags, st.floats())
    return draw(st.builds(Assessed, **_when, split=_text, **dict.fromkeys(_BINS, shares), auroc=found))


@st.composite
def _rank_states(draw: st.DrawFn) -> RankStates:
    ranks = draw(st.integers(0, 3))
    names, numbers, counts = (
        st.lists(each, min_size=ranks, max_size=ranks).map(tuple)
        for each in (_text, st.floats(), st.integers(0, 2**50))
    )
    return draw(
        st.builds(
            RankStates,
            **_when,
            **dict.fromkeys(("hosts", "devices"), names),
            **dict.fromkeys(("images_per_second", "energy", "waiting"), numbers),
            **dict.fromkeys(("memory", "memory_total"), counts),
        )
    )


def run_starts(step: st.SearchStrategy[int]) -> st.SearchStrategy[RunStarted]:
    return st.builds(
        RunStarted,
        **{**_when, "step": step},
        config=st.dictionaries(_text, _json, max_size=4),
        device=_text,
        seed=st.integers(0, 2**63),
        parameters=_step,
        tile_shape=st.tuples(st.integers(1, 64), st.integers(1, 64), st.sampled_from([1, 3])),
        class_names=st.lists(_text, max_size=4).map(tuple),
        total_steps=_step,
        steps_per_epoch=_step,
        run_dir=_text,
        activity=_text,
        abilities=st.frozensets(st.sampled_from(["reseed", "save", "seek", "speed"])),
        knobs=st.dictionaries(_text, st.floats(), max_size=3),
    )


_tags = st.text(st.characters(codec="utf-8"), max_size=12).filter(lambda tag: tag != "jem_tui/event")

_BINS = ("confidence", "accuracy", "share")
RECORDED = st.one_of(
    st.builds(StepDone, **_when, epoch=st.integers(0, 999), metrics=st.dictionaries(_tags, _single, max_size=5)),
    st.builds(Evaluated, **_when, split=_text, scores=st.dictionaries(_tags, st.floats(), max_size=3)),
    _samples(),
    _energies(),
    st.builds(Note, **_when, text=_text, kind=st.sampled_from(["info", "warning", "checkpoint"]), path=_text),
    _assessed(),
    _rank_states(),
    st.builds(
        Adjusted,
        **_when,
        name=st.one_of(st.sampled_from(get_args(Adjustable)), _text),
        old=st.floats(),
        new=st.floats(),
    ),
    st.builds(Diverged, **_when, why=_text, numbers=st.dictionaries(_text, st.floats(), max_size=4)),
    st.builds(
        Rewound,
        **{**_when, **dict.fromkeys(("from_step", "reseeded", "attempt", "attempts"), _step)},
        **dict.fromkeys(("rate_factor", "steps_factor"), st.floats(0, 1e9)),
    ),
    st.builds(Paused, **_when),
    st.builds(Resumed, **_when),
    st.builds(SpeedChanged, **_when, speed=st.floats()),
    st.builds(Stopped, **_when, reason=st.sampled_from(["finished", "failed", "refused"]), error=_text, details=_text),
)
"""Any recorded event but the start."""
