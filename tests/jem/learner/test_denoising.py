"""The denoising term: its formula, its minimum, its gradient, and its place in a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.events.run import StepDone
from jem_tui.jem.learner.denoising import NoisyImages, check_twice_differentiable, denoising_loss, noisy_images
from jem_tui.jem.model.networks import make_network
from tests.jem.runs import run, small_config
from tests.jem.stepping.steps import batch_of, learner_of


class Well(nn.Module):
    """One class whose energy is ½ c ‖x − centre‖²."""

    def __init__(self, curvature: float, centre: Tensor) -> None:
        super().__init__()
        self.curvature = nn.Parameter(torch.tensor(curvature))
        self.centre = centre

    def forward(self, x: Tensor) -> Tensor:
        return -0.5 * self.curvature * (x - self.centre).square().flatten(1).sum(1, keepdim=True)


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_noise_has_the_size_that_is_drawn_for_each_image():
    noisy = noisy_images(torch.zeros(400, 1, 16, 16), 0.3, noise())
    assert noisy.sigma.shape == (400, 1, 1, 1)
    assert 0 <= float(noisy.sigma.min()) < 0.01 and 0.29 < float(noisy.sigma.max()) <= 0.3
    torch.testing.assert_close(noisy.noise.flatten(1).std(1), noisy.sigma.flatten(), rtol=0.3, atol=1e-6)
    torch.testing.assert_close(noisy.x, noisy.noise)


def test_the_term_is_the_formula():
    centre = torch.rand(1, 3, 3, generator=noise(1))
    noisy = noisy_images(centre.expand(5, 1, 3, 3), 0.3, noise())
    found = denoising_loss(Well(2.0, centre), noisy, step_size=0.4)
    residual = (0.4 * 2.0 - 0.1) * noisy.noise
    each = residual.square().flatten(1).sum(1) / (0.05 + noisy.sigma.flatten()) ** 2
    torch.testing.assert_close(found, each.mean())


def test_the_term_vanishes_where_one_step_of_sgld_removes_a_tenth_of_the_noise():
    centre = torch.rand(1, 3, 3, generator=noise(1))
    noisy = noisy_images(centre.expand(5, 1, 3, 3), 0.3, noise())
    well = Well(0.1 / 0.4, centre)
    term = denoising_loss(well, noisy, step_size=0.4)
    (gradient,) = torch.autograd.grad(term, well.curvature)
    assert term.item() == pytest.approx(0, abs=1e-9)
    assert float(gradient) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["conv", pytest.param("wrn", marks=pytest.mark.slow), "toy"])
def test_the_gradient_agrees_with_finite_differences(name):
    torch.manual_seed(0)
    config = make_config("fast", None, ["network.width=4", "network.widen=1", f"network.name={name}"]).network
    network = make_network(config, (1, 12, 12), 3).double()
    noisy = noisy_images(torch.rand(3, 1, 12, 12, generator=noise()).double(), 0.3, noise())
    noisy = NoisyImages(x=noisy.x, noise=noisy.noise.double(), sigma=noisy.sigma.double())
    weights = list(network.parameters())
    gradients = torch.autograd.grad(denoising_loss(network, noisy, 0.4), weights, allow_unused=True)
    direction = [torch.randn(w.shape, generator=noise(2), dtype=torch.float64) for w in weights]
    along = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True) if g is not None)
    values = []
    for sign in (1, -2):
        with torch.no_grad():
            for weight, towards in zip(weights, direction, strict=True):
                weight.add_(towards, alpha=sign * 1e-7)
        values.append(denoising_loss(network, noisy, 0.4).item())
    assert along == pytest.approx((values[0] - values[1]) / 2e-7, rel=1e-3, abs=1e-6)


class OnceDifferentiable(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.square()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return 2 * gradient * ctx.saved_tensors[0]


class Once(nn.Module):
    """A network whose gradients cannot be differentiated."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(shape[0] * shape[1] * shape[2], classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(OnceDifferentiable.apply(x.flatten(1)))


def test_a_network_without_second_derivatives_is_refused():
    network, x = Once((1, 4, 4), 3), torch.rand(2, 1, 4, 4)
    with pytest.raises(InputError, match="second derivatives, which the network my:Once does not have"):
        check_twice_differentiable("my:Once", network, network, x)


def losses(folder: Path, *words: str) -> list[dict[str, float]]:
    return [event.metrics for event in run(small_config(*words, max_steps=12), folder) if isinstance(event, StepDone)]


@pytest.mark.parametrize(
    "words",
    [(), pytest.param(("train.precision=bfloat16",), marks=pytest.mark.slow), ("data.translate=1", "network.name=toy")],
)
def test_a_run_logs_the_term_and_adds_it_to_the_loss(tmp_path, words):
    steps = losses(tmp_path / "with", "objective.denoising=1", "objective.denoising_share=1", *words)
    assert all(0 < metrics["JEM/denoising"] < 100 for metrics in steps)
    without = losses(tmp_path / "without", *words)
    assert [m["optimizer/gradient"] for m in steps] != [m["optimizer/gradient"] for m in without]


def test_the_term_belongs_to_steps_with_chains(tmp_path):
    learner = learner_of(tmp_path, "objective.denoising=0.02", "buffer.explorers=0")
    batch, x = batch_of(learner), learner.buffer.x[: learner.chains_per_step]
    assert batch.noisy is not None and len(batch.noisy.x) == 4
    with_chains, without = (learner.loss_terms(batch, each, None) for each in (x, None))
    assert with_chains.denoising is not None
    assert "JEM/denoising" not in without.metrics
    torch.testing.assert_close(without.loss, without.xe)


def test_without_weight_no_random_number_is_drawn_for_it(tmp_path):
    off = losses(tmp_path / "off", "objective.denoising_share=1", "objective.denoising_noise=2")
    assert off == losses(tmp_path / "default")
    assert not any("JEM/denoising" in metrics for metrics in off)
