"""Gaussians of classes: their moments, drawn class by class and by one product."""

from __future__ import annotations

import pytest
import torch

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from tests.jem.sampling.pools import SHAPE, make_chain_pool


@pytest.mark.parametrize("fixed", [False, True])
def test_class_gaussians_have_the_mean_and_covariance_of_their_class(fixed):
    noise = torch.Generator().manual_seed(3)
    x = torch.randn(400, 1, 1, 3, generator=noise) @ torch.tensor([[0.2, 0.1, 0.0], [0.0, 0.1, 0.1], [0.0, 0.0, 0.05]])
    pixels = as_pixels(x)
    gaussians = ClassGaussians(pixels, torch.zeros(400, dtype=torch.int64), 1)
    drawn = gaussians.draw(20_000, noise, fixed=fixed).flatten(1)
    expected = torch.cov(x.flatten(1).T) + 1e-3 * torch.eye(3)
    torch.testing.assert_close(torch.cov(drawn.T), expected, atol=2e-3, rtol=0.05)
    torch.testing.assert_close(drawn.mean(0), x.flatten(1).mean(0), atol=0.01, rtol=0)


def test_starts_in_one_piece_have_the_moments_of_starts_class_by_class():
    gaussians = make_chain_pool(labels=2).initial._gaussians
    noise = torch.Generator().manual_seed(1)
    classes = torch.arange(4000) % 2
    fixed, by_class = (gaussians.draw(4000, noise, classes, fixed=fixed).flatten(1) for fixed in (True, False))
    for label in (0, 1):
        one, other = fixed[classes == label], by_class[classes == label]
        torch.testing.assert_close(one.mean(0), other.mean(0), atol=0.005, rtol=0)
        torch.testing.assert_close(one.T.cov(), other.T.cov(), atol=2e-4, rtol=0)


def test_starts_in_one_piece_take_no_memory_for_images_that_classes_do_not_have():
    counts = [60, 0, 1, 3]
    labels = torch.arange(4).repeat_interleave(torch.tensor(counts))
    noise = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (len(labels), 1, 4, 4), generator=noise, dtype=torch.uint8)
    gaussians = ClassGaussians(pixels, labels, len(counts))
    classes = torch.tensor([0, 1, 2, 3] * 500)
    drawn = gaussians.draw(len(classes), torch.Generator().manual_seed(0), classes, fixed=True).flatten(1)
    assert gaussians._stacked.rows.numel() == (sum(counts) + 3) * 16
    assert drawn[classes == 1].mean(0).abs().max() < 0.01, "gray where there are no images"
    lone = as_input(pixels[labels == 2]).flatten(1)[0]
    assert (drawn[classes == 2].mean(0) - lone).abs().max() < 0.05
    assert drawn[classes == 3].var(0).mean() > 10 * drawn[classes == 2].var(0).mean()


def test_a_mixture_has_its_share_of_noise():
    config = BufferConfig(init="mixture", uniform_share=0.3)
    pixels = torch.full((10, *SHAPE), 128, dtype=torch.uint8)
    gaussians = ClassGaussians(pixels, torch.zeros(10, dtype=torch.int64), 1)
    noise = torch.Generator().manual_seed(0)
    drawn = InitialDistribution(config, gaussians, SHAPE, torch.device("cpu")).draw(2000, noise)
    noisy = drawn.flatten(1).std(1) > 0.3
    assert float(noisy.float().mean()) == pytest.approx(0.3, abs=0.04)
