"""Memorised samples are flagged and held-out images are not."""

from __future__ import annotations

import pytest
import torch

from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.image_set import as_input, to_tensors
from jem_tui.jem.evaluation import memorisation as module
from jem_tui.jem.evaluation.memorisation import (
    EXPECTED,
    Nearest,
    as_points,
    memorised_share,
    nearest_points,
    pixel_points,
)

CPU = torch.device("cpu")


def nearest_training_images(images: torch.Tensor, training: torch.Tensor) -> Nearest:
    return nearest_points(as_points(images), pixel_points(training))


def test_the_nearest_image_is_found_over_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK", 7)
    training = torch.randint(0, 256, (50, 1, 6, 6), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    images = as_input(training[[3, 20, 49]]) + 0.01
    found = nearest_training_images(images, training)
    assert found.row.tolist() == [3, 20, 49]
    assert found.distance.tolist() == pytest.approx([0.06] * 3, rel=0.05)
    whole = torch.cdist(as_points(images), as_points(training)).min(1).values
    assert torch.allclose(found.distance, whole, rtol=1e-3)


def test_copies_of_training_digits_are_flagged_and_held_out_digits_are_not():
    data = mnist_mini()
    training, _ = to_tensors(data.train, CPU)
    test, _ = to_tensors(data.test, CPU)
    test = test[torch.randperm(len(test), generator=torch.Generator().manual_seed(0))][:1000]
    held_out, others = (nearest_training_images(part, training).distance for part in test.chunk(2))
    copies = as_input(training[:300]) + 0.1 * torch.randn(300, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    flagged = memorised_share(nearest_training_images(copies, training).distance, held_out)
    assert flagged.value > 0.95
    assert flagged.interval[0] > 0.9
    some = torch.cat([as_input(test[500:900]), copies[:100]])
    partly = memorised_share(nearest_training_images(some, training).distance, held_out)
    assert partly.interval[0] > EXPECTED
    assert partly.value == pytest.approx(0.2 + 0.8 * EXPECTED, abs=0.05)
    clean = memorised_share(others, held_out)
    assert clean.interval[0] <= EXPECTED <= clean.interval[1]


def test_the_interval_covers_the_expected_share_of_held_out_images():
    generator = torch.Generator().manual_seed(0)
    found = [
        memorised_share(torch.randn(300, generator=generator), torch.randn(400, generator=generator)).interval
        for _ in range(300)
    ]
    assert sum(low <= EXPECTED <= high for low, high in found) >= 275
