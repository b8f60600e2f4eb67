"""Requests of a viewer for information, in runs with a network that every pass changes."""

from __future__ import annotations

import numpy as np

from jem_tui.events.chain_facts import ChainFacts
from jem_tui.events.commands import EvaluateNow, InspectChain, Reseed, SampleNow, ScoreDrawing, UndoRestart
from jem_tui.events.drawing import DrawingAnswer, DrawingFailure, DrawingRequest, DrawingScore
from jem_tui.events.run import Evaluated, Event, Samples, StepDone
from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.chain_inspector import ChainInspector
from jem_tui.jem.trainer.live_drawings import LiveDrawings
from tests.jem.own_code import define
from tests.jem.runs import comparable, metrics, run, small_config
from tests.jem.stepping.steps import SPECTRAL_NORM, learner_of
from tests.jem.trainer.test_own_code import SAMPLER, langevin

DRAWING = DrawingRequest(number=1, pixels=np.zeros((28, 28, 1), np.uint8), steps=2)


def scheduled_samples(events: list[Event]) -> list[tuple[object, ...]]:
    return [comparable(event) for event in events if isinstance(event, Samples) and not event.requested]


def test_no_request_changes_the_buffers_of_a_network(tmp_path):
    answers: list[DrawingAnswer | ChainFacts] = []
    inspection = InspectChain(chain=0, answer=answers.append)
    requests = (ScoreDrawing(request=DRAWING, answer=answers.append), inspection, EvaluateNow(), SampleNow())

    def react(event, queue):
        if isinstance(event, StepDone) and event.step in (2, 4):
            for request in (*requests, Reseed(worst=3), UndoRestart()):
                queue.put(request)

    config = small_config(SPECTRAL_NORM, max_steps=6)
    asked = run(config, tmp_path / "asked", react=react)
    plain = run(config, tmp_path / "plain")
    assert len([each for each in answers if isinstance(each, DrawingScore)]) == 2
    assert len([each for each in asked if isinstance(each, Evaluated)]) == 2 + len(
        [each for each in plain if isinstance(each, Evaluated)]
    )
    assert metrics(asked) == metrics(plain)
    assert scheduled_samples(asked) == scheduled_samples(plain)


def test_a_sampler_of_the_user_is_not_called_for_drawings(tmp_path, monkeypatch):
    calls: list[int] = []

    def move(task: SamplingTask):
        calls.append(task.steps)
        return langevin(task)

    define(monkeypatch, move=move)
    trainer = open_trainer(small_config(SAMPLER), tmp_path, False, lambda text, fraction: None)
    called, answers = len(calls), list[DrawingAnswer]()
    for request in (DRAWING, DrawingRequest(number=2, steps=1)):
        list(trainer.apply(ScoreDrawing(request=request, answer=answers.append)))
    assert len(calls) == called
    scores = [each for each in answers if isinstance(each, DrawingScore)]
    failures = [each.text for each in answers if isinstance(each, DrawingFailure)]
    assert {score.moved for score in scores} == {0}
    assert len(failures) == 2 and failures[0].startswith("The sampler mine:move is your own code")


def test_a_network_that_exits_fails_a_request_alone(tmp_path, monkeypatch):
    learner, answers = learner_of(tmp_path), list[DrawingAnswer]()
    drawings = LiveDrawings(learner, learner.batches.pixels[:9], learner.batches.pixels[:9], ("a",))

    def leave(x):
        raise SystemExit("a fault of the network")

    for network in (learner.network, learner.evaluated):
        monkeypatch.setattr(network, "forward", leave)
    drawings.answer(ScoreDrawing(request=DRAWING, answer=answers.append), 3)
    (failure,) = answers
    assert isinstance(failure, DrawingFailure) and "SystemExit: a fault of the network" in failure.text
    ChainInspector(learner).answer(InspectChain(chain=0, answer=leave), 3)
