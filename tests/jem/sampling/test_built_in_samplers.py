"""Built-in samplers, compared with densities whose moments are known: normal, uniform on the box, and a mixture of two."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.errors import InputError
from jem_tui.jem.sampling.choose_sampler import choose_sampler
from jem_tui.jem.sampling.reflection import log_normal, log_reflected_normal, reflected
from jem_tui.jem.sampling.sampler import sampling_task, states
from jem_tui.jem.sampling.sgld import Energy, NetworkEnergy, energy_gradient, ignore, sgld_step
from jem_tui.jem.sampling.tempered import exchanged, log_exchange

CHAINS = 10_000
STIFFNESS = torch.tensor([1.0, 4.0]).view(1, 1, 1, 2)
FREE = {"clip": False, "grad_clamp": 0.0}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute on one thread, because tensors this small are slower on several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def bowl(x: Tensor) -> Tensor:
    """Return E(x) = Σ sᵢ xᵢ² / 2, whose density at T has variances T / sᵢ."""
    return (STIFFNESS * x.square()).flatten(1).sum(1) / 2


def flat(x: Tensor) -> Tensor:
    return 0 * x.flatten(1).sum(1)


def two_wells(x: Tensor) -> Tensor:
    """Return the energy of a mixture of N(−1, .15²) with weight .2 and N(1, .15²) with weight .8 in one dimension."""
    wells = torch.stack([-0.5 * ((x - m) / 0.15).square().flatten(1).sum(1) for m in (-1.0, 1.0)])
    return -(wells + torch.tensor([[0.2], [0.8]]).log()).logsumexp(0)


def with_noise(temperature: float, step_size: float) -> dict[str, float]:
    return {"step_size": step_size, "noise_scale": (2 * step_size * temperature) ** 0.5}


def normal(count: int, width: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 1, 1, width, generator=torch.Generator().manual_seed(seed))


def after(
    sampler: str, energy: Energy, x: Tensor, steps: int, seen: Callable[[Tensor], Any] = ignore, **settings: Any
) -> Tensor:
    """Return the chains after `steps` steps from `x`; `seen` receives each step's probabilities of acceptance."""
    config = SgldConfig(sampler=sampler, **settings)
    chosen, generator = choose_sampler(config), torch.Generator().manual_seed(1)
    if chosen is None:
        for _ in range(steps):
            x = sgld_step(energy, x, config, generator)
        return x
    task = sampling_task(x, energy, steps, config, generator, observe_acceptance=seen)
    return deque(states(chosen, task), maxlen=1)[0]


def variances(x: Tensor) -> list[float]:
    return x.square().mean(0).flatten().tolist()


@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_mala_and_underdamped_have_the_variances_of_the_temperature(temperature):
    start = 2 * normal(CHAINS, 2)
    wanted = pytest.approx([temperature, temperature / 4], rel=0.06)
    coarse = with_noise(temperature, 0.2) | FREE
    assert variances(after("mala", bowl, start, 40, **coarse)) == wanted
    # BAOAB has no error in the positions of a quadratic energy at any step size.
    assert variances(after("underdamped", bowl, start, 40, friction=0.5, **coarse)) == wanted


def test_sgld_has_the_known_bias_of_its_step_size():
    found = variances(after("sgld", bowl, normal(CHAINS, 2), 40, **with_noise(1, 0.2), **FREE))
    # x ← (1 − α s) x + σ ε is stationary at σ² / (1 − (1 − α s)²) = (T / s) / (1 − α s / 2).
    assert found == pytest.approx([1 / 0.9, 0.25 / 0.6], rel=0.06)


def test_a_clamped_gradient_biases_sgld_but_not_mala():
    settings = with_noise(1, 0.2) | {"clip": False, "grad_clamp": 0.5}
    assert variances(after("sgld", bowl, normal(CHAINS, 2), 40, **settings))[1] > 0.4
    assert variances(after("mala", bowl, normal(CHAINS, 2), 40, **settings)) == pytest.approx([1, 0.25], rel=0.06)


