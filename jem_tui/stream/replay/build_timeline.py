"""Conversion of a recording's entries to a timeline, with the marks of the slider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from jem_tui.events.describe import sentence
from jem_tui.events.recording import Health, Mark
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
from jem_tui.events.sanitize import sanitized
from jem_tui.printable import printable
from jem_tui.stream.log_data.entries import DeferredEvent, Entry
from jem_tui.stream.log_data.step_table import StepTable, joined
from jem_tui.stream.reader.log_reader import Recording
from jem_tui.stream.replay.timeline import Timeline

_UNMARKED = frozenset({"end", "evaluation"})
_DROPPED = (Stopped, Paused, Resumed, SpeedChanged)


def build_timeline(recording: Recording, logdir: Path, *, complete: bool) -> Timeline:
    """Build the timeline of a replay: `RunStarted`, the run, and a note on its end where it has ended or the log is `complete`."""
    return timeline_of_entries(recording, logdir, _shown(recording, complete))


def timeline_of_entries(recording: Recording, logdir: Path, entries: Iterable[Entry]) -> Timeline:
    """Build a timeline of some entries after the start of a recording, which keeps its start and its condition."""
    steps: list[StepTable] = []
    others: list[Entry] = []
    after: list[int] = []
    rows_before = 0
    for entry in entries:
        if isinstance(entry, StepDone | StepTable):
            steps.append(entry if isinstance(entry, StepTable) else StepTable.of([entry]))
            rows_before += len(steps[-1])
        else:
            others.append(entry)
            after.append(rows_before)
    started = replace(_started(recording), run_dir=printable(str(logdir)))
    found, lost = tuple(marks(recording.entries)), recording.damage
    health = Health(lost.records, lost.skipped_records, lost.gaps, bool(lost.truncated_files), recording.left_out)
    pictures = [] if recording.media is None else [tag for tag, places in recording.media.pictures.items() if places]
    rows = np.array(after, dtype=np.int64)
    return Timeline(started, joined(steps), others, rows, found, health, foreign=recording.foreign, pictures=pictures)


def marks(entries: Iterable[Entry]) -> list[Mark]:
    """Return the event marks of a run by step."""
    found = (mark for entry in entries if (mark := _mark(entry)) is not None)
    return sorted(found, key=lambda mark: mark.step)


def _mark(entry: Entry) -> Mark | None:
    match entry:
        case Note(kind=kind, text=text) if kind not in _UNMARKED:
            return Mark(entry.step, entry.images, kind, printable(text))
        case Diverged():
            return Mark(entry.step, entry.images, "divergence", printable(sentence(entry)))
        case Rewound():
            return Mark(entry.step, entry.images, "rewind", sentence(entry))
        case Paused():
            return Mark(entry.step, entry.images, "pause", "paused")
    return None


def _started(recording: Recording) -> RunStarted:
    started = recording.entries[0]
    assert isinstance(started, RunStarted)
    safe = sanitized(started)
    assert isinstance(safe, RunStarted)
    return safe


def _shown(recording: Recording, complete: bool) -> Iterator[Entry]:
    """Yield the entries after the start: recorded pauses are dropped, resumed runs become notes."""
    first, account = recording.entries[0], recording.left_out
    # A note that changes would have the whole run emitted again
    if account and (complete or recording.damage):
        kind: NoteKind = "warning" if recording.damage else "info"
        text = printable(f"left out: {' '.join(account.sentences())}")
        yield Note(**first.at.fields(), text=text, kind=kind)
    for entry in recording.entries[1:]:
        if isinstance(entry, RunStarted):
            text = f"resumed from step {entry.step:,}"
            yield Note(**entry.at.fields(), text=text)
        elif not isinstance(entry, _DROPPED):
            yield entry if isinstance(entry, DeferredEvent | StepTable) else sanitized(entry)
    last = recording.entries[-1]
    if complete or isinstance(last, Stopped):
        yield _end(last)


def _end(last: Entry) -> Note:
    """Make a note on the end of the recorded run. The replay does not end with it, as the user can still seek."""
    text = "end of the recording"
    if isinstance(last, Stopped):
        text += f": {sentence(last)}" + (f". {printable(last.error)}" if last.error else "")
    return Note(**last.at.fields(), text=text, kind="end")
