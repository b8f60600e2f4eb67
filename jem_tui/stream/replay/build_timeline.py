"""From what was read to what is played: a recording's items as a timeline, and the marks on its slider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from jem_tui.events.describe import sentence
from jem_tui.events.recording import Health, Mark, Points
from jem_tui.events.run import (
    Diverged,
    Note,
    NoteKind,
    Paused,
    Resumed,
    Rewound,
    RunStarted,
    SpeedChanged,
    StepDone,
    Stopped,
)
from jem_tui.events.sanitize import escaped
from jem_tui.printable import printable
from jem_tui.stream.log_data.entries import Deferred, Item
from jem_tui.stream.log_data.step_table import StepRows, joined
from jem_tui.stream.reader.log_reader import Recording
from jem_tui.stream.replay.timeline import Column, Steps, Timeline

_UNMARKED = frozenset({"end", "evaluation"})
_NOT_SHOWN = (Stopped, Paused, Resumed, SpeedChanged)


def lay_out(recording: Recording, logdir: Path, *, complete: bool) -> Timeline:
    """What a replay tells: its own `RunStarted`, the run, and how it ended, if it did or is `complete` as it is."""
    steps: list[StepRows] = []
    others: list[Item] = []
    after: list[int] = []
    told = 0
    for item in _shown(recording, complete):
        if isinstance(item, StepDone | StepRows):
            steps.append(item if isinstance(item, StepRows) else StepRows.of([item]))
            told += len(steps[-1])
        else:
            others.append(item)
            after.append(told)
    started = replace(_started(recording), run_dir=printable(str(logdir)))
    found, lost = tuple(marks(recording.items)), recording.damage
    health = Health(lost.records, lost.skipped_records, lost.gaps, bool(lost.truncated_files), recording.left_out)
    columns, rows = in_columns(steps), np.array(after, dtype=np.int64)
    pictures = [] if recording.others is None else [tag for tag, places in recording.others.pictures.items() if places]
    return Timeline(started, columns, others, rows, found, health, foreign=recording.foreign, pictures=pictures)


def in_columns(told: Sequence[StepRows]) -> Steps:
    """Steps as columns; a metric that is not in every step gets its own rows."""
    rows = joined(told)
    columns = {}
    for tag, (own, values) in rows.metrics.items():
        at = slice(None) if own is None else own
        columns[tag] = Column(Points(rows.steps[at], rows.seen[at], rows.times[at], values), own)
    return Steps(rows.steps, rows.seen, rows.times, rows.epochs, columns)


def marks(items: Iterable[Item]) -> list[Mark]:
    """What happened in a run, by step."""
    found = (mark for item in items if (mark := _mark(item)) is not None)
    return sorted(found, key=lambda mark: mark.step)


def _mark(item: Item) -> Mark | None:
    match item:
        case Note(kind=kind, text=text) if kind not in _UNMARKED:
            return Mark(item.step, item.images, kind, printable(text))
        case Diverged():
            return Mark(item.step, item.images, "divergence", printable(sentence(item)))
        case Rewound():
            return Mark(item.step, item.images, "rewind", sentence(item))
        case Paused():
            return Mark(item.step, item.images, "pause", "paused")
    return None


def _started(recording: Recording) -> RunStarted:
    started = recording.items[0]
    assert isinstance(started, RunStarted)
    safe = escaped(started)
    assert isinstance(safe, RunStarted)
    return safe


def _shown(recording: Recording, complete: bool) -> Iterator[Item]:
    """What follows the start: without recorded pauses, which are not this replay's, and with resumptions as notes."""
    first, account = recording.items[0], recording.left_out
    if account and (complete or recording.damage):  # a note that changes would have the whole run emitted anew
        kind: NoteKind = "warning" if recording.damage else "info"
        text = printable(f"left out: {' '.join(account.sentences())}")
        yield Note(**first.at.fields(), text=text, kind=kind)
    for item in recording.items[1:]:
        if isinstance(item, RunStarted):
            text = f"resumed from step {item.step:,}"
            yield Note(**item.at.fields(), text=text)
        elif not isinstance(item, _NOT_SHOWN):
            yield item if isinstance(item, Deferred | StepRows) else escaped(item)
    last = recording.items[-1]
    if complete or isinstance(last, Stopped):
        yield _end(last)


def _end(last: Item) -> Note:
    """How the recorded run ended, as far as it says; the replay itself goes on, as it can still be asked to seek."""
    text = "end of the recording"
    if isinstance(last, Stopped):
        text += f": {sentence(last)}" + (f". {printable(last.error)}" if last.error else "")
    return Note(**last.at.fields(), text=text, kind="end")
