"""Events to test with: an exact comparison, hypothesis strategies, and a small recorded run."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jem_tui.events.run import (
    ACCURACY,
    NRG,
    TOTAL,
    XE,
    Diverged,
    Energies,
    Evaluated,
    Event,
    RankStates,
    Rewound,
    RunStarted,
    Samples,
    StepDone,
    Stopped,
)

if TYPE_CHECKING:
    from jem_tui.stream.replay.timeline import Timeline

METRICS = (TOTAL, NRG, XE, ACCURACY)


def equal(a: Any, b: Any) -> bool:
    """Compare events by content and type; NaN equals NaN, and arrays must agree in dtype and shape."""
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


def rank_states(step: int, size: int = 2, **changes: Any) -> RankStates:
    """Make the states of ranks on hosts of eight, of which the last rank is slow."""
    waiting = tuple(0.01 if rank == size - 1 else 0.3 + rank % 100 / 1000 for rank in range(size))
    return RankStates(
        **{
            "step": step,
            "images": step * 64,
            "time": 1000.0 + step,
            "hosts": tuple(f"node{rank // 8}" for rank in range(size)),
            "devices": ("NVIDIA H100",) * size,
            "images_per_second": tuple(800.5 / (1 - share) for share in waiting),
            "energy": tuple(-3.25 - rank / 64 for rank in range(size)),
            "waiting": waiting,
            "memory": tuple((9 << 30) + rank for rank in range(size)),
            "memory_total": (80 << 30,) * size,
            **changes,
        }
    )


def evaluated(step: int, accuracy: float = 0.9712345678) -> Evaluated:
    scores = {"accuracy": accuracy, "xe": 0.1, "ece": 0.02}
    return Evaluated(step=step, images=step * 64, time=1000.0 + step, split="validation", scores=scores)


def stopped(step: int, **changes: Any) -> Stopped:
    return Stopped(**{"step": step, "images": step * 64, "time": 1000.0 + step, "reason": "finished", **changes})


def small_run(steps: int = 10) -> list[Event]:
    """Make a start, steps a second apart, samples and energies at every fifth step, an evaluation, and the end."""
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
    """Make ten steps, of which the last four are repeated with value 9, up to step 8."""
    run_dir = record(tmp_path / "run", small_run(10))
    return record(run_dir, [started(6), *(step_done(step, 9.0) for step in (7, 8)), stopped(8)])


def rewound(lost: int, step: int, **changes: Any) -> Rewound:
    known = {"rate_factor": 0.5, "steps_factor": 1.5, "reseeded": 64, "attempt": 1, "attempts": 3}
    where = {"step": step, "images": step * 64, "time": 1000.0 + lost}
    return Rewound(**{**where, "from_step": lost, **known, **changes})


def rewound_run() -> list[Event]:
    """Make ten steps with value 9, of which the last six are void, and the fifth to the twelfth with value 1."""
    why = Diverged(step=10, images=640, time=1010.0, why="the loss is nan", numbers={"loss": float("nan")})
    lost = [step_done(step, 9.0) for step in range(1, 11)]
    kept = [step_done(step, 1.0, time=1010.0 + step) for step in range(5, 13)]
    start = started(total_steps=12)
    return [start, *lost, samples(10), why, rewound(10, 4), samples(4), *kept, stopped(12, time=1023.0)]
