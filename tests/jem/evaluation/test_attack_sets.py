"""The minimum over a set of attacks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.attack_sets import NETWORK, REFINED, Attack, attacks_in
from jem_tui.jem.evaluation.attacks import AttackTask, Norm, Target, classified, pgd
from jem_tui.jem.evaluation.request import AttackSet
from jem_tui.jem.evaluation.robustness import NO_ATTACK, SMALLER, Robustness, Strengths, robustness
from tests.jem.evaluation.test_auto_pgd import EPSILONS, curved_problem

ORDERS = {"linf": torch.inf, "l2": 2}
SEARCHES = {attack.name: attack for chosen in NETWORK.values() for attack in chosen}.values()
CONFIG = SgldConfig(step_size=0.01, noise_scale=0.005)


def generator(seed: int = 0) -> torch.Generator:
    """Return a generator with that seed."""
    return torch.Generator().manual_seed(seed)


def short(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> Attack:
    """Return an attack whose parts of pyautoattack take few queries; skip it where the package is missing."""
    if attack.name in ("FAB-T", "Square"):
        pytest.importorskip("pyautoattack")
        monkeypatch.setattr("jem_tui.jem.evaluation.library_attacks.QUERIES", 30)
        monkeypatch.setattr("jem_tui.jem.evaluation.library_attacks.FAB_STEPS", 5)
    return attack


def measured(
    network: nn.Module,
    pixels: Tensor,
    labels: Tensor,
    attacks: AttackSet = "standard",
    refine: tuple[int, ...] = (0,),
    epsilons: dict[Norm, tuple[float, ...]] | None = None,
) -> list[Robustness]:
    """Measure the robustness of a network on images in [0, 1]."""
    strengths = Strengths(epsilons=epsilons or {"linf": (0.0, 0.01, 0.02), "l2": (0.05, 0.1)}, refine=refine)
    uint8 = (255 * pixels).round().to(torch.uint8)
    return list(robustness(network, CONFIG, uint8, labels, strengths, 0, attacks=attacks))


@pytest.mark.parametrize("attack", SEARCHES, ids=lambda attack: attack.name)
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_every_attack_stays_in_the_ball_and_in_the_cube(attack, norm, monkeypatch):
    network, pixels, _ = curved_problem(12)
    network, pixels = network.float(), pixels.round().float()
    labels, epsilon = network(2 * pixels - 1).argmax(1), EPSILONS[norm]
    target = Target(judge=network, draws=attack.draws)
    found = short(attack, monkeypatch).search(AttackTask(target, pixels, labels, norm, epsilon, generator()))
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= 1
    assert (found.pixels - pixels).flatten(1).norm(p=ORDERS[norm], dim=1).max() <= epsilon + 1e-5
    assert torch.equal(classified(target, found.pixels, labels), found.survived)


@pytest.mark.parametrize("attack", SEARCHES, ids=lambda attack: attack.name)
def test_at_radius_zero_every_attack_finds_the_clean_accuracy(attack, monkeypatch):
    network, pixels, labels = curved_problem(12)
    network, pixels = network.float(), pixels.float()
    labels[:3] = (labels[:3] + 1) % 5
    found = short(attack, monkeypatch).search(
        AttackTask(Target(judge=network), pixels, labels, "linf", 0.0, generator())
    )
    assert found.survived.tolist() == [False] * 3 + [True] * 9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["linf", "l2"]), st.integers(1, 6))
def test_restarts_never_increase_robust_accuracy(seed, norm, steps):
    network, pixels, labels = curved_problem(20)
    target, epsilon = Target(judge=network), EPSILONS[norm]
    once, thrice = (
        pgd(AttackTask(target, pixels, labels, norm, epsilon, generator(seed)), steps, starts) for starts in (1, 3)
    )
    assert not (thrice.survived & ~once.survived).any()


def test_the_accuracy_is_the_minimum_and_every_image_is_counted_once():
    network, pixels, labels = curved_problem(24)
    network, labels = network.float(), labels.clone()
    labels[:5] = (labels[:5] + 1) % 5
    found = measured(network, pixels, labels)
    alone = {a.name: measured_alone(network, pixels, labels, a) for a in attacks_in("standard", 0)}
    for case in found:
        broken = sum(case.by_attack.values())
        assert case.accuracy == pytest.approx(1 - broken / case.images)
        assert case.by_attack[NO_ATTACK] >= 5
        assert case.accuracy_interval[0] <= case.accuracy <= case.accuracy_interval[1]
        if case.epsilon == 0.02:
            assert all(case.accuracy <= one for one in alone.values())
    assert found[0].attack_names() == []
    assert found[2].attack_names() == list(alone)
    assert found[2].by_attack[SMALLER] == sum(found[1].by_attack[name] for name in alone)


def measured_alone(network: nn.Module, pixels: Tensor, labels: Tensor, attack: Attack) -> float:
    """Return the accuracy under one attack at L∞ 0.02."""
    rounded = (255 * pixels).round().float() / 255
    survived = classified(Target(judge=network), rounded, labels)
    rows = survived.nonzero().squeeze(1)
    found = attack.search(AttackTask(Target(judge=network), rounded[rows], labels[rows], "linf", 0.02, generator()))
    return float(found.survived.sum()) / len(pixels)


def test_a_network_whose_cross_entropy_vanishes_is_broken_all_the_same():
    network, pixels, labels = curved_problem(24)
    network = network.float()
    plain = measured(network, pixels, labels, epsilons={"linf": (0.02,)})
    sure = measured(lambda x: 1e4 * network(x), pixels, labels, epsilons={"linf": (0.02,)})
    assert [c.accuracy for c in sure] == pytest.approx([c.accuracy for c in plain], abs=2 / len(pixels))


def test_one_start_of_pgd_is_fooled_where_the_set_breaks_the_images():
    """A ripple of high frequency hides the gradient of the network; refinement with it shall not look robust."""
    network, pixels, labels = curved_problem()
    network, pixels = network.float(), (255 * pixels).round().float() / 255

    def hidden(x: torch.Tensor) -> torch.Tensor:
        ripple = (3e-4 * torch.sin(3e5 * x)).flatten(1)
        return network(x) + ripple.sum(1, keepdim=True) * torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0])

    labels = hidden(2 * pixels - 1).argmax(1)
    one = pgd(AttackTask(Target(judge=hidden), pixels, labels, "linf", 0.02, generator()))
    over = [
        a.search(AttackTask(Target(judge=hidden, surrogate=network), pixels, labels, "linf", 0.02, generator()))
        for a in REFINED["standard"]
        if a.route == "transfer"
    ]
    assert one.survived.float().mean() - over[0].survived.float().mean() > 0.2
