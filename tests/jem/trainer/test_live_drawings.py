"""Drawings that are scored while a run trains: the run does not depend on them, and their time is bounded."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

import numpy as np
import pytest

from jem_tui.events.commands import Command, ScoreDrawing
from jem_tui.events.drawing import (
    DrawingAnswer,
    DrawingFailure,
    DrawingModel,
    DrawingRequest,
    DrawingScore,
    EnergyReference,
)
from jem_tui.events.run import Event, RunStarted, StepDone, Stopped
from jem_tui.jem.evaluation.drawing_scorer import DrawingScorer
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.live_drawings import MOST_VIEWERS, LiveDrawings
from jem_tui.run_files import sorted_checkpoints
from tests.jem.runs import emitted, run, small_config


def drawing(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (28, 28, 1), dtype=np.uint8)


def of_kind(answers: list[DrawingAnswer], kind: type) -> list:
    return [answer for answer in answers if isinstance(answer, kind)]


def asking(answers: list[DrawingAnswer]) -> Callable[[Event, Queue[Command]], None]:
    """Return a reaction that asks for the model first, then for a score and two sampler steps after every step."""

    def react(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, RunStarted):
            queue.put(ScoreDrawing(request=DrawingRequest(number=0), answer=answers.append))
        if isinstance(event, StepDone):
            pixels = drawing(event.step) if event.step % 4 == 1 else None
            request = DrawingRequest(number=event.step, pixels=pixels, steps=2, label=event.step % 3 or None)
            queue.put(ScoreDrawing(request=request, answer=answers.append))

    return react


@pytest.mark.parametrize("sampler", ["sgld", pytest.param("mala", marks=pytest.mark.slow)])
def test_drawing_changes_no_event_of_a_run(straight, tmp_path, sampler):
    words = () if sampler == "sgld" else (f"sgld.sampler={sampler}",)
    expected = straight if sampler == "sgld" else run(small_config(*words), tmp_path / "plain")
    answers: list[DrawingAnswer] = []
    events = run(small_config(*words), tmp_path / "drawn", react=asking(answers))
    assert emitted(events) == emitted(expected)
    scores = of_kind(answers, DrawingScore)
    assert [score.number for score in scores] == list(range(1, len(scores) + 1)) and len(scores) >= 19
    assert not of_kind(answers, DrawingFailure)
    assert {score.moved for score in scores} == {2, 4, 6, 8}


def test_the_model_and_the_energies_of_the_data_are_answered_first(tmp_path):
    answers: list[DrawingAnswer] = []
    run(small_config(max_steps=3), tmp_path, react=asking(answers))
    model, reference = answers[:2]
    assert isinstance(model, DrawingModel) and isinstance(reference, EnergyReference)
    assert (model.shape, model.paper, model.class_names[7]) == ((28, 28, 1), 0, "7")
    assert len(reference.chains) == 64 and reference.tested == 500 and len(reference.train) == 500


def test_scores_are_those_of_the_current_weights(tmp_path):
    trainer = open_trainer(small_config(), tmp_path, False, lambda text, fraction: None)
    learner, answers = trainer.learner, list[DrawingAnswer]()
    asked = DrawingRequest(number=1, pixels=drawing(), steps=3)
    list(trainer.apply(ScoreDrawing(request=asked, answer=answers.append)))
    direct = DrawingScorer(learner.evaluated, learner.sampler, lambda: learner.sgld, learner.buffer.x.device)
    expected = direct.score(asked, 0)
    (score,) = of_kind(answers, DrawingScore)
    assert expected is not None and score.energy == expected.energy
    assert np.array_equal(score.image, expected.image)


def test_a_drawing_of_another_size_is_a_failure_and_the_run_continues(tmp_path):
    answers: list[DrawingAnswer] = []

    def react(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, StepDone) and event.step == 1:
            wrong = DrawingRequest(number=1, pixels=np.zeros((3, 2, 1), np.uint8))
            queue.put(ScoreDrawing(request=wrong, answer=answers.append))

    events = run(small_config(max_steps=3), tmp_path, react=react)
    (failure,) = of_kind(answers, DrawingFailure)
    assert "could not be scored" in failure.text
    assert isinstance(events[-1], Stopped) and events[-1].reason == "finished"
    assert sorted_checkpoints(tmp_path)


def test_an_answer_that_fails_does_not_end_the_run(tmp_path):
    def fail(answer: DrawingAnswer) -> None:
        raise RuntimeError("the screen was closed")

    def react(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, StepDone):
            queue.put(ScoreDrawing(request=DrawingRequest(number=1, pixels=drawing()), answer=fail))

    events = run(small_config(max_steps=3), tmp_path, react=react)
    assert isinstance(events[-1], Stopped) and events[-1].reason == "finished"


def test_the_energies_of_the_data_take_a_small_share_of_the_time(tmp_path):
    trainer = open_trainer(small_config(), tmp_path, False, lambda text, fraction: None)
    pixels = trainer.learner.batches.pixels
    now = 0.0

    def seconds() -> float:
        nonlocal now
        now += 0.125
        return now

    drawings = LiveDrawings(trainer.learner, pixels[:300], pixels[:300], ("a", "b"), seconds)
    answers: list[DrawingAnswer] = []
    for step in range(400):
        drawings.answer(ScoreDrawing(request=DrawingRequest(number=1), answer=answers.append), step)
    references = of_kind(answers, EnergyReference)
    assert len(references[0].held_out) == 200, "no further images after half a second"
    assert len(references) == 4, "in 100 s, a survey of 0.6 s waits fifty times as long for the next one"


def test_each_viewer_has_a_chain_of_its_own(tmp_path):
    trainer = open_trainer(small_config(), tmp_path, False, lambda text, fraction: None)
    answers: list[DrawingAnswer] = []

    def ask(viewer: int, **request: Any) -> DrawingScore:
        command = ScoreDrawing(request=DrawingRequest(number=1, **request), answer=answers.append, viewer=viewer)
        list(trainer.apply(command))
        return of_kind(answers, DrawingScore)[-1]

    ask(1, pixels=drawing())
    ask(2, pixels=255 - drawing())
    assert ask(1, steps=3).moved == 3 and ask(2, steps=1).moved == 1
    assert np.array_equal(ask(1).image, ask(1).image) and not np.array_equal(ask(1).image, ask(2).image)
    for viewer in range(3, 3 + MOST_VIEWERS):
        ask(viewer, pixels=drawing())
    count = len(of_kind(answers, DrawingScore))
    list(trainer.apply(ScoreDrawing(request=DrawingRequest(number=1, steps=1), answer=answers.append, viewer=1)))
    assert len(of_kind(answers, DrawingScore)) == count
    assert "no drawing to score" in of_kind(answers, DrawingFailure)[-1].text


def test_a_class_that_the_model_does_not_have_is_a_failure(tmp_path):
    trainer = open_trainer(small_config(), tmp_path, False, lambda text, fraction: None)
    answers: list[DrawingAnswer] = []
    asked = DrawingRequest(number=1, pixels=drawing(), steps=1, label=10)
    list(trainer.apply(ScoreDrawing(request=asked, answer=answers.append)))
    (failure,) = of_kind(answers, DrawingFailure)
    assert "no class 10" in failure.text


def test_a_request_for_the_model_scores_no_drawing(tmp_path, monkeypatch):
    trainer = open_trainer(small_config(), tmp_path, False, lambda text, fraction: None)
    scored: list[DrawingRequest] = []
    monkeypatch.setattr(DrawingScorer, "score", lambda scorer, request, step: scored.append(request))
    answers: list[DrawingAnswer] = []
    asked = DrawingRequest(number=0, pixels=drawing(), steps=20, label=1)
    list(trainer.apply(ScoreDrawing(request=asked, answer=answers.append)))
    assert [type(answer) for answer in answers] == [DrawingModel, EnergyReference] and not scored, (
        "a viewer could otherwise have chains run at the pace of questions about the model, which take no time"
    )