def test_mala_keeps_the_uniform_density_of_a_flat_energy_and_clipped_sgld_piles_up_at_the_borders():
    start = torch.rand(CHAINS, 1, 1, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x = after("mala", flat, start, 30, **with_noise(1, 0.1))
    counts = torch.histc(x, 10, -1, 1) / x.numel()
    assert counts.tolist() == pytest.approx([0.1] * 10, abs=0.01)
    assert x.abs().max() <= 1
    clamped = torch.histc(after("sgld", flat, start, 30, **with_noise(1, 0.1)), 10, -1, 1) / x.numel()
    assert clamped[0] > 0.18


def test_mala_in_the_box_has_the_moments_of_the_truncated_normal():
    x = after("mala", bowl, normal(CHAINS, 2).clamp(-1, 1), 60, grad_clamp=1.0, **with_noise(1, 0.1))
    grid = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    wanted = [float((grid.square() * w).sum() / w.sum()) for w in ((-s * grid.square() / 2).exp() for s in (1, 4))]
    assert variances(x) == pytest.approx(wanted, rel=0.06)


def test_the_acceptance_of_mala_approaches_one_for_small_steps():
    means = []
    for step_size in (0.3, 0.03, 0.003):
        seen: list[Tensor] = []
        after("mala", bowl, normal(2000, 2), 20, seen.append, **with_noise(1, step_size), **FREE)
        assert len(seen) == 20 and seen[0].shape == (2000,)
        means.append(float(torch.stack(seen).mean()))
    assert means[0] < 0.95 < means[1] < means[2]
    assert means[2] > 0.999


def test_mala_rejects_proposals_without_a_finite_energy():
    def broken(x: Tensor) -> Tensor:
        return torch.where(x.flatten(1).sum(1) > 0, bowl(x) / 0, bowl(x))

    x = after("mala", broken, -normal(500, 2).abs(), 30, **with_noise(1, 0.1), **FREE)
    assert x.isfinite().all() and (x.flatten(1).sum(1) <= 0).all()


def test_an_exchange_leaves_the_product_of_both_densities_invariant():
    cold, hot = normal(CHAINS, 2) / STIFFNESS.sqrt(), 2 * normal(CHAINS, 2, 1) / STIFFNESS.sqrt()
    chance = torch.rand(CHAINS, generator=torch.Generator().manual_seed(2))
    swapped = chance.log() < log_exchange(bowl(cold), bowl(hot), 1.0, 4.0)
    assert 0.2 < swapped.float().mean() < 0.8
    new_cold, new_hot = exchanged(swapped.view(-1, 1, 1, 1), cold, hot)
    assert variances(new_cold) == pytest.approx([1, 0.25], rel=0.06)
    assert variances(new_hot) == pytest.approx([4, 1], rel=0.06)
    joint = (new_cold.square() * new_hot.square()).mean(0).flatten().tolist()
    assert joint == pytest.approx([4, 0.25], rel=0.08)


def test_replica_exchange_finds_the_weights_of_both_wells_and_sgld_does_not():
    start, settings = torch.full((1000, 1, 1, 1), -1.0), with_noise(1, 0.002) | FREE
    seen: list[Tensor] = []
    found = after("tempered", two_wells, start, 500, seen.append, hot_temperature=30.0, **settings)
    assert float((found > 0).float().mean()) == pytest.approx(0.8, abs=0.05)
    assert float(found[found > 0].std()) == pytest.approx(0.15, rel=0.1)
    assert 0.05 < torch.stack(seen).mean() < 0.95
    assert (after("sgld", two_wells, start, 500, **settings) > 0).float().mean() < 0.01


def test_exchanges_that_are_never_accepted_have_an_acceptance_of_zero():
    def steep(x: Tensor) -> Tensor:
        return 1e6 * bowl(x)

    seen: list[Tensor] = []
    after("tempered", steep, torch.zeros(50, 1, 1, 2), 5, seen.append, hot_temperature=1e6, **with_noise(1, 1e-9))
    assert len(seen) == 4 and float(torch.stack(seen).mean()) < 0.1


def test_reflection_folds_the_line_and_its_density_sums_to_one():
    assert reflected(torch.tensor([0.5, 1.25, -1.5, 3.5, -6.75])).tolist() == [0.5, 0.75, -0.5, -0.5, 0.75]
    grid = torch.linspace(-1, 1, 4001, dtype=torch.float64)
    for mean in (-1.0, -0.95, 0.3, 1.0):
        density = log_reflected_normal(grid[:, None], torch.full((4001, 1), mean, dtype=torch.float64), 0.3).exp()
        assert float(torch.trapezoid(density, grid) / (0.3 * (2 * torch.pi) ** 0.5)) == pytest.approx(1, abs=1e-5)
    x, centre = torch.zeros(1, 3), torch.full((1, 3), 0.1)
    assert log_reflected_normal(x, centre, 0.01) == pytest.approx(log_normal(x, centre, 0.01))


@pytest.mark.parametrize("sampler", ["mala", "underdamped", "tempered"])
def test_a_sampler_yields_every_state_in_the_box_without_a_graph(sampler):
    config = SgldConfig(sampler=sampler, noise_scale=0.2)
    start = 3 * normal(8, 4)
    chosen = choose_sampler(config)
    assert chosen is not None
    task = sampling_task(start, flat, 3, config, torch.Generator().manual_seed(0))
    found = list(states(chosen, task))
    assert len(found) == 3 and len({x.data_ptr() for x in found}) == 3
    assert all(x.abs().max() <= 1 and not x.requires_grad for x in found)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sampler": "mala", "noise_scale": 0.0}, r"sgld.sampler=mala needs a temperature"),
        ({"sampler": "tempered", "step_size": 0.0}, r"sgld.sampler=tempered needs a temperature"),
        ({"guidance": 1.0}, "sgld.guidance needs chains with classes"),
        ({"sampler": "mala", "args": {"a": 1}}, "The sampler mala takes no sgld.args, but a is set"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        choose_sampler(SgldConfig(**settings))


@pytest.mark.parametrize("guidance", [0.0, 0.5, 3.0])
def test_guidance_combines_both_energies(guidance):
    weights = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))

    def network(x: Tensor) -> Tensor:
        return x.flatten(1) @ weights

    x, classes = normal(5, 6), torch.tensor([0, 1, 2, 3, 0])
    logits = network(x)
    of_class, of_any = -logits[torch.arange(5), classes], -logits.logsumexp(1)
    guided = NetworkEnergy(network, classes, guidance)
    torch.testing.assert_close(guided(x), (1 + guidance) * of_class - guidance * of_any)
    surprise = torch.nn.functional.cross_entropy(logits, classes, reduction="none")
    torch.testing.assert_close(guided(x), of_class + guidance * surprise)
    torch.testing.assert_close(energy_gradient(guided, x), energy_gradient(lambda images: guided(images), x))
    assert torch.equal(NetworkEnergy(network, None, guidance)(x), of_any)
