"""Class Gaussians of large images, whose covariances are reduced to a low rank."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.sampling import initial_distribution
from jem_tui.jem.sampling.initial_distribution import ClassGaussians


def gaussian_images(count: int, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return smooth images: few directions hold most of the variance."""
    generator = torch.Generator().manual_seed(0)
    waves = torch.randn(5, side * side, generator=generator)
    x = torch.randn(count, 5, generator=generator) @ waves * 12 + 128
    x = x + 2 * torch.randn(count, side * side, generator=generator)
    return x.clamp(0, 255).to(torch.uint8).view(count, 1, side, side), torch.zeros(count, dtype=torch.int64)


def test_small_images_keep_their_covariance_in_full():
    for counts, pixels in (([1000] * 10, 784), ([1000] * 10, 3 * 32 * 32), ([500] * 100, 3 * 32 * 32)):
        assert initial_distribution.rank_of(counts, pixels) == 0
    for counts, pixels in (([1000] * 10, 3 * 128 * 128), ([1000] * 1000, 3 * 64 * 64), ([5000] * 2, 3 * 512 * 512)):
        rank = initial_distribution.rank_of(counts, pixels)
        assert rank >= initial_distribution.MIN_RANK
        taken = initial_distribution.gaussian_bytes(counts, pixels)
        assert taken <= max(initial_distribution.REDUCED, 4 * pixels * len(counts) * initial_distribution.MIN_RANK)


@settings(max_examples=20, deadline=None)
@given(rank=st.integers(1, 40))
def test_a_reduced_covariance_is_the_nearest_of_its_rank(rank):
    x = as_input(gaussian_images(30, 6)[0]).flatten(1)
    root = (x - x.mean(0)) / 29**0.5
    values, directions = torch.linalg.eigh(root.T.double() @ root.double())
    top = directions[:, -rank:] * values[-rank:].clamp_min(0).sqrt()
    found = initial_distribution.reduced(root, rank).double()
    assert len(found) <= max(rank, 30)
    assert torch.allclose(found.T @ found, top @ top.T, atol=1e-5)


def test_draws_of_low_rank_have_mean_and_covariance_of_the_full_ones(monkeypatch):
    pixels, labels = gaussian_images(300, 8)
    full = ClassGaussians(pixels, labels, 1)
    monkeypatch.setattr(initial_distribution, "LARGEST", 10_000)
    monkeypatch.setattr(initial_distribution, "REDUCED", 8 * 4 * 64)
    low = ClassGaussians(pixels, labels, 1)
    assert len(low._roots[0]) == 8 < len(full._roots[0]) == 300
    one, other = (each.draw(40_000, torch.Generator().manual_seed(1)).flatten(1).double() for each in (full, low))
    assert float((one.mean(0) - other.mean(0)).abs().max()) < 0.01
    spread = torch.cov(one.T)
    assert float((torch.cov(other.T) - spread).norm() / spread.norm()) < 0.05
