"""The past of a run as events, from its log up to a position."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jem_tui.errors import JemError
from jem_tui.events.run import Event, Note, Paused, Resumed, RunStarted, SpeedChanged, Stopped
from jem_tui.events.sanitize import sanitized
from jem_tui.printable import printable
from jem_tui.stream.attach.messages import LogPosition
from jem_tui.stream.log_data.entries import DeferredEvent, Entry
from jem_tui.stream.log_data.step_table import StepTable
from jem_tui.stream.reader.log_reader import FileExtent, LogReader, Recording
from jem_tui.stream.replay.build_timeline import timeline_of_entries

_FAILURES = (JemError, OSError, MemoryError)


class RunLog:
    """The log of a run, of which each call reads only what was added since the last one."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._reader = LogReader(run_dir)

    def past(self, started: RunStarted, position: LogPosition, *, paused: bool) -> Iterator[Event]:
        """Yield `started` and everything up to a position, where the run is `paused` or not, as few events.

        What a rollback or a later session has made void is left out as in a replay. A log that cannot be read gives a note.
        """
        extents = [FileExtent(self._run_dir / name, size) for name, size in position]
        yield started
        held = False
        try:
            # All of the past before the first event, so that a screen draws it once
            for event in list(past_events(self._reader.read(extents), self._run_dir)):
                held = isinstance(event, Paused) if isinstance(event, Paused | Resumed) else held
                yield event
        except _FAILURES as error:
            yield _unreadable(started, error)
        if held != paused:
            yield (Paused if paused else Resumed)(**started.at.fields())

    def is_complete(self) -> bool:
        """Return whether the log ends with a `Stopped`. Raises InputError where the log cannot be read."""
        return isinstance(self._reader.read().entries[-1], Stopped)

    def whole(self) -> Iterator[Event]:
        """Yield everything up to the current end, from the start of the last session to its `Stopped` if that is recorded.

        Raises JemError where the log cannot be read.
        """
        recording = self._reader.read()
        yield newest_start(recording)
        yield from past_events(recording, self._run_dir)
        last = recording.entries[-1]
        if isinstance(last, Stopped):
            yield last


def past_events(recording: Recording, run_dir: Path) -> Iterator[Event]:
    """Yield the events of a run after its start, with its pauses, as few events.

    Raises JemError if a file is removed meanwhile.
    """
    timeline = timeline_of_entries(recording, run_dir, _displayed(recording))
    paused = False
    for event in timeline.emit(0, len(timeline)):
        match event:
            case Paused() | Resumed():
                if paused != isinstance(event, Paused):
                    paused = not paused
                    yield event
            case RunStarted():
                if paused:
                    paused = False
                    yield Resumed(**event.at.fields())
                yield Note(**event.at.fields(), text=f"resumed from step {event.step:,}")
            case _:
                yield event


def newest_start(recording: Recording) -> RunStarted:
    """Return the start of the last session of a recording."""
    start = next(entry for entry in reversed(recording.entries) if isinstance(entry, RunStarted))
    safe = sanitized(start)
    assert isinstance(safe, RunStarted)
    return safe


def _displayed(recording: Recording) -> Iterator[Entry]:
    """Yield the entries after the start, and a note on damage before them."""
    if recording.damage:
        text = printable(f"left out: {' '.join(recording.left_out.among('damaged', 'lost').sentences())}")
        yield Note(**recording.entries[0].at.fields(), text=text, kind="warning")
    for entry in recording.entries[1:]:
        if not isinstance(entry, Stopped | SpeedChanged):
            yield entry if isinstance(entry, DeferredEvent | StepTable) else sanitized(entry)


def _unreadable(started: RunStarted, error: BaseException) -> Note:
    reason = str(error) or "not enough memory"
    text = printable(f"The past of the run cannot be displayed: {reason} New steps follow.")
    return Note(**started.at.fields(), text=text, kind="warning")
