"""Initial distributions of the user: their argument, and the checks of what they return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from jem_tui.jem.sampling.own_initial_distribution import InitialDraw, OwnInitialDistribution
from jem_tui.plugins.kinds import INITIAL
from jem_tui.plugins.plugged import PluginError
from tests.jem.own_code import plugged

SHAPE = (1, 4, 4)
CPU = torch.device("cpu")
LABELS = torch.arange(30) % 3
PIXELS = (LABELS * 100).to(torch.uint8).view(-1, 1, 1, 1).expand(30, *SHAPE).clone()
"""Images of three classes, all pixels of class c being 100 c."""


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def distribution(function: Callable[..., Any], labels: int = 0, **args: object) -> InitialDistribution:
    own = OwnInitialDistribution(function=plugged(INITIAL, function, **args), pixels=PIXELS, labels=LABELS)
    return InitialDistribution(BufferConfig(), ClassGaussians(PIXELS, LABELS, 3), SHAPE, CPU, labels, own)


def images(draw: InitialDraw) -> Tensor:
    return draw.images()


def test_starts_are_those_of_the_function_with_its_arguments():
    def constant(draw, value):
        assert (draw.count, draw.shape, draw.device, draw.labels) == (7, SHAPE, CPU, None)
        return torch.full((draw.count, *draw.shape), value)

    assert torch.equal(distribution(constant, value=0.5).draw(7, seeded()), torch.full((7, *SHAPE), 0.5))


def test_images_are_of_the_class_of_each_chain():
    initial = distribution(images, labels=3)
    labels = initial.labels(50, seeded())
    x = initial.draw(50, seeded(), labels)
    torch.testing.assert_close(x[:, 0, 0, 0], labels.float() * 100 * 2 / 255 - 1)
    assert len(distribution(images).draw(50, seeded()).unique()) == 3


def test_noise_and_class_gaussians_stay_those_of_the_program():
    initial = distribution(images)
    assert len(initial.uniform(8, seeded()).unique()) == 8 * 16
    noisy, fresh = torch.arange(9) % 3 == 0, torch.arange(9) % 3 == 1
    x = initial.starts(noisy, fresh, None, seeded(), fixed=False)
    assert all(len(row.unique()) == 16 for row in x[noisy])
    assert all(len(row.unique()) == 1 for row in x[fresh]), "starts of the function"
    assert all(len(row.unique()) > 1 for row in x[~fresh]), "retired chains start from a Gaussian"
    assert initial.informative(8, seeded()).shape == (8, *SHAPE)


def test_draws_come_from_the_generator_alone():
    def noise(draw):
        torch.rand(3)
        return (draw.normal() * 0.1 + draw.uniform() * 0.5).clamp(-1, 1)

    one, other = (distribution(noise).draw(4, seeded()) for _ in range(2))
    assert torch.equal(one, other)


def test_a_function_that_keeps_its_result_cannot_change_the_buffer():
    kept = torch.zeros(16, *SHAPE)

    def same(draw):
        if draw.labels is not None:
            draw.labels.fill_(0)
        return kept[: draw.count]

    buffer = ChainPool(BufferConfig(size=16), 0.0, distribution(same, labels=3), seeded()).buffer
    kept.fill_(1)
    assert not buffer.x.any() and buffer.label.any()


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda draw: None, "gave an object of type NoneType instead of a float32 tensor of shape"),
        (lambda draw: torch.zeros(draw.count, 4, 4), r"gave a float32 tensor of shape \(5, 4, 4\) on cpu instead of"),
        (lambda draw: torch.zeros(5, *SHAPE).double(), "gave a float64 tensor"),
        (lambda draw: draw.images() * 3, r"gave pixels from -3 to .*, but they must be in \[-1, 1\]"),
        (lambda draw: draw.images() / 0, "gave pixels from .*, but they must be in"),
        (lambda draw: draw.normal() * torch.nan, "gave pixels from nan to nan, but they must be in"),
        (lambda draw: draw.missing, r"raised AttributeError: .* \(.*test_own_initial_distribution\.py, line \d+\)"),
    ],
)
def test_each_fault_is_one_sentence_with_the_name_of_the_function(function, sentence):
    with pytest.raises(PluginError, match=f"^The initial distribution mine:<lambda> {sentence}"):
        distribution(function).draw(5, seeded())


def test_rounding_beyond_the_range_is_clamped():
    assert distribution(lambda draw: torch.full((draw.count, *SHAPE), 1.0005)).draw(2, seeded()).max() == 1
    assert distribution(lambda draw: draw.images()).draw(0, seeded()).shape == (0, *SHAPE)
