"""Records of a live run as events, decoded many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from google.protobuf.message import DecodeError

from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Event, StepDone
from jem_tui.events.sanitize import sanitized
from jem_tui.stream.attach.frames import ProtocolError
from jem_tui.stream.log_data.limits import parse_message
from jem_tui.stream.log_data.step_table import StepTable, joined
from jem_tui.stream.reader.event_collector import in_order
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.block_reader import BlockReader
from jem_tui.stream.tfevents.records import Damage, Record

ONE_BY_ONE = 1000
"""Maximum number of consecutive steps that become one event each; more become one `StepBatch`."""


class RecordDecoder:
    """A decoder of the records that a run sends, which keeps their layouts from frame to frame."""

    def __init__(self) -> None:
        self._reader = BlockReader()
        self.unknown = ""
        """The kind of the last event that this version does not know; "" without one."""
        self.senseless = 0
        """Number of known events that could not be decoded."""

    def events(self, data: bytes) -> Iterator[Event]:
        """Yield the events in whole records, without records of other kinds. Raises ProtocolError for damaged records."""
        chunk = self._reader.split(data, Damage())
        if chunk.end != len(data):
            raise ProtocolError("The run has sent damaged records.", "The log is read again.")
        for kind, found in groupby(in_order(chunk), key=type):
            if kind is StepTable:
                yield from _steps([each for each in found if isinstance(each, StepTable)])
            else:
                decoded = (self._decoded(each.payload) for each in found if isinstance(each, Record))
                yield from (event for event in decoded if event is not None)

    def _decoded(self, payload: bytes) -> Event | None:
        """Return the event of a record, None where it holds none; unknown and senseless events are counted."""
        try:
            message = parse_message(payload)
            content = codec.body(message)
            if content is None:
                return None
            if content["event"] not in codec.RECORDED:
                self.unknown = str(content["event"])[:40]
                return None
            # The tags of steps are displayed without further checks
            return sanitized(codec.decode(message, content))
        except (DecodeError, *codec.DECODE_ERRORS):
            self.senseless += 1
            return None


def _steps(tables: Sequence[StepTable]) -> Iterator[StepDone | StepBatch]:
    """Yield consecutive steps, as one event if there are many."""
    steps = joined(tables)
    yield from steps.events() if len(steps) <= ONE_BY_ONE else steps.batch(0, len(steps))
