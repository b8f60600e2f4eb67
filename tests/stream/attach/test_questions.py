"""Questions about chains and drawings between a viewer and its run: checked as JSON, and answered to the viewer that has asked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.chain_facts import ChainFacts, ChainInspection
from jem_tui.events.commands import InspectChain, ScoreDrawing
from jem_tui.events.drawing import (
    DrawingAnswer,
    DrawingFailure,
    DrawingModel,
    DrawingRequest,
    DrawingScore,
    EnergyReference,
)
from jem_tui.events.run import RunStarted
from jem_tui.stream.attach import door_reader, question_queue
from jem_tui.stream.attach.frames import FrameParser, ProtocolError
from jem_tui.stream.attach.messages import Ping, Pong, Refused, pack_message, parse_message
from jem_tui.stream.attach.questions import Answer, Ask, sendable
from jem_tui.stream.attach.viewer import Viewer
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.attach.test_viewer_at_the_door import events_until, opened
from tests.wait_until import wait_until

IMAGE = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
SHARES = np.array([0.25, 0.75], np.float32)
INSPECTION = ChainInspection(
    chain=3, step=7, probabilities=SHARES, nearest=IMAGE, nearest_label=1, distance=4.5, mean=IMAGE
)
SCORE = DrawingScore(number=2, step=7, probabilities=SHARES, energy=-3.5, image=IMAGE, moved=4, seconds=0.01)
ENERGIES = EnergyReference(
    step=7, train=SHARES, held_out=SHARES, chains=SHARES[:0], threshold=0.5, kept=0.95, false_positives=0.1, tested=9
)
CONTENTS = [
    INSPECTION,
    SCORE,
    ENERGIES,
    DrawingModel(shape=(2, 2, 3), class_names=("cat", "dög"), paper=255, averaged=True),
    DrawingFailure(text="No.", final=True),
]
DRAWING = DrawingRequest(number=1, pixels=IMAGE, steps=2, label=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["shape", "bytes"]), inner),
    max_leaves=8,
)


def payload(message: Ask | Answer) -> bytes:
    (frame,) = FrameParser().feed(pack_message(message))
    return frame.payload


def shown(content: object) -> dict[str, Any]:
    """Return the fields of a dataclass with arrays as lists."""
    return {name: repr(getattr(content, name)) for name in type(content).__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_an_answer_arrives_unchanged(content: Any):
    found = parse_message(payload(Answer(number=9, content=content)))
    assert isinstance(found, Answer) and found.number == 9
    assert type(found.content) is type(content) and shown(found.content) == shown(content)


@pytest.mark.parametrize("drawing", [None, DRAWING, DrawingRequest(number=5, steps=20)])
def test_a_question_arrives_unchanged(drawing: DrawingRequest | None):
    found = parse_message(payload(Ask(number=9, chain=4, drawing=drawing)))
    assert isinstance(found, Ask) and (found.number, found.chain) == (9, 4)
    assert (found.drawing is None) == (drawing is None)
    assert drawing is None or shown(found.drawing) == shown(drawing)


def test_energies_that_are_not_finite_arrive_as_unknown():
    odd = replace(SCORE, energy=math.inf, probabilities=np.array([np.nan, 1.0], np.float32))
    found = parse_message(payload(Answer(number=1, content=odd)))
    assert isinstance(found, Answer) and isinstance(found.content, DrawingScore)
    assert math.isnan(found.content.energy) and np.isnan(found.content.probabilities).tolist() == [True, False]


@given(
    st.sampled_from([Ask(number=1, drawing=DRAWING), *(Answer(number=1, content=each) for each in CONTENTS)]), st.data()
)
def test_fields_that_are_malformed_raise_protocol_errors_alone(message: Ask | Answer, data: st.DataObject):
    content = json.loads(payload(message))
    place = content.get("drawing") or content["fields"]
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(JSON)
    try:
        parse_message(json.dumps(content).encode())
    except ProtocolError as error:
        assert "does not speak the protocol" in str(error)


@pytest.mark.parametrize(
    "pixels",
    [
        {"shape": [2, 2, 3], "bytes": ""},
        {"shape": [2, 2, 2], "bytes": "AAAAAAAAAAA="},
        {"shape": [1 << 30, 1 << 30, 3], "bytes": "AAAA"},
        {"shape": [5_000, 1, 3], "bytes": "AAAA" * 5_000},
        {"shape": [2, 2], "bytes": "AAAAAA=="},
        {"shape": [2, 2, 3], "bytes": "=" * 16},
        [1, 2],
    ],
)
def test_an_image_that_is_not_one_is_refused(pixels: Any):
    content = json.loads(payload(Ask(number=1, drawing=DRAWING)))
    content["drawing"]["pixels"] = pixels
    with pytest.raises(ProtocolError):
        parse_message(json.dumps(content).encode())


def test_a_score_without_any_class_is_refused():
    content = json.loads(payload(Answer(number=1, content=SCORE)))
    content["fields"]["probabilities"] = []
    with pytest.raises(ProtocolError):
        parse_message(json.dumps(content).encode())


def test_an_answer_that_no_viewer_accepts_is_not_sent():
    huge = np.zeros((1000, 1000, 1), np.uint8)
    assert sendable(Answer(number=1, content=replace(INSPECTION, nearest=huge))) is None
    failure = sendable(Answer(number=1, content=replace(SCORE, image=huge)))
    assert failure is not None and isinstance(failure.content, DrawingFailure) and failure.content.final


class AnsweringRun(OpenRun):
    """A run whose questions are answered by the test."""

    def next_question(self) -> InspectChain | ScoreDrawing:
        command = self.commands.get(timeout=10.0)
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
    assert first.close(5.0) and second.close(5.0)


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
    monkeypatch.setattr(door_reader, "SINCE", (1, 2))
    viewer = opened(answering.run_dir)
    assert start_of(viewer).abilities == frozenset()
    assert viewer.close(5.0)


def test_a_lost_connection_fails_the_drawing_that_waits(answering: AnsweringRun):
    viewer, answers = opened(answering.run_dir), list[DrawingAnswer]()
    start_of(viewer)
    viewer.send(ScoreDrawing(request=DRAWING, answer=answers.append))
    answering.next_question()
    assert viewer.close(5.0)
    wait_until(lambda: answers, "the drawing waits for ever")
    (failure,) = answers
    assert isinstance(failure, DrawingFailure) and "not connected" in failure.text and not failure.final
