"""Named sets of attacks. An evaluation reports their minimum: an image counts as robust only if no attack of the set breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from jem_tui.jem.evaluation.attack_losses import Loss, log_odds, logit_ratio
from jem_tui.jem.evaluation.attacks import Attacked, AttackTask, pgd
from jem_tui.jem.evaluation.auto_pgd import STEPS, auto_pgd, toward_other_classes
from jem_tui.jem.evaluation.library_attacks import fab_targeted, square
from jem_tui.jem.evaluation.refinement import Route
from jem_tui.jem.evaluation.request import AttackSet

NOISE_DRAWS = 5


class AttackSearch(Protocol):
    """A search for misclassified points within ε of images in [0, 1]."""

    def __call__(self, task: AttackTask) -> Attacked:
        """Attack the images of a task."""
        ...


@dataclass(frozen=True, kw_only=True)
class Attack:
    """A named search with the route of its gradients."""

    name: str
    search: AttackSearch
    route: Route = "through"
    draws: int = 1
    """Calls over whose noise a gradient is averaged."""


def climbing(task: AttackTask, steps: int = STEPS, loss: Loss = log_odds) -> Attacked:
    """Run untargeted Auto-PGD from one random start."""
    return auto_pgd(task.target, task.pixels, task.labels, task.norm, task.epsilon, task.starts(), steps, loss)


PGD_40 = Attack(name="PGD-40×2", search=partial(pgd, steps=40, starts=2))
PGD_100 = Attack(name="PGD-100×5", search=partial(pgd, steps=100, starts=5))
APGD_CE = Attack(name="APGD-CE", search=climbing)
APGD_50 = Attack(name="APGD-CE-50", search=partial(climbing, steps=50))
APGD_DLR = Attack(name="APGD-DLR", search=partial(climbing, loss=logit_ratio))
APGD_T3 = Attack(name="APGD-T (3 classes)", search=partial(toward_other_classes, classes=3))
APGD_T = Attack(name="APGD-T", search=partial(toward_other_classes, classes=9))

NETWORK: Mapping[AttackSet, tuple[Attack, ...]] = {
    "quick": (APGD_50,),
    "standard": (APGD_CE, PGD_40, APGD_T3),
    "strong": (
        APGD_CE,
        APGD_T,
        PGD_100,
        Attack(name="FAB-T", search=fab_targeted),
        Attack(name="Square", search=square),
    ),
}
"""Attacks on a network alone, in the order in which they run; each attacks the images that no earlier one has broken."""

TRANSFER = replace(APGD_CE, name="APGD-CE transfer", route="transfer")
TRANSFER_50 = replace(APGD_50, name="APGD-CE-50 transfer", route="transfer")

REFINED: Mapping[AttackSet, tuple[Attack, ...]] = {
    "quick": (
        TRANSFER_50,
        Attack(name="APGD-CE-20", search=partial(climbing, steps=20)),
    ),
    "standard": (
        TRANSFER,
        replace(APGD_50, name="APGD-CE-50 BPDA", route="bpda"),
        APGD_50,
    ),
    "strong": (
        TRANSFER,
        replace(APGD_T, name="APGD-T transfer", route="transfer"),
        replace(APGD_CE, name="APGD-CE BPDA", route="bpda"),
        APGD_CE,
        replace(APGD_DLR, name=f"APGD-DLR EOT-{NOISE_DRAWS}", draws=NOISE_DRAWS),
        PGD_100,
    ),
}
"""Attacks on SGLD refinement followed by the network, cheap ones first."""


def attacks_in(attacks: AttackSet, refine: int) -> tuple[Attack, ...]:
    """Return the attacks of a set on a network behind `refine` SGLD steps."""
    return (REFINED if refine else NETWORK)[attacks]
