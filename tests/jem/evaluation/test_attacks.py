from __future__ import annotations

import pytest
import torch

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.attacks import BALLS, AttackTask, Target, pgd
from jem_tui.jem.evaluation.refinement import refine, refined
from jem_tui.jem.evaluation.robustness import COLOUR, GRAY, Strengths, customary, robustness
from jem_tui.jem.evaluation.scores import Logits
from jem_tui.plugins.kinds import SAMPLER
from tests.jem.own_code import plugged

SIZE = 64


def linear(weights: torch.Tensor, bias: torch.Tensor) -> Logits:
    """Return a classifier of two classes by the sign of w · p + b for pixels p in [0, 1], with input x = 2p − 1."""

    def pipeline(x: torch.Tensor) -> torch.Tensor:
        value = (x.flatten(1) + 1) / 2 @ weights + bias
        return torch.stack([value, -value], 1)

    return pipeline


def problem(seed: int = 0) -> tuple[Logits, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a linear classifier, its weights, images far from the edges of [0, 1], their classes, and w · p + b."""
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(SIZE, generator=generator)
    pixels = 0.5 + 0.1 * (torch.rand(400, 1, 8, 8, generator=generator) - 0.5)
    bias = -pixels.flatten(1).mean(0) @ weights
    value = pixels.flatten(1) @ weights + bias
    return linear(weights, bias), weights, pixels, (value < 0).long(), value


@pytest.mark.parametrize(("norm", "dual", "epsilon", "short"), [("linf", 1, 0.002, 1e-3), ("l2", 2, 0.02, 0.05)])
def test_against_a_linear_classifier_the_attack_is_optimal(norm, dual, epsilon, short):
    pipeline, weights, pixels, labels, value = problem()
    found = pgd(AttackTask(Target(judge=pipeline), pixels, labels, norm, epsilon, torch.Generator().manual_seed(0)))
    reach = epsilon * weights.norm(p=dual)
    assert 0.2 < found.survived.float().mean() < 0.8
    assert found.survived[value.abs() > (1 + 1e-3) * reach].all()
    assert not found.survived[value.abs() < (1 - short) * reach].any()


@pytest.mark.parametrize(("norm", "order"), [("linf", torch.inf), ("l2", 2)])
def test_attacked_pixels_stay_in_the_ball_and_in_the_cube(norm, order):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.rand(50, 3, 6, 6, generator=generator).round()
    weights = torch.randn(108, 4, generator=generator)
    labels = (pixels.flatten(1) @ weights).argmax(1)
    for steps in (1, 7):
        target = Target(judge=lambda x: (x.flatten(1) + 1) / 2 @ weights)
        found = pgd(AttackTask(target, pixels, labels, norm, 0.3, generator), steps)
        assert found.pixels.min() >= 0
        assert found.pixels.max() <= 1
        length = (found.pixels - pixels).flatten(1).norm(p=order, dim=1)
        assert length.max() <= 0.3 + 1e-5
        assert length[found.survived].min() > 0
        predicted = (found.pixels.flatten(1) @ weights).argmax(1)
        assert torch.equal(predicted == labels, found.survived)


def test_starts_fill_the_ball():
    like = torch.zeros(4000, 1, 2, 1)
    generator = torch.Generator().manual_seed(0)
    lengths = BALLS["l2"].start(like, generator).flatten(1).norm(dim=1)
    assert lengths.square().mean() == pytest.approx(0.5, abs=0.02)
    values = BALLS["linf"].start(like, generator)
    assert values.abs().max() <= 1
    assert values.square().mean() == pytest.approx(1 / 3, abs=0.02)


def test_certainty_hides_nothing_from_the_attacker():
    pipeline, _, pixels, labels, _ = problem()
    sure, plain = (
        pgd(AttackTask(Target(judge=judge), pixels, labels, "linf", 0.002, torch.Generator().manual_seed(0))).survived
        for judge in (lambda x: 1e4 * pipeline(x), pipeline)
    )
    assert torch.equal(sure, plain)


def bowl(x: torch.Tensor) -> torch.Tensor:
    """Return logits whose log p(x) is −|x − ¼|², with the gradient −2 (x − ¼)."""
    return (-(x - 0.25).square().flatten(1).sum(1))[:, None]


def test_refinement_is_the_samplers_step_and_can_be_differentiated():
    config = SgldConfig(step_size=0.1, noise_scale=0.0, grad_clamp=0.0, clip=True)
    x = torch.full((2, 1, 2, 2), -0.75)
    generator = torch.Generator().manual_seed(0)
    moved = refine(bowl, x, config, generator)
    assert torch.allclose(moved, x - 0.2 * (x - 0.25))
    assert not moved.requires_grad
    x.requires_grad_(True)
    pipeline = refined(bowl, config, 3, generator)
    (gradient,) = torch.autograd.grad(pipeline(x).sum(), x)
    left = 0.8**3
    assert torch.allclose(gradient, -2 * left * left * (x.detach() - 0.25))


def test_refinement_cuts_as_the_sampler_does_without_hiding_the_way_back():
    config = SgldConfig(step_size=10.0, noise_scale=0.0, grad_clamp=1.0, clip=True)
    x = torch.full((1, 1, 2, 2), 0.9, requires_grad=True)
    moved = refine(lambda x: 5 * x.flatten(1).sum(1)[:, None], x, config, torch.Generator())
    assert torch.equal(moved.detach(), torch.ones(1, 1, 2, 2))
    (gradient,) = torch.autograd.grad(moved.sum(), x)
    assert torch.equal(gradient, torch.ones(1, 1, 2, 2))


def test_refinement_by_a_sampler_of_the_user_has_the_derivative_of_the_identity():
    def halving(task):
        for _ in range(task.steps):
            task.x.mul_(0.5)
            yield task.x

    x = torch.full((2, 1, 2, 2), 0.8, requires_grad=True)
    sampler = plugged(SAMPLER, halving)
    pipeline = refined(lambda x: x.flatten(1).square(), SgldConfig(), 2, torch.Generator(), sampler)
    logits = pipeline(x)
    torch.testing.assert_close(logits, torch.full((2, 4), 0.2**2))
    (gradient,) = torch.autograd.grad(logits.sum(), x)
    torch.testing.assert_close(gradient, torch.full((2, 1, 2, 2), 2 * 0.2))


def test_no_refinement_is_the_network_itself():
    assert refined(bowl, SgldConfig(), 0, torch.Generator()) is bowl


def test_the_curve_falls_with_epsilon_and_the_noise_comes_from_the_seed():
    pipeline, _, pixels, labels, _ = problem()
    strengths = Strengths(epsilons={"linf": (0.0, 0.01, 0.05), "l2": (0.05, 0.3)}, refine=(0, 1))
    pixels, labels = pixels[:120], labels[:120]
    uint8 = (255 * pixels).round().to(torch.uint8)
    correct = (pipeline(2 * uint8.float() / 255 - 1).argmax(1) == labels).float().mean()
    fractions: list[float] = []
    config = SgldConfig(step_size=0.001, noise_scale=0.01)
    first, second = (
        list(robustness(pipeline, config, uint8, labels, strengths, 5, fractions.append)) for _ in range(2)
    )
    assert first == second
    assert [(c.refine, c.norm, c.epsilon) for c in first] == strengths.cases()
    assert first[0].accuracy == pytest.approx(float(correct))
    for curve in (first[:3], first[3:5], first[5:8], first[8:]):
        accuracies = [case.accuracy for case in curve]
        assert accuracies == sorted(accuracies, reverse=True)
        assert accuracies[0] > accuracies[-1]
    assert fractions[:20] == sorted(fractions[:20])


def test_colour_images_are_attacked_with_what_is_customary_for_them():
    assert customary(1).epsilons is GRAY
    assert customary(3).epsilons is COLOUR
