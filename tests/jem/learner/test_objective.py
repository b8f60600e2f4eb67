"""The loss: its signs, its identity, and its gradient against finite differences."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.jem.learner.objective import BatchSizes, jem_loss
from jem_tui.jem.model.networks import energy, toy

PLAIN = ObjectiveConfig(energy_loss="difference", energy_l2=0, hinge=0)


def random_logits(n: int, m: int) -> tuple[torch.Tensor, torch.Tensor]:
    noise = torch.Generator().manual_seed(1)
    return torch.randn(n + m, 4, generator=noise, dtype=torch.float64), torch.randint(0, 4, (n,), generator=noise)


def test_parts_are_the_formulas_of_the_paper():
    logits, labels = random_logits(6, 5)
    terms = jem_loss(logits, labels, PLAIN, BatchSizes(samples=len(logits) - len(labels)))
    e = -torch.logsumexp(logits, 1)
    torch.testing.assert_close(terms.nrg, e[:6].mean() - e[6:].mean())
    torch.testing.assert_close(terms.xe, F.cross_entropy(logits[:6], labels))
    torch.testing.assert_close(terms.total, terms.xe + terms.nrg)
    torch.testing.assert_close(terms.loss, terms.total)


def test_descending_the_loss_lowers_the_energy_of_images_and_raises_that_of_samples():
    logits, labels = random_logits(3, 3)
    logits.requires_grad_(True)
    terms = jem_loss(logits, labels, PLAIN, BatchSizes(samples=len(logits) - len(labels)))
    (gradient,) = torch.autograd.grad(terms.nrg, logits)
    e = energy(logits - 0.1 * gradient) - energy(logits)
    assert (e[:3] < 0).all()
    assert (e[3:] > 0).all()


@pytest.mark.parametrize("config", [PLAIN, replace(PLAIN, energy_l2=0.1)])
def test_gradient_with_respect_to_the_weights_agrees_with_finite_differences(config):
    torch.manual_seed(0)
    network = toy((1, 3, 3), 3).double()
    x = torch.rand(7, 1, 3, 3, dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 1])
    weight = network[1].weight

    def loss() -> torch.Tensor:
        return jem_loss(network(x), labels, config, BatchSizes(samples=3)).loss

    (gradient,) = torch.autograd.grad(loss(), weight)
    epsilon = 1e-6
    for row, column in [(0, 0), (5, 3), (100, 8)]:
        with torch.no_grad():
            weight[row, column] += epsilon
            above = loss()
            weight[row, column] -= 2 * epsilon
            below = loss()
            weight[row, column] += epsilon
        assert float(gradient[row, column]) == pytest.approx(float((above - below) / (2 * epsilon)), rel=1e-5, abs=1e-9)


def test_samples_beyond_the_hinge_have_no_gradient():
    logits, labels = random_logits(4, 3)
    logits[4:] = torch.tensor([[0.0] * 4, [-3.0] * 4, [-50.0] * 4])
    logits.requires_grad_(True)
    terms = jem_loss(logits, labels, replace(PLAIN, energy_l2=0.1, hinge=10), BatchSizes(samples=3))
    (gradient,) = torch.autograd.grad(terms.loss, logits)
    torch.testing.assert_close(
        terms.energy_above_data, energy(logits.detach())[4:] - energy(logits.detach())[:4].mean()
    )
    assert (gradient[6] == 0).all()
    assert (gradient[4:6] != 0).all()
    e = energy(logits)
    torch.testing.assert_close(terms.nrg, e[:4].mean() - e[4:].mean())


def test_without_samples_the_loss_is_that_of_a_classifier():
    logits, labels = random_logits(4, 0)
    terms = jem_loss(logits, labels, ObjectiveConfig(energy_l2=1, hinge=10), BatchSizes())
    assert float(terms.nrg) == 0
    torch.testing.assert_close(terms.loss, F.cross_entropy(logits, labels))


def test_with_augmentation_energies_are_of_plain_images():
    logits, labels = random_logits(4, 9)
    terms = jem_loss(logits, labels, PLAIN, BatchSizes(plain=4, samples=5))
    e = energy(logits)
    torch.testing.assert_close(terms.xe, F.cross_entropy(logits[:4], labels))
    torch.testing.assert_close(terms.energy_data, e[4:8])
    torch.testing.assert_close(terms.energy_samples, e[8:])
    torch.testing.assert_close(terms.nrg, e[4:8].mean() - e[8:].mean())


def test_explorers_enter_the_loss_but_not_the_metrics():
    logits, labels = random_logits(4, 6)
    terms = jem_loss(logits, labels, PLAIN, BatchSizes(samples=4, explorers=2))
    e = energy(logits)
    torch.testing.assert_close(terms.nrg, e[:4].mean() - e[4:8].mean())
    torch.testing.assert_close(terms.energy_explorers, e[8:])
    torch.testing.assert_close(terms.loss, terms.xe + e[:4].mean() - e[4:].mean())
    assert terms.energy_above_data.shape == (6,)


def test_adversarial_images_add_their_cross_entropy_and_nothing_to_the_curves():
    logits, labels = random_logits(4, 7)
    without = jem_loss(logits[:9], labels, PLAIN, BatchSizes(samples=5))
    terms = jem_loss(logits, labels, PLAIN, BatchSizes(samples=5, adversarial=2))
    torch.testing.assert_close(terms.xe_adversarial, F.cross_entropy(logits[9:], labels[:2]))
    torch.testing.assert_close(terms.loss, without.loss + terms.xe_adversarial / 2)
    torch.testing.assert_close(terms.total, without.total)


def test_label_smoothing_shapes_the_loss_and_enters_no_metric():
    logits, labels = random_logits(6, 5)
    sizes = BatchSizes(samples=5)
    plain = jem_loss(logits, labels, PLAIN, sizes)
    smooth = jem_loss(logits, labels, replace(PLAIN, label_smoothing=0.2), sizes)
    assert {name: float(value) for name, value in smooth.metrics.items()} == {
        name: float(value) for name, value in plain.metrics.items()
    }
    uniform = -logits[:6].log_softmax(1).mean()
    torch.testing.assert_close(smooth.loss, 0.8 * plain.xe + 0.2 * uniform + plain.nrg)
