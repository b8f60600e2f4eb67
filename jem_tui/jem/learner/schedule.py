"""The schedule of a run as a function of its progress, and the steps after which the run ends."""

from __future__ import annotations

import math

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.config.schema import TrainConfig

MOST_EPOCHS = 1_000_000
"""Number of epochs that stands for infinity in a run without a limit on its epochs, for the growth of K."""


def steps_of_run(config: TrainConfig, steps_per_epoch: int) -> float:
    """Return the optimizer steps of all epochs, or `max_steps` if that is fewer; infinity if neither limits the run."""
    epochs = config.pretrain_epochs + config.epochs if config.epochs else math.inf
    return min(config.max_steps or math.inf, epochs * steps_per_epoch)


def rate_at(step: int, progress: float, config: OptimizerConfig) -> float:
    """Return the learning rate of optimizer step `step` (counted from 0), before which the share `progress` of the run is done.

    The rate rises linearly over the steps of the warm-up, and decays towards zero at the end of the run, where `progress` is 1.
    """
    warm = min(1.0, (step + 1) / config.warmup) if config.warmup else 1.0
    left = max(0.0, 1 - progress)
    match config.decay:
        case "none":
            decay = 1.0
        case "linear":
            decay = left
        case "cosine":
            decay = 0.5 * (1 - math.cos(math.pi * left))
        case "cooldown":
            decay = remaining(progress, config.cooldown)
    return config.rate * warm * decay


def remaining(progress: float, cooldown: float) -> float:
    """Return a factor that is 1 until the last share `cooldown` of the run, over which it falls linearly to 0 at `progress` 1."""
    return min(1.0, max(0.0, 1 - progress) / cooldown)


def energy_weight_at(progress: float, config: ObjectiveConfig, cooldown: float) -> float:
    """Return the weight of the energy term at `progress`, the share of the run that is done; it falls over the last share `cooldown`."""
    end = config.energy_weight_end
    return config.energy_weight * (end + (1 - end) * remaining(progress, cooldown))
