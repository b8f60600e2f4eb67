from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from jem_tui.jem.evaluation.temperature import COLDEST, HOTTEST, fit_temperature


def drawn(n: int, scale: float, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits that are `scale` times those of the distribution that the labels come from."""
    torch.manual_seed(seed)
    logits = 2 * torch.randn(n, 5)
    return scale * logits, torch.distributions.Categorical(logits=logits).sample()


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_the_temperature_is_the_factor_by_which_logits_are_too_large(scale: float):
    assert fit_temperature(*drawn(4000, scale)) == pytest.approx(scale, rel=0.06)


def test_no_other_temperature_has_a_smaller_loss():
    logits, labels = drawn(300, 2.0)
    best = fit_temperature(logits, labels)
    losses = [float(F.cross_entropy(logits.double() / t, labels)) for t in torch.linspace(0.2, 8, 400).tolist()]
    assert float(F.cross_entropy(logits.double() / best, labels)) <= min(losses)


def test_scaled_logits_have_a_scaled_temperature():
    logits, labels = drawn(500, 1.0)
    assert fit_temperature(2.5 * logits, labels) == pytest.approx(2.5 * fit_temperature(logits, labels), rel=1e-4)


def test_the_temperature_is_limited_where_the_loss_has_no_minimum():
    logits = torch.eye(4).repeat(10, 1)
    right = logits.argmax(1)
    assert fit_temperature(logits, right) == pytest.approx(COLDEST)
    assert fit_temperature(-logits, right) == pytest.approx(HOTTEST)
