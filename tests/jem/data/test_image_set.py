from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.data.image_set import Batches, ImageSet, as_input, as_pixels, augment, erase, flip, hold_out, shift


def numbered(count: int) -> ImageSet:
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 3, 5, 1), np.uint8)
    return ImageSet(images=pixels, labels=np.arange(count))


def next_of(batches: Batches) -> tuple[Tensor, Tensor]:
    """Return the images and labels of the next batch, as a step takes them."""
    order, position, _ = batches.upcoming()
    batches.skip(1)
    return batches.images_at(order, torch.tensor([position]))


def make_batches(count: int, size: int) -> Batches:
    return Batches(numbered(count), size, torch.device("cpu"), torch.Generator().manual_seed(0))


def test_pixels_become_inputs_in_minus_one_to_one_and_back():
    pixels = torch.arange(256, dtype=torch.uint8)
    x = as_input(pixels)
    assert (float(x.min()), float(x.max())) == (-1, 1)
    assert torch.equal(as_pixels(x), pixels)
    assert as_pixels(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


def test_held_out_images_are_not_trained_on():
    kept, held_out = hold_out(numbered(50), 0.1, seed=4)
    assert len(held_out) == 5
    assert sorted([*kept.labels, *held_out.labels]) == list(range(50))
    assert (hold_out(numbered(50), 0.1, seed=4)[1].labels == held_out.labels).all()


def test_every_epoch_has_every_image_once_in_a_new_order_and_pixels_stay_with_labels():
    batches = make_batches(12, 4)
    epochs = []
    for _ in range(2):
        drawn = [next_of(batches) for _ in range(batches.steps_per_epoch)]
        for x, labels in drawn:
            assert as_pixels(x)[:, 0, 0, 0].tolist() == labels.tolist()
        epochs.append([label for _, labels in drawn for label in labels.tolist()])
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(12))
    assert epochs[0] != epochs[1]


def test_batches_continue_in_the_middle_of_an_epoch():
    one, other = make_batches(30, 4), make_batches(30, 4)
    next_of(one)
    other.load_state_dict(one.state_dict())
    other._generator.set_state(one._generator.get_state())
    for _ in range(20):
        assert torch.equal(next_of(one)[1], next_of(other)[1])


def test_fewer_images_than_a_batch_are_refused():
    with pytest.raises(InputError, match="only 3 training images"):
        make_batches(3, 4)


def test_shift_moves_each_image_by_whole_pixels_and_repeats_the_edge():
    noise = torch.Generator().manual_seed(0)
    x = torch.zeros(200, 1, 7, 7)
    x[:, 0, 3, 3] = 1
    moved = shift(x, 2, noise)
    assert moved.shape == x.shape
    assert moved.flatten(1).sum(1).tolist() == [1.0] * 200
    places = {tuple(p.tolist()) for p in moved[:, 0].nonzero()[:, 1:]}
    assert places == {(r, c) for r in range(1, 6) for c in range(1, 6)}
    edge = torch.zeros(1, 1, 7, 7)
    edge[..., :, 0] = 1
    assert float(shift(edge, 2, noise).max(3).values.min()) in (0.0, 1.0)


def test_noise_has_the_given_scale_and_zero_changes_nothing():
    noise = torch.Generator().manual_seed(0)
    x = torch.zeros(100, 1, 10, 10)
    assert float(augment(x, 0.03, 0, noise).std()) == pytest.approx(0.03, rel=0.05)
    assert augment(x, 0, 0, noise) is x


def test_a_flip_mirrors_every_second_image_and_no_rows():
    noise = torch.Generator().manual_seed(0)
    x = torch.rand(400, 3, 4, 5, generator=noise)
    flipped = flip(x, noise)
    same = (flipped == x).flatten(1).all(1)
    mirrored = (flipped == x.flip(3)).flatten(1).all(1)
    assert bool((same | mirrored).all())
    assert 160 < int(mirrored.sum()) < 240
    assert torch.equal(
        augment(x, 0, 0, torch.Generator().manual_seed(3), flipped=True), flip(x, torch.Generator().manual_seed(3))
    )


def test_a_square_around_a_random_pixel_of_half_of_the_images_is_erased():
    noise = torch.Generator().manual_seed(0)
    x = torch.rand(300, 3, 6, 9, generator=noise) + 1
    erased = erase(x, 4, noise)
    gone = (erased == 0).all(1)
    assert torch.equal(gone, (erased == 0).any(1))
    assert torch.equal(erased[~gone[:, None].expand_as(x)], x[~gone[:, None].expand_as(x)])
    heights, widths = gone.any(2).sum(1), gone.any(1).sum(1)
    assert torch.equal(gone.flatten(1).sum(1), heights * widths)
    assert set(heights.tolist()) == set(widths.tolist()) == {0, 2, 3, 4}
    assert 120 < (heights > 0).sum() < 180
    assert gone.any(0).all()
    again = torch.Generator().manual_seed(3)
    assert torch.equal(augment(x, 0, 0, torch.Generator().manual_seed(3), erased=4), erase(x, 4, again))
