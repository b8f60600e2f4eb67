"""The replayer: a recorded run as a source of events, at the recorded pace."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jem_tui.events import (
    Command,
    Event,
    Note,
    Paused,
    Reseed,
    Resumed,
    RunStarted,
    SaveNow,
    Seek,
    Speed,
    SpeedChanged,
    Stopped,
    Wait,
)
from jem_tui.stream.items import Item, reach, resolve, without_superseded
from jem_tui.stream.reader import Recording, read_recording
from jem_tui.stream.sentences import sentence

MAX_GAP = 2.0
"""Recorded seconds between two events that are waited for at most: pauses and interruptions are cut short."""

_SHORTEST_WAIT = 0.005
_MAX_DELAY = 0.25
"""Seconds that a replay may fall behind and catch up; after more (a pause) it goes on from where it is."""


def read_events(logdir: Path) -> Iterator[Event]:
    """What was recorded in a folder or an event file, in order; raises InputError as `read_recording`."""
    return resolve(read_recording(logdir).items)


class Replayer:
    """A source that plays a recording; built and pulled by one thread."""

    def __init__(self, logdir: Path, speed: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        """Read the recording (seconds for a long one); raises InputError."""
        recording = read_recording(logdir)
        self._items = list(_shown(recording))
        self._steps = [item.step for item in self._items]
        self._started = _replay_start(recording, logdir, self._steps)
        self._speed = speed
        self._now = now
        self._position = 0
        """Items that have been told."""

    def events(self) -> Generator[Event | Wait, None, None]:
        """Everything from the start, then waiting for ever: a replay at its end can still be asked to seek."""
        yield from self._beginning()
        due = self._now()
        while True:
            position = self._position
            if position == len(self._items):
                yield Wait(math.inf)
                due = self._now()
                continue
            due = max(due, self._now() - _MAX_DELAY) + self._gap(position) / self._speed
            if due - self._now() > _SHORTEST_WAIT:
                yield Wait(due - self._now())
                due = min(due, self._now())  # a command ended the wait early
            if position == self._position:  # it was not a jump
                self._position += 1
                yield from resolve([self._items[position]])

    def apply(self, command: Command) -> Iterable[Event]:
        """Speed and Seek are obeyed; what would change the run is answered with a note."""
        match command:
            case Speed(factor=factor) if factor > 0:
                self._speed = factor
                return [self._speed_changed()]
            case Seek(step=step):
                return self._jump(step)
            case Reseed() | SaveNow():
                deed = "reseed its chains" if isinstance(command, Reseed) else "save a checkpoint"
                return [Note(**self._where(), text=f"A recording cannot {deed}.", kind="warning")]
        return []

    def _beginning(self) -> Iterator[Event]:
        yield self._started
        if self._speed != 1.0:
            yield self._speed_changed()

    def _jump(self, step: int) -> Iterator[Event]:
        """The start again and everything up to the end of `step`, as one burst."""
        target = min(max(step, self._steps[0]), self._steps[-1]) if self._steps else 0
        self._position = reach(self._items, target)
        yield from self._beginning()
        yield from resolve(without_superseded(self._items[: self._position]))

    def _gap(self, position: int) -> float:
        """Recorded seconds between the event at `position` and the one before."""
        before = self._items[position - 1].time if position else self._started.time
        return min(max(self._items[position].time - before, 0.0), MAX_GAP)

    def _speed_changed(self) -> SpeedChanged:
        return SpeedChanged(**self._where(), speed=self._speed)

    def _where(self) -> dict[str, Any]:
        last = self._items[self._position - 1] if self._position else self._started
        return {"step": last.step, "images": last.images, "time": last.time}


def _replay_start(recording: Recording, logdir: Path, steps: list[int]) -> RunStarted:
    started = recording.items[0]
    assert isinstance(started, RunStarted)
    return replace(
        started,
        run_dir=str(logdir),
        total_steps=max(steps, default=started.step),
        activity="replaying",
        abilities=frozenset({"seek", "speed"}),
    )


def _shown(recording: Recording) -> Iterator[Item]:
    """What follows the start: without recorded pauses, which are not this replay's, and with resumptions as notes."""
    damage = recording.damage.skipped_records + recording.damage.abandoned_files
    if damage:
        first = recording.items[0]
        text = f"The recording is damaged in {damage} place{'s' if damage > 1 else ''}; what could be read is shown."
        yield Note(step=first.step, images=first.images, time=first.time, text=text, kind="warning")
    for item in recording.items[1:]:
        if isinstance(item, RunStarted):
            text = f"resumed from step {item.step:,}"
            yield Note(step=item.step, images=item.images, time=item.time, text=text)
        elif not isinstance(item, Stopped | Paused | Resumed | SpeedChanged):
            yield item
    yield _end(recording.items[-1])


def _end(last: Item) -> Note:
    """How the recorded run ended, as far as it says; the replay itself goes on, as it can still be asked to seek."""
    text = "end of the recording"
    if isinstance(last, Stopped):
        text += f": {sentence(last)}" + (f". {last.error}" if last.error else "")
    return Note(step=last.step, images=last.images, time=last.time, text=text, kind="end")
