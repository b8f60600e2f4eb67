"""Long runs from the buffer, with samplers and a reference classifier whose effect is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from jem_tui.cli.eval import chosen_parts
from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.chain_parts import undefined_reason
from jem_tui.jem.evaluation.long_run import features, long_run
from jem_tui.jem.evaluation.reference_classifier import Reference
from jem_tui.jem.evaluation.request import DEFAULT_PARTS

SHAPE = (40, 1, 6, 6)


class SignReference(Reference):
    """A reference of two classes: bright images and dark ones, certain in proportion to the mean pixel."""

    def __init__(self) -> None:
        nn.Module.__init__(self)

    def features_and_probabilities(self, images: Tensor) -> tuple[Tensor, Tensor]:
        bright = (images.flatten(1).mean(1) / 2 + 0.5)[:, None]
        return bright, torch.cat([1 - bright, bright], 1)


def bowl(x: Tensor) -> Tensor:
    return x.square().flatten(1).sum(1) / 2


def shifted(start: Tensor, by: float, steps: int) -> Iterator[Tensor]:
    noise = torch.Generator().manual_seed(0)
    for number in range(1, steps + 1):
        yield start + by * number / steps + 1e-3 * torch.randn(start.shape, generator=noise)


def test_a_long_run_measures_class_confidence_and_energy_before_and_after():
    start = torch.full(SHAPE, 0.2)
    start[:10] = -0.2
    found = long_run(start, shifted(start, 0.3, 100), 100, bowl, SignReference(), SgldConfig(), 0)
    assert (found.chains, found.steps, found.same_class) == (40, 100, 0.75)
    assert found.confidence_before == pytest.approx(0.6, abs=1e-3)
    assert found.confidence_after == pytest.approx((0.75 * 0.75) + 0.25 * 0.55, abs=1e-3)
    drift = 36 / 2 * (0.75 * (0.25 - 0.04) + 0.25 * (0.01 - 0.04))
    assert found.energy_drift == pytest.approx(drift, abs=0.01)
    for name in ("confidence_after", "same_class", "energy_drift"):
        low, high = getattr(found, f"{name}_interval")
        assert low < getattr(found, name) < high
    assert {row.name for row in found.features} == {"energy", "mean pixel", "top", "left"}
    assert all(row.rhat > 1.5 for row in found.features if row.name in ("energy", "mean pixel"))


def test_independent_states_have_converged_chains():
    generator = torch.Generator().manual_seed(0)
    moves = (torch.rand(SHAPE, generator=generator) * 2 - 1 for _ in range(200))
    found = long_run(torch.zeros(SHAPE), moves, 200, bowl, SignReference(), SgldConfig(), 0)
    assert all(row.rhat < 1.01 and 0.7 < row.autocorrelation_time < 1.4 for row in found.features)


def test_chains_that_stand_still_have_no_diagnostics():
    start = torch.rand(SHAPE, generator=torch.Generator().manual_seed(0))
    found = long_run(start, iter([start] * 20), 20, bowl, SignReference(), SgldConfig(), 0)
    assert all(row.rhat is None for row in found.features)


def test_acceptance_is_near_one_for_small_steps_and_zero_for_large_ones():
    generator = torch.Generator().manual_seed(0)
    start = (0.1 * torch.randn(SHAPE, generator=generator)).clamp(-1, 1)

    def accepted(**settings: float) -> float | None:
        config = SgldConfig(**settings)  # type: ignore[arg-type]
        return long_run(start, shifted(start, 0, 8), 8, bowl, SignReference(), config, 0).acceptance

    assert accepted(step_size=1e-5, noise_scale=(2e-5 * 0.01) ** 0.5) > 0.99
    assert accepted(step_size=3.0, noise_scale=0.05) < 0.01
    assert accepted(noise_scale=0.0) is None


def test_features_are_those_of_their_names():
    x = torch.full((2, 1, 4, 4), -1.0)
    x[0, :, 0], x[1, :, :, -1] = 1, 1
    found = features(bowl, x)
    assert found["mean pixel"].tolist() == [-0.5, -0.5]
    assert found["top"][0] > 0 and abs(found["top"][1]) < 1e-6 and found["left"][1] < 0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "temperature 3.1e-05, not 1"),
        ({"noise_scale": 0.0}, "without noise"),
        ({"step_size": 0.5, "noise_scale": 1.0}, "borders"),
        ({"step_size": 0.5, "noise_scale": 1.0, "clip": False}, "not corrected"),
    ],
)
def test_the_density_of_a_sampler_is_defined_for_mala_at_temperature_one_alone(settings, reason):
    assert reason in undefined_reason(SgldConfig(**settings))
    assert undefined_reason(SgldConfig(sampler="mala", step_size=0.5, noise_scale=1.0)) == ""


def test_the_likelihood_is_measured_only_on_request():
    assert chosen_parts("") == DEFAULT_PARTS and "likelihood" not in DEFAULT_PARTS and "chains" in DEFAULT_PARTS
    assert chosen_parts("likelihood,chains") == ("chains", "likelihood")
