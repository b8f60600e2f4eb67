"""Metrics of a user that depend on the rank."""

from __future__ import annotations

import torch.distributed as dist

from jem_tui.jem.learner.training_step import TrainingStep


def number(step: TrainingStep) -> float:
    """Return the number of the rank."""
    return float(dist.get_rank())


def fragile(step: TrainingStep) -> float:
    """Return the number of images, and fail on rank 1 in step 3."""
    if dist.get_rank() == 1 and step.step == 3:
        raise ValueError("no third step here")
    return float(len(step.images))
