"""Mirrored calls as a state machine: the source of rank 0 and that of another rank, with a queue between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from queue import SimpleQueue

import pytest

from jem_tui.errors import DivergenceError, JemError
from jem_tui.events.commands import Adjust, Command, InspectChain, Pause, SampleNow, SaveNow, ScoreDrawing, Stop
from jem_tui.events.drawing import DrawingRequest
from jem_tui.events.run import Event, Note, Sampling, Stopped
from jem_tui.jem.ranks.calls import Call
from jem_tui.jem.ranks.mirrored_source import MirroredSource, follow
from jem_tui.stream.drive import drive
from tests.stream.stream_events import step_done


class QueuedCalls:
    """Calls through a queue of this process."""

    def __init__(self) -> None:
        self.sent: deque[Call] = deque()

    def send(self, call: Call) -> None:
        self.sent.append(call)

    def receive(self) -> Call:
        return self.sent.popleft()


class CountingSource:
    """Emits `steps` steps, each after `progress` events that only this rank emits, and keeps a record of its calls."""

    def __init__(self, steps: int = 3, progress: int = 0, fails: bool = False, odd: bool = False) -> None:
        self.calls: list[object] = []
        self._steps, self._progress, self._fails, self._odd = steps, progress, fails, odd

    def events(self) -> Generator[Event, None, None]:
        try:
            for step in range(1, self._steps + 1):
                yield from (Sampling(step=step, images=0, time=0.0, k=1, of=2) for _ in range(self._progress))
                self.calls.append(step)
                if self._fails and step == self._steps:
                    raise DivergenceError("diverged")
                yield step_done(step + self._odd)
        finally:
            self.calls.append("closed")

    def apply(self, command: Command) -> Iterator[Event]:
        self.calls.append(command)
        yield Note(step=0, images=0, time=0.0, text="applied")


def driven(lead: MirroredSource, *commands: Command) -> Stopped:
    """Drive rank 0 to its end; the commands arrive after the first step."""
    queue: SimpleQueue[Command] = SimpleQueue()

    def sink(event: Event) -> None:
        if event == step_done(1):
            for command in commands:
                queue.put(command)

    return drive(lambda report: lead, sink, queue)


@pytest.mark.parametrize("progress", [0, 3])
def test_the_other_ranks_repeat_every_call(progress: int):
    calls, first, other = QueuedCalls(), CountingSource(progress=progress), CountingSource()
    assert (
        driven(MirroredSource(first, calls), Adjust(name="sgld.steps", increments=2), SampleNow()).reason == "finished"
    )
    follow(other, calls)
    assert first.calls == other.calls
    assert first.calls == [1, Adjust(name="sgld.steps", increments=2), SampleNow(), 2, 3, "closed"]
    assert not calls.sent


def test_a_stop_closes_all_sources_after_the_same_step():
    calls, first, other = QueuedCalls(), CountingSource(), CountingSource(progress=2)
    assert driven(MirroredSource(first, calls), Stop(save=False)).reason == "stopped"
    follow(other, calls)
    assert first.calls == other.calls == [1, "closed"]
    assert not calls.sent


def test_a_source_that_fails_on_all_ranks_needs_no_further_call():
    calls, first, other = QueuedCalls(), CountingSource(fails=True), CountingSource(fails=True)
    assert driven(MirroredSource(first, calls)).reason == "diverged"
    with pytest.raises(DivergenceError):
        follow(other, calls)
    assert first.calls == other.calls
    assert not calls.sent


def test_a_sink_that_fails_closes_all_sources():
    calls, first, other = QueuedCalls(), CountingSource(), CountingSource()

    def fail(event: Event) -> None:
        raise JemError("no space")

    assert drive(lambda report: MirroredSource(first, calls), fail, SimpleQueue()).reason == "failed"
    follow(other, calls)
    assert first.calls == other.calls == [1, "closed"]


def test_a_rank_that_emits_other_events_is_noticed_at_the_next_call():
    calls, first, other = QueuedCalls(), CountingSource(), CountingSource(odd=True)
    driven(MirroredSource(first, calls))
    with pytest.raises(JemError, match="a different event than rank 0"):
        follow(other, calls)
    assert other.calls == [1, "closed"]


def test_a_pause_makes_no_call():
    calls, first = QueuedCalls(), CountingSource()
    driven(MirroredSource(first, calls), Pause(), Stop(save=True))
    assert [call.kind for call in calls.sent] == ["pull", "close"]
    assert SaveNow() not in first.calls


def test_a_question_is_answered_by_rank_0_without_a_call():
    calls, source = QueuedCalls(), CountingSource()
    questions = [
        InspectChain(chain=0, answer=lambda answer: None),
        ScoreDrawing(request=DrawingRequest(number=1), answer=lambda answer: None),
    ]
    driven(MirroredSource(source, calls), *questions)
    assert [call for call in source.calls if isinstance(call, InspectChain | ScoreDrawing)] == questions
    assert not [call for call in calls.sent if call.kind == "apply"]
