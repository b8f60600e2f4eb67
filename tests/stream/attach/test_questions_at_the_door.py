"""Questions of viewers at the door of a run: one at a time, answered to the viewer that has asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.events.chain_facts import ChainFacts
from jem_tui.events.commands import InspectChain, ScoreDrawing
from jem_tui.events.drawing import DrawingAnswer, DrawingFailure, DrawingScore, EnergyReference
from jem_tui.events.run import RunStarted
from jem_tui.stream.attach import door_reader, question_queue
from jem_tui.stream.attach.frames import PROTOCOL
from jem_tui.stream.attach.messages import Join, Ping, Pong, Refused
from jem_tui.stream.attach.questions import Answer, Ask
from jem_tui.stream.attach.viewer import Viewer
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.attach.test_questions import DRAWING, ENERGIES, INSPECTION, REFUSAL, SCORE, shown
from tests.stream.attach.test_viewer_at_the_door import events_until, opened
from tests.wait_until import PATIENCE, wait_until


class AnsweringRun(OpenRun):
    """A run whose questions are answered by the test."""

    def next_question(self) -> InspectChain | ScoreDrawing:
        command = self.commands.get(timeout=PATIENCE)
        assert isinstance(command, InspectChain | ScoreDrawing)
        return command


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[AnsweringRun]:
    run = AnsweringRun(tmp_path / "run", abilities=frozenset({"draw", "inspect"}))
    yield run
    run.end()


def test_the_run_answers_the_viewer_that_has_asked_and_no_other(answering: AnsweringRun):
    first, second = opened(answering.run_dir), opened(answering.run_dir)
    for viewer in (first, second):
        assert {"draw", "inspect"} <= start_of(viewer).abilities
    facts, answers = list[ChainFacts](), list[DrawingAnswer]()
    first.send(InspectChain(chain=3, answer=facts.append))
    question = answering.next_question()
    assert isinstance(question, InspectChain) and question.chain == 3
    question.answer(INSPECTION)
    wait_until(lambda: facts, "no answer has arrived")
    assert shown(facts[0]) == shown(INSPECTION)
    second.send(ScoreDrawing(request=DRAWING, answer=answers.append))
    asked = answering.next_question()
    assert isinstance(asked, ScoreDrawing) and shown(asked.request) == shown(DRAWING) and asked.viewer > 0
    asked.answer(SCORE)
    asked.answer(ENERGIES)
    wait_until(lambda: len(answers) == 2, "no energies have arrived")
    assert isinstance(answers[0], DrawingScore) and isinstance(answers[1], EnergyReference)
    assert len(facts) == 1
    assert first.close(PATIENCE) and second.close(5.0)


def start_of(viewer: Viewer) -> RunStarted:
    found = events_until(viewer, RunStarted)[-1]
    assert isinstance(found, RunStarted)
    return found


def test_one_question_is_under_way_and_the_newest_of_a_viewer_waits(answering: AnsweringRun, monkeypatch):
    monkeypatch.setattr(question_queue, "INSPECTION", 0.0)
    with answering.viewer() as viewer:
        assert viewer.hello.protocol >= (1, 1)
        viewer.send(Ask(number=1, chain=1))
        first = answering.next_question()
        viewer.send(*(Ask(number=number, chain=number) for number in range(2, 6)))
        viewer.send(Ping())
        viewer.await_message(Pong)
        assert answering.commands.empty()
        first.answer(INSPECTION)  # type: ignore[arg-type]
        second = answering.next_question()
        assert isinstance(first, InspectChain) and isinstance(second, InspectChain)
        assert second.chain == 5
        answer = viewer.await_message(Answer)
        assert isinstance(answer, Answer) and answer.number == first.chain
        assert answering.commands.empty()


@pytest.mark.parametrize("protocol", [(1, 1), PROTOCOL])
def test_a_question_without_facts_is_refused_at_once_and_delays_no_other(
    answering: AnsweringRun, protocol, monkeypatch
):
    monkeypatch.setattr(question_queue, "MOST_WAIT", 1e9)
    with answering.viewer(join=False) as viewer, answering.viewer() as other:
        viewer.send(Join(protocol=protocol), Ask(number=1, chain=40))
        first = answering.next_question()
        assert other.hello and isinstance(first, InspectChain)
        other.send(Ask(number=7, chain=3))
        first.answer(replace(REFUSAL, chain=first.chain))
        second = answering.next_question()
        assert isinstance(second, InspectChain) and second.chain == 3
        second.answer(INSPECTION)
        found = other.await_message(Answer)
        assert isinstance(found, Answer) and found.number == 7
        viewer.send(Ping())
        viewer.await_message(Pong)
        refused = [each.content for each in viewer.messages if isinstance(each, Answer)]
        assert refused == ([REFUSAL] if protocol == PROTOCOL else [])


def test_a_viewer_that_only_watches_asks_nothing(answering: AnsweringRun):
    with answering.viewer(view_only=True) as viewer:
        viewer.send(Ask(number=1, chain=1))
        refused = viewer.await_message(Refused)
        assert isinstance(refused, Refused) and "view only" in refused.text
        assert answering.commands.empty()


def test_a_run_without_the_abilities_is_asked_nothing(run: OpenRun):
    with run.viewer() as viewer:
        viewer.send(Ask(number=1, chain=1), Ask(number=2, drawing=DRAWING))
        viewer.send(Ping())
        viewer.await_message(Pong)
        assert run.commands.empty()


def test_a_run_of_protocol_1_0_is_not_asked(answering: AnsweringRun, monkeypatch):
    monkeypatch.setattr(door_reader, "SINCE", (PROTOCOL[0], PROTOCOL[1] + 1))
    viewer = opened(answering.run_dir)
    assert start_of(viewer).abilities == frozenset()
    assert viewer.close(PATIENCE)


def test_a_lost_connection_fails_the_drawing_that_waits(answering: AnsweringRun):
    viewer, answers = opened(answering.run_dir), list[DrawingAnswer]()
    start_of(viewer)
    viewer.send(ScoreDrawing(request=DRAWING, answer=answers.append))
    answering.next_question()
    assert viewer.close(PATIENCE)
    wait_until(lambda: answers, "the drawing waits for ever")
    (failure,) = answers
    assert isinstance(failure, DrawingFailure) and "not connected" in failure.text and not failure.final
