"""Every record exactly once: log position, greeting and tail of each viewer are the log, although writes fail at random."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tensorboard.compat.proto import event_pb2

from jem_tui.stream.attach.door import Door
from jem_tui.stream.attach.frames import RECORDS, FrameParser
from jem_tui.stream.attach.run_feed import RunFeed
from jem_tui.stream.attach.viewer_link import pack_records
from jem_tui.stream.reader.log_reader import writing_order
from jem_tui.stream.tfevents.records import EventFileWriter
from tests.examples import examples
from tests.stream.attach.plain_viewer import payloads
from tests.stream.outages import Disk


class Follower:
    """A viewer that has the log up to a position and the records since."""

    def __init__(self, run_dir: Path, feed: RunFeed) -> None:
        hello, waiting = feed.hello(again=False)
        self.steps: list[int] = []
        for name, size in hello.position:
            self.steps += steps_in((run_dir / name).read_bytes()[:size])
        self.receive(pack_records(waiting))

    def receive(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            for frame in FrameParser().feed(chunk):
                assert frame.kind == RECORDS
                self.steps += steps_in(frame.payload)


def steps_in(records: bytes) -> list[int]:
    """Return the steps of undamaged and complete records."""
    return [event_pb2.Event.FromString(payload).step for payload in payloads(records)]


class WrittenLog(RuleBasedStateMachine):
    """A log on a disk with little room, of which viewers begin to receive the tail at any moment."""

    @initialize(earlier=st.booleans())
    def begin(self, earlier: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.run_dir = Path(self.folder.name)
        self.step = 0
        self.appended: list[int] = []
        if earlier:
            self._write_earlier_session()
        self.door = Door(self.run_dir, lambda command: None)
        self.feed = RunFeed(self.run_dir, "run", lambda: None)
        self.writer = EventFileWriter(self.run_dir, now=lambda: 2.0, tap=self.door)
        self.viewers: list[Follower] = []
        self.deliver()

    def _write_earlier_session(self) -> None:
        writer = EventFileWriter(self.run_dir, now=lambda: 1.0)
        self._append_to(writer)
        writer.close()

    def _append_to(self, writer: EventFileWriter, size: int = 0) -> None:
        self.step += 1
        self.appended.append(self.step)
        writer.append(event_pb2.Event(step=self.step, graph_def=b"x" * size))

    @rule(count=st.integers(1, 5), size=st.integers(0, 300))
    def append(self, count: int, size: int) -> None:
        for _ in range(count):
            self._append_to(self.writer, size)

    @rule(room=st.integers(0, 900), number=st.sampled_from([errno.ENOSPC, errno.EIO]))
    def flush(self, room: int, number: int) -> None:
        disk = Disk(self.writer, room, number)
        real, self.writer._file = self.writer._file, disk  # type: ignore[assignment]
        with suppress(OSError):
            self.writer.flush()
        self.writer._file = real

    @rule()
    def begin_new_file(self) -> None:
        self.writer.begin_new_file()

    @rule()
    def deliver(self) -> None:
        chunks = [chunk for chunk, _ in self.feed.collect(self.door._arrivals, has_viewers=True)]
        for viewer in self.viewers:
            viewer.receive(chunks)

    @rule()
    def join(self) -> None:
        self.deliver()
        self.viewers.append(Follower(self.run_dir, self.feed))

    @invariant()
    def viewers_have_a_prefix_of_what_was_appended(self) -> None:
        for viewer in self.viewers:
            assert viewer.steps == self.appended[: len(viewer.steps)]

    def teardown(self) -> None:
        if not hasattr(self, "writer"):
            return
        self.join()
        self.writer.close()
        self.deliver()
        self.join()
        paths = sorted(self.run_dir.glob("*tfevents*"), key=writing_order)
        hello, _ = self.feed.hello(again=False)
        assert [name for name, _ in hello.position] == [path.name for path in paths]
        for viewer in self.viewers:
            assert viewer.steps == self.appended
        self.folder.cleanup()


TestWrittenLog = WrittenLog.TestCase
TestWrittenLog.settings = settings(max_examples=examples(30), stateful_step_count=20, deadline=None)
