"""The content of a screen, for comparisons of viewers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from jem_tui.events.recording import Points
from jem_tui.events.run import Event
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.speedometer import THROUGHPUT

LEFT_OUT = frozenset({THROUGHPUT})
"""Curves that depend on when a viewer has joined: the speed of a step is known only if the step before was received, too."""


def state_of(events: Iterable[Event]) -> RunState:
    """Apply events to a new state."""
    state = RunState()
    for event in events:
        state.apply(event)
    return state


def displayed(state: RunState) -> dict[str, Any]:
    """Return everything that viewers of one run must agree on, as values that can be compared."""
    run = state.run
    if run is None:
        return {}
    newest = run.samples
    return {
        "place": (run.step, run.images, run.epoch, dict(run.metrics)),
        "curves": {
            tag: [row.tolist() for row in (line.steps, line.images, line.times, line.values)]
            for tag, line in run.series.items()
            if tag not in LEFT_OUT and len(line)
        },
        "scores": run.scores,
        "samples": None if newest is None else _content(newest),
        "chains": [(each.step, each.energy.tolist(), each.reseeds.tolist()) for each in run.chain_history._snapshots],
        "energies": None if run.energies is None else _content(run.energies),
        "assessment": run.assessment,
        "notes": [(note.step, note.images, note.time, note.text, note.kind) for note in run.notes],
        "marks": sorted((mark.images, mark.step, mark.kind, mark.text) for mark in run.marks),
        "paused": state.paused,
        "rolled back from": run.rolled_back_from,
    }


def curves_of(points: dict[str, Points]) -> dict[str, list[list[float]]]:
    """Return points in the form of the curves of `displayed`."""
    return {
        tag: [row.tolist() for row in (each.steps, each.images, each.times, each.values)]
        for tag, each in points.items()
        if len(each)
    }


def _content(event: Event) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
