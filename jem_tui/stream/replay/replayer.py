"""A source that replays recorded runs at the recorded pace."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Timer

import numpy as np

from jem_tui.events.commands import Command, InspectChain, Reseed, SaveNow, Seek, ShowPictures, Speed
from jem_tui.events.recording import ComparedRunEvent
from jem_tui.events.run import Event, Note, SpeedChanged, Wait
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.player import RecordingPlayer, open_players
from jem_tui.stream.replay.timeline import MAX_GAP

_FRAME = 1 / 30
"""Seconds between two emissions; entries that fall due in between are emitted together."""
_AFTER_FIRST_FRAME = 3.0
"""Seconds after which the log caches are written."""
_TOLERANCE = 0.001
"""Seconds by which a wait may be too short."""
_MAX_DELAY = 0.25
"""Seconds that a replay may fall behind and catch up; after a longer delay (a pause) it continues at its current position."""


def read_events(logdir: Path) -> Iterator[Event]:
    """Yield the events of a folder or an event file in order. Raises InputError as `read_recording`."""
    return resolve(read_recording(logdir).entries)


class Replayer:
    """A source that replays one recording, with compared runs that follow its steps. One thread builds and iterates it."""

    def __init__(
        self,
        logdirs: Path | Sequence[Path],
        speed: float = 1.0,
        now: Callable[[], float] = time.monotonic,
        patience: float = math.inf,
    ) -> None:
        """Read the recordings, which takes seconds for long ones. Raises InputError as `open_players`.

        The run with most steps leads. `patience` is the number of seconds between two checks for new events at the end;
        infinity: the recordings are complete.
        """
        paths = [logdirs] if isinstance(logdirs, Path) else logdirs
        complete = math.isinf(patience)
        players, self._unread = open_players(paths, complete=complete)
        self._lead = max(players, key=lambda player: player.timeline.last_step)
        self._others = [player for player in players if player is not self._lead]
        self._speed = speed
        self._longest_gap = MAX_GAP
        self._now = now
        self._patience = patience
        self._emitted_at = 0.0
        """The time at which the last emitted entry was due."""
        self._interrupted = False
        """True if a command came since the last wait began."""

    def events(self) -> Generator[Event | Wait, None, None]:
        """Yield everything from the start, or the current state of a run that grows; at the end, wait without limit."""
        if math.isfinite(self._patience):
            yield from self._jump(self._lead.timeline.last_step)
            yield self._speed_changed()
        else:
            yield from self._begin()
        yield from (Note(**self._lead.at.fields(), text=sentence, kind="warning") for sentence in self._unread)
        self._save_caches()
        while True:
            yield from self._await_more() if self._lead.at_end else self._play()

    def apply(self, command: Command) -> Iterable[Event]:
        """Apply Speed, Seek, ShowPictures and InspectChain; answer commands that would change the run with a note."""
        self._interrupted = True
        match command:
            case Speed(factor=factor, as_recorded=as_recorded) if factor > 0:
                self._speed = factor
                self._longest_gap = math.inf if as_recorded else MAX_GAP
                return [self._speed_changed()]
            case Seek(step=step):
                return self._jump(step)
            case ShowPictures(tag=tag):
                return self._show_pictures(tag)
            case InspectChain(chain=chain, answer=answer):
                film = self._lead.film(chain)
                if film is not None:
                    answer(film)
            case Reseed() | SaveNow():
                action = "restart its chains" if isinstance(command, Reseed) else "save a checkpoint"
                return [Note(**self._lead.at.fields(), text=f"A recording cannot {action}.", kind="warning")]
        return []

    def _show_pictures(self, tag: str) -> Iterator[Event]:
        """Emit every run that has images of this tag again, up to its position."""
        yield from self._lead.show_pictures(tag)
        for player in self._others:
            yield from self._as_compared(player, player.show_pictures(tag))

    def _save_caches(self) -> None:
        """Write the log caches in other threads, after the first frame has been drawn."""
        for player in (self._lead, *self._others):
            timer = Timer(_AFTER_FIRST_FRAME, player.save_cache)
            timer.daemon = True
            timer.start()

    def _begin(self) -> Iterator[Event]:
        yield self._lead.start
        yield self._lead.info
        if self._speed != 1.0:
            yield self._speed_changed()
        for player in self._others:
            yield from self._as_compared(player, [player.start, player.info])

    def _jump(self, step: int) -> Iterator[Event]:
        """Emit every run from its start up to the end of `step`, as one burst."""
        yield from self._lead.jump(step)
        self._emitted_at = self._now()
        for player in self._others:
            yield from self._as_compared(player, player.jump(step))

    def _play(self) -> Iterator[Event | Wait]:
        """Wait until an entry is due, and emit it together with all entries that have fallen due meanwhile.

        Where the wait was skipped (a single step) or took far longer (a pause), emit one entry.
        """
        lead, asked_at = self._lead, self._now()
        position, clock = lead.position, lead.timeline.clock(self._longest_gap)
        played = float(clock[position - 1]) if position else 0.0
        gap = (float(clock[position]) - played) / self._speed
        if self._emitted_at + gap < asked_at - _MAX_DELAY:
            self._emitted_at = asked_at - gap
        delay = max(self._emitted_at + gap - asked_at, _FRAME)
        self._interrupted = False
        yield Wait(delay)
        if self._interrupted:
            return
        now = self._now()
        if not delay - _TOLERANCE <= now - asked_at <= delay + _MAX_DELAY:
            self._emitted_at = now
            yield from self._advance(position + 1)
            return
        until = played + (now - self._emitted_at) * self._speed
        reached = max(position + 1, int(np.searchsorted(clock, until, side="right")))
        self._emitted_at += (float(clock[reached - 1]) - played) / self._speed
        yield from self._advance(reached)

    def _await_more(self) -> Iterator[Event | Wait]:
        """Wait for a command at the end, and emit at once what a growing run has written."""
        yield Wait(self._patience)
        self._emitted_at = self._now()
        if math.isinf(self._patience):
            return
        for player in self._others:
            yield from self._as_compared(player, player.grow())
        if self._lead.at_end:
            yield from self._lead.grow()
            yield from self._advance(len(self._lead.timeline))

    def _advance(self, position: int) -> Iterator[Event]:
        yield from self._lead.advance(position)
        for player in self._others:
            yield from self._as_compared(player, player.sync_to(self._lead.step))

    def _as_compared(self, player: RecordingPlayer, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            yield ComparedRunEvent(**self._lead.at.fields(), run=player.name, event=event)

    def _speed_changed(self) -> SpeedChanged:
        return SpeedChanged(**self._lead.at.fields(), speed=self._speed, as_recorded=math.isinf(self._longest_gap))
