"""Auto-PGD against the reference implementation, and the losses that it climbs."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from jem_tui.jem.evaluation.attack_losses import log_odds, logit_ratio, targeted_ratio
from jem_tui.jem.evaluation.attacks import BALLS, Target, probe
from jem_tui.jem.evaluation.auto_pgd import auto_pgd

EPSILONS = {"linf": 0.02, "l2": 0.1}
NAMES = {"linf": "Linf", "l2": "L2"}
LOSSES = {"ce": log_odds, "dlr": logit_ratio}


def curved_problem(n: int = 60) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Return a smooth random network of five classes, images in [0, 1] and the classes that it assigns."""
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 5)).double().requires_grad_(False)
    for weights in network.parameters():
        weights.copy_(torch.randn(weights.shape, generator=generator) * 0.4)
    pixels = torch.rand(n, 1, 8, 8, generator=generator).double()
    return network, pixels, network(2 * pixels - 1).argmax(1)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("loss", ["ce", "dlr"])
def test_auto_pgd_agrees_with_the_reference_implementation(norm, loss):
    library = pytest.importorskip("pyautoattack.autopgd_base")
    network, pixels, labels = curved_problem()
    epsilon = EPSILONS[norm]
    start = epsilon * BALLS[norm].start(pixels, torch.Generator().manual_seed(1)).double()
    ours = auto_pgd(Target(judge=network), pixels, labels, norm, epsilon, start, 50, LOSSES[loss])
    reference = library.APGDAttack(lambda p: network(2 * p - 1), 50, NAMES[norm], eps=epsilon, loss=loss, device="cpu")
    reference.init_hyperparam(pixels)
    _, theirs, _, _ = reference.attack_single_run(pixels, labels, (pixels + start).clamp(0, 1))
    assert 0.15 < ours.survived.double().mean() < 0.9
    assert (ours.survived == theirs.bool()).double().mean() >= 0.98


def test_log_odds_climb_as_the_cross_entropy_does():
    network, pixels, labels = curved_problem()
    found = probe(Target(judge=network), pixels, labels, labels, log_odds)
    plain = probe(
        Target(judge=network), pixels, labels, labels, lambda z, y, aims: F.cross_entropy(z, y, reduction="none")
    )
    assert torch.equal(found.loss.argsort(), plain.loss.argsort())
    torch.testing.assert_close(BALLS["l2"].climb(found.gradient), BALLS["l2"].climb(plain.gradient))


def test_logit_ratios_are_those_of_the_paper():
    logits = torch.tensor([[4.0, 1.0, 3.0, 0.0, -5.0], [1.0, 2.0, 0.0, 5.0, 4.0]])
    labels, aims = torch.tensor([0, 0]), torch.tensor([1, 4])
    torch.testing.assert_close(logit_ratio(logits, labels, labels), torch.tensor([-1 / 3, 4 / 3]))
    torch.testing.assert_close(targeted_ratio(logits, labels, aims), torch.tensor([-3 / 3.5, 3 / 3.5]))
    torch.testing.assert_close(targeted_ratio(9 * logits, labels, aims), targeted_ratio(logits, labels, aims))


@pytest.mark.parametrize("classes", [2, 3])
def test_logit_ratios_of_few_classes_are_differences(classes):
    logits = torch.tensor([[3.0, 1.0, -1.0]])[:, :classes]
    label, aim = torch.tensor([0]), torch.tensor([1])
    assert targeted_ratio(logits, label, aim).item() == -2
    assert logit_ratio(logits, label, label).item() == pytest.approx(-2 if classes == 2 else -0.5)


def test_gradients_are_averaged_over_the_draws_of_the_noise():
    generator = torch.Generator().manual_seed(0)

    def noisy(x: torch.Tensor) -> torch.Tensor:
        value = x.flatten(1).sum(1) * torch.randn(len(x), generator=generator).double()
        return torch.stack([value, -value], 1)

    pixels, labels = torch.full((200, 1, 2, 2), 0.6).double(), torch.zeros(200, dtype=torch.long)
    spread = [
        probe(Target(judge=noisy, draws=draws), pixels, labels, labels, logit_ratio).gradient.std() for draws in (1, 16)
    ]
    assert spread[1] == pytest.approx(spread[0] / 4, rel=0.25)


def test_targets_of_transfer_are_judged_by_the_pipeline():
    network, pixels, labels = curved_problem()
    found = partial(probe, pixels=pixels, labels=labels, aims=labels, loss=log_odds)
    alone, judged = found(Target(judge=network)), found(Target(judge=lambda x: -network(x), surrogate=network))
    torch.testing.assert_close(judged.gradient, alone.gradient)
    assert alone.correct.all()
    assert not judged.correct.any()
