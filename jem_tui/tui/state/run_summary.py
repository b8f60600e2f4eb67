"""The summary of a finished run: scores with their trend, best checkpoint, divergences, time and energy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jem_tui.errors import InputError
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.minus_sign import minus_signs
from jem_tui.number_text import names_fraction, short_percent
from jem_tui.run_files import REPLACED, checkpoint_step, sorted_checkpoints
from jem_tui.stream.compare.better_direction import Direction, better_direction
from jem_tui.stream.runs.next_commands import NextCommand, next_commands
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import Series
from jem_tui.tui.state.speedometer import THROUGHPUT
from jem_tui.tui.state.trend import change_at_end

CHIEF = ("test/accuracy", "test/ece", "validation/accuracy", "validation/ece", ACCURACY, TOTAL, XE, NRG)
"""Metrics of a training run in the order of the summary."""
MOST_OTHERS = 8
"""Metrics of a log without any of the chief ones."""
LONGEST_STEP = 60.0
"""Seconds between two steps beyond which a run was paused or was not running."""
SETTLED = 1000
"""Steps within which JEM/nrg falls by several nats and returns, so that its value does not show yet whether the chains are healthy."""
BEST_BY = "validation/accuracy"


@dataclass(frozen=True, slots=True)
class FinalScore:
    """The last value of a metric, and its change over the last tenth of the run."""

    name: str
    value: str
    trend: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A summary of one run; texts are not sanitized, except those of commands."""

    scores: tuple[FinalScore, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and values of further facts."""
    commands: tuple[NextCommand, ...]
    """Commands that follow, for a run folder of this machine."""


def summarize_run(run: RunView, run_dir: Path | None) -> RunSummary:
    """Summarize a run; files are read from `run_dir`, unless the run is on another machine (None)."""
    known = [tag for tag in CHIEF if tag in run.series] or [tag for tag in run.series if tag != THROUGHPUT][
        :MOST_OTHERS
    ]
    scores = tuple(_score(tag, run.series[tag], run) for tag in known if len(run.series[tag]))
    commands = tuple(next_commands(run_dir)) if run_dir is not None else ()
    return RunSummary(scores, tuple(_facts(run, run_dir)), commands)


def _score(tag: str, series: Series, run: RunView) -> FinalScore:
    fraction = names_fraction(tag) and 0 <= series.values[-1] <= 1
    change = change_at_end(series, run.images)
    trend = "" if change is None else trend_text(change, fraction=fraction, better=better_direction(tag))
    if tag == NRG:
        trend = ", ".join(filter(None, (trend, "healthy: near 0" if run.step >= SETTLED else "too early to judge")))
    value = float(series.values[-1])
    return FinalScore(
        tag.replace("validation/", "validation ").replace("test/", "test "),
        short_percent(value) if fraction else minus_signs(f"{value:.4g}"),
        trend,
    )


def trend_text(change: float, *, fraction: bool, better: Direction | None = None) -> str:
    """Return a change as an arrow and a number, percentage points for a fraction; "→ steady" for no change.

    With the `better` direction of the metric, the text states whether the metric has become better or worse.
    """
    size = f"{abs(change) * 100:.2f} points" if fraction else f"{abs(change):.3g}"
    if change == 0 or not any(digit in size for digit in "123456789"):
        return "→ steady"
    verdict = "" if better is None else " better" if (change > 0) == (better == "higher") else " worse"
    return f"{'↑' if change > 0 else '↓'} {size}{verdict}"


def _facts(run: RunView, run_dir: Path | None) -> Iterator[tuple[str, str]]:
    yield "Length", f"{run.step:,} steps" + (f", {run.images:,} images" if run.counts_images else "")
    seconds = training_seconds(run)
    if seconds:
        yield "Time", f"{text_formats.duration(seconds).strip()}{_speed(run, seconds)}"
    if not run.foreign and not run.watched:
        yield "Divergences", _divergences(run)
    if run_dir is not None:
        yield from _recorded_facts(run, run_dir)


def _speed(run: RunView, seconds: float) -> str:
    begun = next((series.images[0] for series in run.series.values() if len(series)), 0.0)
    rate = (run.images - begun) / seconds
    return f", {rate:,.0f} images/s" if run.counts_images and rate > 0 and math.isfinite(rate) else ""


def training_seconds(run: RunView) -> float:
    """Return the seconds of training of all sessions, without pauses; 0 where they are unknown."""
    if run.timed_seconds:
        return run.timed_seconds
    longest = max(run.series.values(), key=len, default=None)
    if longest is None:
        return 0.0
    gaps = np.diff(np.asarray(longest.times, float))
    usual = 20 * float(np.median(gaps)) if len(gaps) else 0.0
    return float(gaps[gaps <= max(LONGEST_STEP, usual)].sum())


def _divergences(run: RunView) -> str:
    found = sum(note.kind == "divergence" for note in run.notes)
    back = sum(note.kind == "rewind" for note in run.notes)
    rollbacks = f", {back} rollback{'s' if back != 1 else ''}" if back else ""
    return f"{found or 'none'}{rollbacks}"


def _recorded_facts(run: RunView, run_dir: Path) -> Iterator[tuple[str, str]]:
    """Yield the best checkpoint and the energy from the files of a run; nothing where they cannot be read."""
    with suppress(InputError, OSError):
        recorded = read_run_file(run_dir)
        if not run.watched and not run.foreign:
            yield "Best checkpoint", best_checkpoint(run, run_dir) or "none on disk"
        if recorded.energy_joules:
            yield "Energy", f"{recorded.energy_joules / 3600:,.4g} Wh of the whole device"


def best_checkpoint(run: RunView, run_dir: Path) -> str:
    """Return the checkpoint on disk with the highest validation accuracy at its step, the newest if several have it; "" without any."""
    paths = [path for path in sorted_checkpoints(run_dir) if path.suffix != REPLACED]
    scored = [(_accuracy_at(run, checkpoint_step(path)), checkpoint_step(path)) for path in paths]
    if not scored:
        return ""
    accuracy, step = max(scored)
    return f"step {step:,}" + (f", validation accuracy {short_percent(accuracy)}" if accuracy >= 0 else "")


def _accuracy_at(run: RunView, step: int) -> float:
    """Return the newest validation accuracy up to a step; -1 where there is none."""
    series = run.series.get(BEST_BY)
    if series is None:
        return -1.0
    at = int(np.searchsorted(series.steps, step, side="right")) - 1
    value = float(series.values[at]) if at >= 0 else -1.0
    return value if math.isfinite(value) else -1.0
