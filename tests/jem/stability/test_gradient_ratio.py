"""The ratio of the gradients of both terms: its number, and that measuring it changes nothing else."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from jem_tui.events.run import Event, StepDone
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.gradient_ratio import GRADIENT_RATIO, gradient_ratio
from jem_tui.jem.stepping import feed
from tests.jem.broken import broken_config
from tests.jem.runs import emitted, metrics, run
from tests.jem.stepping.steps import SPECTRAL_NORM, learner_of


def measured_steps(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepDone) and GRADIENT_RATIO in event.metrics]


def norm_by_backward(learner: Learner, term: torch.Tensor) -> float:
    learner.network.zero_grad()
    term.backward(retain_graph=True)
    return math.sqrt(sum(float(weight.grad.double().square().sum()) for weight in learner.network.parameters()))


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_the_ratio_is_that_of_two_backward_passes(tmp_path, weight):
    words = ("objective.energy_loss=difference", "objective.energy_l2=0", "objective.hinge=0")
    learner = learner_of(tmp_path, *words, f"objective.energy_weight={weight}")
    found = gradient_ratio(learner, 5)[GRADIENT_RATIO]
    rows = torch.linspace(0, len(learner.batches.labels) - 1, 16).long()
    logits = learner.network(learner.batches.pixels[rows].float() / 127.5 - 1)
    xe = F.cross_entropy(logits, learner.batches.labels[rows])
    nrg = learner.network(learner.buffer.x[:16]).logsumexp(1).mean() - logits.logsumexp(1).mean()
    expected = math.log10(weight * norm_by_backward(learner, nrg) / norm_by_backward(learner, xe))
    assert found == pytest.approx(expected, abs=1e-4)


def test_measuring_changes_no_gradient_no_buffer_and_no_random_stream(tmp_path):
    learner = learner_of(tmp_path, SPECTRAL_NORM)
    before, common = learner.state_dict(), torch.get_rng_state()
    buffers = [buffer.clone() for buffer in learner.network.buffers()]
    assert math.isfinite(gradient_ratio(learner, 5)[GRADIENT_RATIO])
    after = learner.state_dict()
    assert all(torch.equal(after["generators"][name], state) for name, state in before["generators"].items())
    assert torch.equal(torch.get_rng_state(), common)
    assert buffers
    assert all(torch.equal(one, other) for one, other in zip(learner.network.buffers(), buffers, strict=True))
    assert all(weight.grad is None for weight in learner.network.parameters())


@pytest.mark.parametrize("graph", ["off", "on"])
def test_a_run_has_the_same_numbers_without_the_metrics_of_checks(tmp_path, monkeypatch, graph):
    config = broken_config(f"train.graph={graph}", "train.read_every=3", max_steps=12)
    with_checks = run(config, tmp_path / "with")
    assert measured_steps(with_checks) == [5, 9]
    monkeypatch.setattr(feed, "metrics_at_check", lambda learner, step: {})
    without = run(config, tmp_path / "without")
    steps = [{tag: v for tag, v in step.items() if tag != GRADIENT_RATIO} for step in metrics(with_checks)]
    assert steps == metrics(without)
    others = [[each for each in emitted(events) if each[0] != "StepDone"] for events in (with_checks, without)]
    assert others[0] == others[1]


def test_both_steppers_and_a_resumed_run_measure_equal_ratios(tmp_path):
    runs = [run(broken_config(f"train.graph={graph}", max_steps=9), tmp_path / graph) for graph in ("off", "on")]
    run(broken_config(max_steps=8), tmp_path / "half")
    last = run(broken_config(max_steps=9), tmp_path / "half", resume=True)
    # The learning rate of a run depends on its end; the state before step 9 does not.
    ratios = [[step[GRADIENT_RATIO] for step in metrics(events) if GRADIENT_RATIO in step] for events in (*runs, last)]
    assert ratios[0] == ratios[1]
    assert len(ratios[0]) == 2
    assert len(ratios[2]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("sgld.steps=0", "buffer.explorers=0"),
        ("objective.energy_weight=0",),
        ("train.pretrain_epochs=1",),
    ],
)
def test_there_is_no_ratio_where_the_energy_term_is_off(tmp_path, words):
    assert measured_steps(run(broken_config(*words, max_steps=6), tmp_path)) == []
