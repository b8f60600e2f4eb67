"""Every viewer displays the log, each event exactly once, after anything that can happen to it, to the run and to the disk."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from jem_tui.stream.reader.read_points import read_points
from tests.examples import examples
from tests.stream.attach.attached_world import Watcher, World
from tests.stream.attach.displayed import curves_of, displayed
from tests.stream.attach.random_runs import ACTIONS
from tests.stream.stream_events import timeline_of

number = st.integers(0, 9)


class AttachedRun(RuleBasedStateMachine):
    """A run with viewers, to which anything may happen in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.world = World(Path(self.folder) / "run")
        self.world.join()

    def watcher(self, which: int) -> Watcher:
        return self.world.watchers[which % len(self.world.watchers)]

    @rule(kind=st.sampled_from([kind for kind in ACTIONS if kind != "resume run"]), many=number)
    def train(self, kind: str, many: int) -> None:
        self.world.act((kind, many))

    @rule()
    def request_samples(self) -> None:
        self.world.request_samples()

    @rule()
    def wait_for_a_flush(self) -> None:
        self.world.advance_clock(2.0)

    @rule()
    def deliver(self) -> None:
        self.world.deliver()

    @rule(which=number, chunks=st.integers(1, 3), size=st.integers(1, 3000))
    def receive(self, which: int, chunks: int, size: int) -> None:
        watcher = self.watcher(which)
        if watcher.link is not None:
            watcher.receive(chunks, size)

    @rule(many=number)
    def overflow_the_outboxes(self, many: int) -> None:
        for _ in range(5):
            self.world.act(("steps", 9))
            self.world.deliver()

    @rule(which=number)
    def lose_the_connection(self, which: int) -> None:
        self.watcher(which).link = None

    @rule(which=number)
    def connect_again(self, which: int) -> None:
        watcher = self.watcher(which)
        if watcher.link is None:
            self.world.join(watcher)

    @rule(which=number, kind=st.sampled_from(["pause", "steps", "samples"]), many=number)
    def join_while_an_event_is_recorded(self, which: int, kind: str, many: int) -> None:
        self.world.join_while_recording(self.watcher(which), (kind, many))

    @rule()
    def join(self) -> None:
        if len(self.world.watchers) < 4:
            self.world.join()

    @rule(which=number)
    def kill_a_viewer(self, which: int) -> None:
        self.world.watchers.remove(self.watcher(which))
        self.world.join()

    @rule()
    def begin_a_new_file(self) -> None:
        self.world.rotate()

    @rule(room=st.integers(0, 600), reason=st.sampled_from([errno.ENOSPC, errno.EIO]))
    def fill_the_disk(self, room: int, reason: int) -> None:
        self.world.limit_disk(room, reason)

    @rule()
    def free_the_disk(self) -> None:
        self.world.free_disk()

    @rule(back=number, torn=st.none() | st.binary(max_size=30))
    def resume_in_a_new_session(self, back: int, torn: bytes | None) -> None:
        self.world.restart(back, torn)

    @rule()
    def compare(self) -> None:
        """Compare all viewers with a new one, with the log alone, and with what is exported."""
        self.world.settle()
        expected = displayed(self.world.logged_state())
        assert displayed(self.world.fresh_state()) == expected
        for watcher in self.world.watchers:
            found = displayed(watcher.state)
            if watcher.requested:
                found |= {name: expected[name] for name in ("samples", "chains", "place")}
            assert found == expected
        points = timeline_of(self.world.run_dir).points()
        curves = expected["curves"]
        assert {tag: curves.get(tag) for tag in points if len(points[tag])} == curves_of(points)
        exported = {tag: each.value.tolist() for tag, each in read_points(self.world.run_dir).points.items()}
        assert exported == {tag: np.array(rows[3], np.float32).tolist() for tag, rows in curves.items()}

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)


def test_every_viewer_displays_the_log_exactly_once():
    run_state_machine_as_test(AttachedRun, settings=settings(max_examples=examples(15), stateful_step_count=30))


@pytest.mark.exhaustive
def test_every_viewer_displays_the_log_exactly_once_in_many_runs():
    run_state_machine_as_test(AttachedRun, settings=settings(max_examples=5000, stateful_step_count=60))
