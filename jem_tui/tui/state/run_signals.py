"""Texts that a run announces outside its screen: a window title, a progress, and its divergences and end."""

from __future__ import annotations

from typing import NamedTuple

from jem_tui.events.run import Note
from jem_tui.number_text import short_percent
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.terminal.terminal_signals import FAILED, PAUSED, UNKNOWN, WORKING

PROGRAM = "jem-tui"
SIGNS = {"finished": "✓", "stopped": "■", "interrupted": "■"}
FAILURE = "✗"
SCORES = ("test/accuracy", "validation/accuracy")


class TaskbarProgress(NamedTuple):
    """A state of the taskbar and per cent."""

    state: int
    percent: int


def window_title(state: RunState, name: str) -> str:
    """Return the title of the window: a sign for the state of the run, its progress and its name."""
    run = state.run
    if run is None or "seek" in run.info.abilities:
        return f"{name} – {PROGRAM}" if run is None else f"{name} (replay) – {PROGRAM}"
    if state.stopped is not None:
        return f"{SIGNS.get(state.stopped.reason, FAILURE)} {state.stopped.reason} {name} – {PROGRAM}"
    sign = "‖" if state.paused else "▶"
    return f"{sign} {_extent(run)} {name} – {PROGRAM}"


def _extent(run: RunView) -> str:
    """Return how far a run is: per cent, or the step of a run without an end."""
    bounded = run.info.total_steps > 0 or run.info.budget_seconds > 0
    return f"{int(100 * run.fraction)} %" if bounded else f"step {run.step:,}"


def progress(state: RunState) -> TaskbarProgress | None:
    """Return the progress of a run that trains, or that has failed; None for a run that has ended otherwise, and for a replay."""
    run = state.run
    if run is None or "seek" in run.info.abilities:
        return None
    percent = int(100 * run.fraction)
    if state.stopped is not None:
        return None if state.stopped.reason in SIGNS else TaskbarProgress(FAILED, percent)
    if state.paused:
        return TaskbarProgress(PAUSED, percent)
    bounded = run.info.total_steps > 0 or run.info.budget_seconds > 0
    return TaskbarProgress(WORKING, percent) if bounded else TaskbarProgress(UNKNOWN, 0)


def announcement(run: RunView, state: RunState, seen: int) -> str:
    """Return a sentence on the end of the run, or on a divergence among the notes after the first `seen`; empty without either."""
    if state.stopped is not None:
        scores = [f", {tag.replace('/', ' ')} {short_percent(run.scores[tag])}" for tag in SCORES if tag in run.scores]
        return f"{state.stopped.reason} at step {state.stopped.step:,}{''.join(scores[:1])}"
    diverged = [note for note in run.notes[seen:] if note.kind == "divergence"]
    return _of_divergence(diverged[-1]) if diverged else ""


def _of_divergence(note: Note) -> str:
    return f"step {note.step:,}: {note.text}"
