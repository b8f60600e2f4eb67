from __future__ import annotations

import torch

from jem_tui.jem.data.class_examples import MOST_NUMBERS, some_of_each_class


def pixels_of(labels: torch.Tensor, side: int = 2) -> torch.Tensor:
    """Return images whose pixels are their row numbers."""
    rows = torch.arange(len(labels), dtype=torch.uint8)
    return rows.view(-1, 1, 1, 1).expand(-1, 1, side, side)


def test_examples_are_equally_many_of_each_class_and_in_the_order_of_classes():
    labels = torch.tensor([2, 0, 0, 1, 2, 0, 2, 0, 2])
    tiles, found = some_of_each_class(pixels_of(labels), labels, 7)
    assert found.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert tiles[:, 0, 0, 0].tolist() == [1, 2, 5, 3, 0, 4, 6]
    assert tiles.shape == (7, 2, 2, 1)


def test_fewer_images_than_wanted_are_all_examples():
    labels = torch.tensor([3, 3, 5])
    assert some_of_each_class(pixels_of(labels), labels, 100)[1].tolist() == [3, 3, 5]


def test_large_images_are_few():
    labels = torch.arange(10)
    images = torch.zeros(10, 3, 512, 512, dtype=torch.uint8)
    tiles, _ = some_of_each_class(images, labels, 10)
    assert len(tiles) >= 1 and tiles.numel() <= max(MOST_NUMBERS, 3 * 512 * 512)
