"""Events to test with: an exact comparison, hypothesis strategies, and a small recorded run."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jem_tui.events.commands import Adjustable
from jem_tui.events.run import (
    ACCURACY,
    NRG,
    TOTAL,
    XE,
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Event,
    Note,
    Paused,
    Resumed,
    Rewound,
    RunStarted,
    Samples,
    SpeedChanged,
    StepDone,
    Stopped,
)

if TYPE_CHECKING:
    from jem_tui.stream.replay.timeline import Timeline

METRICS = (TOTAL, NRG, XE, ACCURACY)


def equal(a: Any, b: Any) -> bool:
    """Equality of events by content and type, where NaN equals NaN and arrays must agree in dtype and shape."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Event):
        return all(equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b or (isinstance(a, float) and a != a and b != b)


def all_equal(left: list[Event], right: list[Event]) -> bool:
    return equal(list(left), list(right))


def started(step: int = 0, **changes: Any) -> RunStarted:
    known = {
        "config": {"train": {"epochs": 2, "rate": 1e-4}, "sizes": [1, 2]},
        "device": "cpu",
        "seed": 7,
        "parameters": 1234,
        "tile_shape": (4, 3, 1),
        "class_names": ("0", "1"),
        "total_steps": 100,
        "steps_per_epoch": 10,
        "run_dir": "runs/somewhere",
        "abilities": frozenset({"reseed", "save"}),
    }
    return RunStarted(**{"step": step, "images": step * 64, "time": 1000.0 + step, **known, **changes})


def step_done(step: int, value: float | None = None, **changes: Any) -> StepDone:
    number = float(np.float32(1 / step if value is None else value))
    metrics = dict.fromkeys(METRICS, number)
    return StepDone(
        **{"step": step, "images": step * 64, "time": 1000.0 + step, "epoch": 1, "metrics": metrics, **changes}
    )


def samples(step: int, n: int = 5, shape: tuple[int, int, int] = (4, 3, 1), **changes: Any) -> Samples:
    rng = np.random.default_rng(step)
    return Samples(
        **{
            "step": step,
            "images": step * 64,
            "time": 1000.0 + step,
            "tiles": rng.integers(0, 256, (n, *shape), dtype=np.uint8),
            "energy": rng.normal(size=n).astype(np.float32),
            "age": np.arange(n),
            "predicted": np.arange(n) % 2,
            "confidence": rng.random(n).astype(np.float32),
            "reseeds": np.zeros(n, dtype=np.int64),
            **changes,
        }
    )


def energies(step: int) -> Energies:
    edges = np.linspace(-3.0, 5.0, 9)
    data, drawn = np.arange(1, 9), np.arange(8, 0, -1)
    return Energies(step=step, images=step * 64, time=1000.0 + step, edges=edges, data=data, samples=drawn)


def evaluated(step: int, accuracy: float = 0.9712345678) -> Evaluated:
    scores = {"accuracy": accuracy, "xe": 0.1, "ece": 0.02}
    return Evaluated(step=step, images=step * 64, time=1000.0 + step, split="validation", scores=scores)


def stopped(step: int, **changes: Any) -> Stopped:
    return Stopped(**{"step": step, "images": step * 64, "time": 1000.0 + step, "reason": "finished", **changes})


def small_run(steps: int = 10) -> list[Event]:
    """A start, steps a second apart, samples and energies every fifth, an evaluation, and the end."""
    emitted: list[Event] = [started(total_steps=steps)]
    for step in range(1, steps + 1):
        emitted.append(step_done(step))
        if step % 5 == 0:
            emitted += [samples(step), energies(step)]
    return [*emitted, evaluated(steps), stopped(steps)]


def record(run_dir: Path, emitted: list[Event]) -> Path:
    """Record events and return the folder."""
    from jem_tui.stream.writer.recorder import Recorder

    recorder = Recorder(run_dir, ["jem-tui", "train"])
    for event in emitted:
        recorder(event)
    if recorder._log is not None:
        recorder._log._events.flush()  # as if killed after a flush
    return run_dir


def timeline_of(folder: Path) -> Timeline:
    """Lay a recording out as a replay does."""
    from jem_tui.stream.reader.log_cache import read_recording
    from jem_tui.stream.replay.build_timeline import build_timeline

    return build_timeline(read_recording(folder), folder, complete=True)


def resumed_run(tmp_path: Path) -> Path:
    """Ten steps, of which the last four are done again with value 9, up to step 8."""
    run_dir = record(tmp_path / "run", small_run(10))
    return record(run_dir, [started(6), *(step_done(step, 9.0) for step in (7, 8)), stopped(8)])


def rewound(lost: int, step: int, **changes: Any) -> Rewound:
    known = {"rate_factor": 0.5, "steps_factor": 1.5, "reseeded": 64, "attempt": 1, "attempts": 3}
    where = {"step": step, "images": step * 64, "time": 1000.0 + lost}
    return Rewound(**{**where, "from_step": lost, **known, **changes})


def rewound_run() -> list[Event]:
    """Ten steps with value 9, of which the last six are void, and from the fifth to the twelfth with value 1."""
    why = Diverged(step=10, images=640, time=1010.0, why="the loss is nan", numbers={"loss": float("nan")})
    lost = [step_done(step, 9.0) for step in range(1, 11)]
    kept = [step_done(step, 1.0, time=1010.0 + step) for step in range(5, 13)]
    start = started(total_steps=12)
    return [start, *lost, samples(10), why, rewound(10, 4), samples(4), *kept, stopped(12, time=1023.0)]


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
    st.builds(Adjusted, **_when, name=st.sampled_from(get_args(Adjustable)), old=st.floats(), new=st.floats()),
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
