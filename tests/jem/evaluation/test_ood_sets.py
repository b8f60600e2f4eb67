from __future__ import annotations

import pytest
import torch

from jem_tui.jem.evaluation.letters import ALPHABET
from jem_tui.jem.evaluation.ood_sets import BUILT_IN, make_ood_sets, parts, shuffled

GENERATOR = torch.Generator().manual_seed(0)
SHAPES = [(1, 28, 28), (3, 32, 32), (1, 30, 29)]


def images(shape: tuple[int, int, int], count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (count, *shape), generator=generator, dtype=torch.uint8)
    return pixels, torch.arange(count) % 4


@pytest.mark.parametrize("shape", SHAPES)
def test_every_set_has_the_shape_of_the_data_and_depends_on_the_seed_alone(shape):
    pixels, labels = images(shape)
    first, again, other = (make_ood_sets(pixels, labels, seed, 50) for seed in (3, 3, 4))
    assert list(first) == list(BUILT_IN)
    for name, found in first.items():
        assert found.shape == (50, *shape)
        assert found.dtype == torch.uint8
        assert torch.equal(found, again[name])
        assert not torch.equal(found, other[name])


def test_each_set_matches_its_name():
    pixels, labels = images((1, 28, 28))
    sets = make_ood_sets(pixels, labels, 0, 40)
    assert all(len(image.unique()) == 1 for image in sets["constant"])
    assert 120 < sets["uniform noise"].float().mean() < 135
    inverted = {image.numpy().tobytes() for image in 255 - sets["inverted"]}
    assert inverted == {image.numpy().tobytes() for image in pixels}


def test_shuffling_moves_whole_patches():
    pixels = torch.arange(16, dtype=torch.uint8).view(1, 1, 4, 4).repeat_interleave(7, 2).repeat_interleave(7, 3)
    moved = shuffled(pixels, torch.zeros(1), GENERATOR)
    patches = moved.unfold(2, 7, 7).unfold(3, 7, 7).reshape(16, 49)
    assert (patches == patches[:, :1]).all()
    assert sorted(patches[:, 0].tolist()) == list(range(16))
    assert patches[:, 0].tolist() != list(range(16))
    assert [parts(length) for length in (28, 30, 29)] == [4, 3, 29]


def test_averages_are_of_two_classes():
    levels = torch.tensor([0, 50, 100, 200], dtype=torch.uint8)
    labels = torch.arange(40) % 4
    pixels = levels[labels].view(-1, 1, 1, 1).expand(-1, 1, 4, 4).contiguous()
    found = set(make_ood_sets(pixels, labels, 0, 200)["mean of two"].unique().tolist())
    assert found == {25, 50, 75, 100, 125, 150}


def test_letters_are_drawn_in_the_colours_of_the_data():
    assert not set("OoQDIiJjlZzSsbGBgq") & set(ALPHABET)
    dark = torch.zeros(60, 1, 28, 28, dtype=torch.uint8)
    on_dark = make_ood_sets(dark, torch.zeros(60), 0, 60)["letters"]
    on_light = make_ood_sets(dark + 255, torch.zeros(60), 0, 60)["letters"]
    assert torch.equal(on_light, 255 - on_dark)
    covered = (on_dark > 127).float().mean((1, 2, 3))
    assert covered.min() > 0.03
    assert covered.max() < 0.4
    assert (on_dark[:, :, [0, -1]] == 0).float().mean() > 0.95
    assert len({image.numpy().tobytes() for image in on_dark}) == 60
