"""The weight of the energy term, which can fall at the end of a run."""

from __future__ import annotations

import pytest
import torch

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.jem.learner.objective import BatchSizes, jem_loss
from tests.jem.runs import metrics, run, small_config

SIZES = BatchSizes(samples=5, explorers=3)


def gradient(weight: float | None) -> torch.Tensor:
    logits = torch.randn(12, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    given = None if weight is None else torch.tensor(weight)
    jem_loss(logits, torch.arange(4) % 3, ObjectiveConfig(), SIZES, energy_weight=given).loss.backward()
    assert logits.grad is not None
    return logits.grad


def test_the_weight_scales_the_gradient_of_the_energy_term_alone():
    whole, none, half = gradient(None), gradient(0), gradient(0.5)
    assert torch.equal(whole, gradient(1))
    assert not none[4:].any() and none[:4].any() and whole[4:].any()
    torch.testing.assert_close(half, (whole + none) / 2)


def test_the_weight_falls_over_the_last_part_of_the_run(tmp_path):
    words = ("objective.energy_weight=0.5", "objective.energy_weight_end=0.1", "optimizer.cooldown=0.5")
    logged = [step["JEM/energy_weight"] for step in metrics(run(small_config(*words, max_steps=8), tmp_path))]
    expected = [0.5] * 5 + [0.5 * (0.1 + 0.9 * left) for left in (0.75, 0.5, 0.25)]
    assert logged == pytest.approx(expected)


def test_a_run_without_a_weight_has_no_metric_of_it(tmp_path):
    assert "JEM/energy_weight" not in metrics(run(small_config(max_steps=1), tmp_path))[0]
