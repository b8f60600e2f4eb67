"""FAB-T (arXiv 1907.02044) and Square (arXiv 1912.00049), the remaining parts of AutoAttack, from the optional package pyautoattack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from jem_tui.jem.evaluation.attacks import BALLS, Attacked, AttackTask, classified, inside

FAB_STEPS = 100
CLASSES = 9
"""Wrong classes that FAB-T aims at."""
QUERIES = 5000
FIRST_SQUARE = 0.8
"""Share of the pixels in the first square; this and the numbers above are those of AutoAttack's standard version."""
NAMES = {"linf": "Linf", "l2": "L2"}


def fab_targeted(task: AttackTask) -> Attacked:
    """Search for the nearest point of other classes with FAB-T. Raises ImportError without pyautoattack."""
    from pyautoattack.fab_pt import FABAttack_PT

    with torch.no_grad():
        classes = task.target.judge(2 * task.pixels[:1] - 1).shape[1]
    goals = {"n_iter": FAB_STEPS, "targeted": True, "n_target_classes": min(CLASSES, classes - 1)}
    return run_library(FABAttack_PT, task, **goals)


def square(task: AttackTask) -> Attacked:
    """Search with random squares, without gradients. Raises ImportError without pyautoattack."""
    from pyautoattack.square import SquareAttack

    budget = {"n_queries": QUERIES, "p_init": FIRST_SQUARE, "resc_schedule": False}
    return run_library(SquareAttack, task, **budget)


def run_library(kind: Callable[..., Any], task: AttackTask, **options: object) -> Attacked:
    """Run an attack of pyautoattack and classify its points again, moved into the ball and into [0, 1] where rounding left them outside.

    The package seeds torch's global generators, whose states are restored.
    """
    target, pixels, labels, norm, epsilon = task.target, task.pixels, task.labels, task.norm, task.epsilon
    device = pixels.device
    seed = int(torch.randint(2**31, (1,), generator=task.generator, device=device))
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        attack = kind(
            lambda p: target.judge(2 * p - 1), norm=NAMES[norm], eps=epsilon, seed=seed, device=device, **options
        )
        points = attack.perturb(pixels.clone(), labels.clone())
    shift = BALLS[norm].project(points.detach() - pixels, epsilon)
    points = (pixels + inside(pixels, shift)).clamp(0, 1)
    return Attacked(pixels=points, survived=classified(target, points, labels))
