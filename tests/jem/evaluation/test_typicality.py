from __future__ import annotations

import pytest
import torch

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.evaluation.scores import LOG_PX, STATIONARITY, Logits, score_images
from jem_tui.jem.evaluation.typicality import Typicality

SGLD = SgldConfig(step_size=0.1, grad_clamp=0.0, clip=False, noise_scale=0.5)


def pixels(n: int = 50) -> torch.Tensor:
    return torch.randint(0, 256, (n, 1, 4, 4), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def linear(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x.flatten(1).sum(1), x.flatten(1).sum(1)], dim=1)


def test_stationarity_is_the_change_of_log_p_in_a_step_without_noise():
    # log p = Σx + log 2 rises by α ‖∇‖² = 0.1 · 16.
    found = score_images(linear, pixels(), SGLD)[STATIONARITY]
    assert torch.allclose(found, torch.full_like(found, -1.6).abs().log().neg(), atol=1e-4)


def test_the_step_clamps_gradient_and_image_as_the_sampler_does():
    clamped = SgldConfig(step_size=0.1, grad_clamp=0.5, clip=False)
    assert score_images(linear, pixels(), clamped)[STATIONARITY].exp().reciprocal().mean() == pytest.approx(
        0.8, abs=1e-4
    )
    white = torch.full((3, 1, 4, 4), 255, dtype=torch.uint8)
    clipped = SgldConfig(step_size=0.1, clip=True)
    assert (score_images(linear, white, clipped)[STATIONARITY] > 10).all()


def test_scores_without_a_sampler_are_those_of_the_paper():
    assert STATIONARITY not in score_images(linear, pixels())
    with_step = score_images(linear, pixels(), SGLD)
    for name, values in score_images(linear, pixels()).items():
        assert torch.equal(values, with_step[name])


def valley(x: torch.Tensor) -> torch.Tensor:
    """Return logits with log p = −|x|⁴ / 4, which is stationary at x = 0."""
    return (-x.flatten(1).pow(2).sum(1).pow(2) / 4)[:, None]


def test_typicality_is_the_smaller_standardised_feature():
    scores = score_images(valley, pixels(), SGLD)
    typicality = Typicality.of_validation(scores)
    features = torch.stack([scores[name] for name in (LOG_PX, STATIONARITY)])
    standardised = (features - features.mean(1, keepdim=True)) / features.std(1, keepdim=True, correction=0)
    assert torch.allclose(typicality(scores), standardised.amin(0))


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_rescaled_features_leave_typicality(factor: float):
    scores = score_images(valley, pixels(), SGLD)
    changed = {name: factor * values - 4 for name, values in scores.items()}
    before, after = (Typicality.of_validation(each)(each) for each in (scores, changed))
    assert torch.allclose(before, after)


def test_features_without_spread_are_finite():
    network: Logits = lambda x: torch.zeros(len(x), 3) * x.flatten(1)[:, :3]  # noqa: E731
    scores = score_images(network, pixels(1), SGLD)
    assert Typicality.of_validation(scores)(scores).isfinite().all()
    assert as_input(pixels(1)).shape == (1, 1, 4, 4)
