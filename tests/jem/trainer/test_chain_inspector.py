"""Facts about chains of a live run: their numbers, and that asking for them changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jem_tui.events.chain_facts import ChainFacts, ChainInspection, ChainRefusal
from jem_tui.events.commands import InspectChain, ScoreDrawing
from jem_tui.events.drawing import DrawingRequest
from jem_tui.events.run import RunStarted, StepDone
from jem_tui.jem.evaluation import training_images
from jem_tui.jem.trainer.chain_inspector import ChainInspector
from jem_tui.jem.trainer.live_drawings import LiveDrawings
from tests.jem.runs import emitted, run, small_config
from tests.jem.stepping.steps import SPECTRAL_NORM, learner_of


def test_probabilities_nearest_image_and_mean_are_those_of_a_direct_computation(tmp_path, monkeypatch):
    learner = learner_of(tmp_path)
    learner.buffer.x[5] = learner.batches.pixels[123].float() / 127.5 - 1
    found = ChainInspector(learner).inspect(5, 7)
    assert (found.chain, found.step, found.distance) == (5, 7, pytest.approx(0, abs=2e-2))
    assert found.nearest_label == int(learner.batches.labels[123])
    assert np.array_equal(found.nearest, learner.batches.pixels[123].permute(1, 2, 0).numpy())
    with torch.no_grad():
        wanted = learner.network(learner.buffer.x[5:6]).softmax(1)[0]
    assert found.probabilities == pytest.approx(wanted.numpy(), abs=1e-6)
    of_class = learner.batches.pixels[learner.batches.labels == int(wanted.argmax())].float().mean(0)
    assert np.abs(found.mean.astype(float) - of_class.permute(1, 2, 0).numpy()).max() <= 1
    monkeypatch.setattr(training_images, "MOST_PIXELS", 784 * 10)
    few = ChainInspector(learner).inspect(5, 7)
    assert few.distance > found.distance, "only some images are compared"


def test_a_run_that_is_asked_has_the_events_of_a_run_that_is_not(tmp_path):
    answers: list[ChainFacts] = []

    def ask(event, queue):
        if isinstance(event, StepDone) and event.step in (2, 5):
            for chain in (0, 3, 10**6, -1):
                queue.put(InspectChain(chain=chain, answer=answers.append))

    config = small_config(f"{SPECTRAL_NORM}", max_steps=8)
    asked = run(config, tmp_path / "asked", react=ask)
    assert emitted(asked) == emitted(run(config, tmp_path / "plain"))
    assert [answer.chain for answer in answers] == 2 * [0, 3, 10**6, -1]
    assert [type(answer) for answer in answers] == 2 * [ChainInspection, ChainInspection, ChainRefusal, ChainRefusal]
    assert all("no such chain" in answer.text for answer in answers if isinstance(answer, ChainRefusal))
    assert "inspect" in next(event.abilities for event in asked if isinstance(event, RunStarted))


def test_an_inspection_that_fails_is_a_refusal(tmp_path, monkeypatch):
    inspector, answers = ChainInspector(learner_of(tmp_path)), list[ChainFacts]()

    def fail(chain, step):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(inspector, "inspect", fail)
    inspector.answer(InspectChain(chain=3, answer=answers.append), 7)
    (refusal,) = answers
    assert isinstance(refusal, ChainRefusal) and refusal.chain == 3
    assert "out of memory" in refusal.text and "Training continues" in refusal.text


class UnreadableError(Exception):
    """An exception of user code whose text cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError("a fault of user code")


def test_an_exception_without_readable_text_does_not_end_the_run(tmp_path, monkeypatch):
    def fail(*arguments):
        raise UnreadableError

    learner = learner_of(tmp_path)
    inspector, drawings = ChainInspector(learner), LiveDrawings(learner, torch.empty(0), torch.empty(0), ())
    monkeypatch.setattr(inspector, "inspect", fail)
    monkeypatch.setattr(drawings, "_answer", fail)
    answers: list[object] = []
    inspector.answer(InspectChain(chain=3, answer=answers.append), 7)
    drawings.answer(ScoreDrawing(request=DrawingRequest(number=0), answer=answers.append), 7)
    assert not answers


def test_a_receiver_that_fails_does_not_end_the_run(tmp_path):
    def fail(answer):
        raise RuntimeError("a fault of the screen")

    def ask(event, queue):
        if isinstance(event, StepDone) and event.step == 2:
            queue.put(InspectChain(chain=0, answer=fail))

    events = run(small_config(max_steps=4), tmp_path, react=ask)
    assert events[-1].reason == "finished"
