"""The conversion of what a door sends to events: the past of the run, then its tail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from jem_tui.events.event import At
from jem_tui.events.run import Event, Loading, Note, Paused, Resumed, RunStarted, SpeedChanged
from jem_tui.events.viewing import Connection
from jem_tui.printable import printable
from jem_tui.stream.attach.frames import HISTORY, JSON, RECORDS, UNRECORDED, Frame, FrameParser, ProtocolError
from jem_tui.stream.attach.live_limits import LiveLimits
from jem_tui.stream.attach.messages import Hello, Pong, Progress, Refused, parse_message
from jem_tui.stream.attach.questions import ABILITIES, SINCE, Answer
from jem_tui.stream.attach.record_decoder import RecordDecoder
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.log_data.limits import MOST_CURVES, MOST_NOTES

ReadHistory = Callable[[bytes, RunStarted], Iterable[Event]]
"""A function that returns the events in a history frame, from the given start on. It raises ProtocolError."""


def no_history(payload: bytes, started: RunStarted) -> Iterable[Event]:
    """Refuse a history frame, which no door sends to a viewer that reads the log itself. Raises ProtocolError."""
    raise ProtocolError("The run has sent a history that this viewer cannot read.")


class DoorReader:
    """A reader of the frames of one connection after another, which yields each event of the run exactly once."""

    def __init__(
        self,
        log: RunLog | None,
        read_history: ReadHistory = no_history,
        take_answer: Callable[[Answer], None] = lambda answer: None,
    ) -> None:
        """Take the past from `log`, or from a history frame where the log is on another machine; pass answers to `take_answer`."""
        self._log = log
        self._take_answer = take_answer
        self._read_history = read_history
        self.at = At(0, 0, 0.0)
        """The moment of the newest event."""
        self.run_id = ""
        """The session of the run that was joined last; "" before the first one."""
        self.run_dir = ""
        """The folder of that run on its machine, as the run states it."""
        self._paused = False
        self._sentences: set[str] = set()
        """Sentences that were already emitted as notes."""
        self.begin_connection()

    def begin_connection(self) -> None:
        """Expect the first bytes of a new connection."""
        self.hello: Hello | None = None
        """The newest greeting of the door; None until it has arrived."""
        self.refusal = ""
        """The last sentence with which the door has refused something."""
        self._started: RunStarted | None = None
        self._waits_for_history = False
        self._parser = FrameParser()
        self._limits = LiveLimits()
        self._records = RecordDecoder()

    def events(self, data: bytes) -> Iterator[Event]:
        """Yield the events of received bytes. Raises ProtocolError for bytes that no door sends."""
        for frame in self._parser.feed(data):
            for event in self._of_frame(frame):
                yield from self._within_limits(event)

    def _within_limits(self, event: Event) -> Iterator[Event]:
        """Yield an event without what exceeds the limits of a log, and a note on the first such event."""
        self.at = event.at
        if isinstance(event, Paused | Resumed):
            self._paused = isinstance(event, Paused)
        if isinstance(event, RunStarted):
            self._limits = LiveLimits()
        kept = self._limits.kept(event)
        if kept is not None:
            yield kept
        if kept is not event:
            yield from self._once(
                f"The run emits more than {MOST_CURVES:,} metrics or {MOST_NOTES:,} notes. The others are left out."
            )

    def _of_frame(self, frame: Frame) -> Iterator[Event]:
        match frame.kind:
            case _ if frame.kind == JSON:
                yield from self._of_message(frame.payload)
            case _ if self._started is None:
                raise ProtocolError(
                    "The other side does not speak the protocol of jem-tui: records before the greeting."
                )
            case _ if frame.kind == HISTORY:
                self._waits_for_history = False
                yield from self._from_start(self._read_history(frame.payload, self._started))
            case _ if frame.kind in (RECORDS, UNRECORDED):
                if self._waits_for_history:
                    raise ProtocolError("The run cannot be read: it has sent new records before its past.")
                yield from self._of_records(frame.payload)
            case _:
                yield from self._once(
                    "The run sends data that this version of jem-tui cannot read and leaves out. A newer version may display it."
                )

    def _of_message(self, payload: bytes) -> Iterator[Event]:
        match parse_message(payload):
            case Hello() as hello:
                yield from self._join(hello)
            case Progress(sampling=sampling):
                if self._started is not None:
                    yield sampling
            case Refused(text=text):
                self.refusal = text
                yield self._refused(text)
            case Answer() as answer:
                self._take_answer(answer)
            case Pong():
                pass
            case _:
                yield from self._once(
                    "The run sends messages that this version of jem-tui cannot read and leaves out. A newer version may display them."
                )

    def _refused(self, text: str) -> Event:
        """Return a refusal as the reason for a lost connection if a run that was joined before has not greeted again, else as a note."""
        if self.hello is None and self.run_id:
            return Connection(**self.at.fields(), connected=False, text=text)
        return Note(**self.at.fields(), text=text, kind="warning")

    def _join(self, hello: Hello) -> Iterator[Event]:
        """Yield the past of the run, or wait for its history."""
        first, started = self.hello is None, started_of(hello)
        self.hello, self._started = hello, started
        if first:
            text = "" if not self.run_id else "The run is connected again."
            if self.run_id not in ("", hello.run_id):
                text = "The run was resumed in a new session, which is connected."
            self.run_id, self.run_dir = hello.run_id, hello.run_dir
            yield Connection(**started.at.fields(), connected=True, text=text)
            yield Loading(**started.at.fields(), text="reading the log of the run")
        if self._log is None:
            self._waits_for_history = True
        else:
            yield from self._from_start(self._log.past(started, hello.position, paused=hello.paused))

    def _from_start(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield events that begin with a start, and end a pause that an earlier connection has left."""
        for event in events:
            yield event
            if isinstance(event, RunStarted) and self._paused:
                yield Resumed(**event.at.fields())

    def _of_records(self, payload: bytes) -> Iterator[Event]:
        """Yield recorded or requested events. A start that is recorded again in a new file changes nothing, and no run changes its speed."""
        records = self._records
        for event in records.events(payload):
            if not isinstance(event, RunStarted | SpeedChanged):
                yield event
        if records.unknown:
            yield from self._once(
                f"The run emits {printable(records.unknown)} events, which this version of jem-tui cannot read and leaves out. A newer version may display them."
            )
        if records.senseless:
            yield from self._once("Some events of the run cannot be decoded and are left out.")

    def _once(self, text: str) -> Iterator[Note]:
        """Yield a note unless it was emitted before."""
        if text not in self._sentences:
            self._sentences.add(text)
            yield Note(**self.at.fields(), text=text, kind="warning")


def started_of(hello: Hello) -> RunStarted:
    """Return the start of the session that a greeting names, without abilities that a run of its version has for itself alone.

    Raises ProtocolError if there is none.
    """
    found = next(iter(RecordDecoder().events(hello.started)), None)
    if not isinstance(found, RunStarted):
        raise ProtocolError("The other side does not speak the protocol of jem-tui: a greeting without a run.")
    return found if hello.protocol >= SINCE else replace(found, abilities=found.abilities - ABILITIES)
