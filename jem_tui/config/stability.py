"""Settings of the section [stability]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jem_tui.config.setting import setting

OnDivergence = Literal["rollback", "stop", "ignore"]
CHECKS_ON_CPU, CHECKS_ON_GPU = 3, 20
"""Health checks from one diagnosis of the sampler to the next. On a GPU, its steps are launched one by one, unlike those of training."""


@dataclass(frozen=True, kw_only=True)
class StabilityConfig:
    """Rules of the watchdog, and the reaction to a divergence."""

    on_divergence: OnDivergence = setting(
        "rollback",
        "reaction to a divergence: rollback (to the last good snapshot, with a lower rate and more SGLD steps), stop, ignore (only skip updates that are not finite)",
    )
    snapshot_every: int = setting(
        200,
        "steps between snapshots in memory and health checks; a snapshot is good if no divergence is found before the next",
        1,
        1_000_000,
    )
    tries: int = setting(3, "rollbacks to one snapshot before the run ends", 0, 100)
    rate_cut: float = setting(0.5, "factor by which each rollback multiplies the learning rate", 0.01, 1)
    steps_factor: float = setting(
        1.5, "factor by which each rollback multiplies K, up to 4 times the configured K", 1, 4
    )
    nrg_limit: float = setting(
        50.0, "the run has diverged if the median of |JEM/nrg| over 10 steps exceeds this value; 0: no check", 0, 1e8
    )
    energy_limit: float = setting(
        1e3, "the run has diverged if |mean energy| of images or of samples exceeds this value; 0: no check", 0, 1e8
    )
    xe_factor: float = setting(
        3.0,
        "the run has diverged if the median of JEM/xe over 20 steps exceeds the median of the 200 steps before by this factor; 0: no check",
        0,
        100,
    )
    xe_floor: float = setting(0.7, "smallest median of JEM/xe (nats) that counts as a divergence", 0, 100)
    accuracy_drop: float = setting(
        0.2, "the run has diverged if the validation accuracy falls this far below its best value; 1: no check", 0, 1
    )
    class_entropy: float = setting(
        0.6,
        "the run has diverged if the entropy of the chains' classes (1: all classes equally frequent) falls below this value after it has reached 0.8; 0: no check",
        0,
        0.8,
    )
    saturation: float = setting(
        0.7,
        "the run has diverged if the excess of saturated pixels, (chains' share − images' share) / (1 − images' share), exceeds this value; 1: no check",
        0,
        1,
    )
    crispness: float = setting(
        0.2,
        "a warning is emitted if the median of (chains' share − images' share) / (1 − images' share) of saturated pixels over 5 health checks exceeds this; 1: no check",
        0,
        1,
    )
    variety: float = setting(
        0.05,
        "the run has diverged if the variance between chains falls below this fraction of the variance between images; 0: no check",
        0,
        1,
    )


def steps_between_diagnoses(snapshot_every: int, device: str) -> int:
    """Return the number of optimizer steps from one diagnosis of the sampler to the next on a type of device, such as "cuda"."""
    return snapshot_every * (CHECKS_ON_CPU if device == "cpu" else CHECKS_ON_GPU)
