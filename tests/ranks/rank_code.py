"""Code of a user that shows what each rank does, holds the run, gives every rank known chains, or fails on one rank."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

RANK, SIZE = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
LAST_GOOD_STEP = 21
"""A step after which no health check calls the network, so that its next pass with a graph for its weights alone is that of the loss."""


def weight_digest(step: Any) -> None:
    """Append the digest of the weights before each update to a file of this rank, in the folder that DIGESTS names."""
    digest = hashlib.sha256()
    for name, weight in sorted(step.weights.items()):
        digest.update(name.encode() + weight.contiguous().numpy().tobytes())
    with (Path(os.environ["DIGESTS"]) / f"rank{RANK}.txt").open("a") as file:
        file.write(f"{step.step} {digest.hexdigest()}\n")
    FailingNetwork.due = FailingNetwork.due or step.step == LAST_GOOD_STEP


def gate(step: Any) -> None:
    """Hold the run at step 5 until the file `open` exists in the folder that GATE names."""
    deadline = time.monotonic() + 60
    while step.step == 5 and not (Path(os.environ["GATE"]) / "open").exists():
        assert time.monotonic() < deadline, "the gate was not opened"
        time.sleep(0.02)


def numbered_chains(task: Any) -> Iterator[Tensor]:
    """Yield chains whose pixels depend on their position in the batch of all ranks alone, each brighter than the one before."""
    share = len(task.x)
    numbers = torch.arange(RANK * share, (RANK + 1) * share) / (SIZE * share)
    for step in range(task.steps):
        yield (1.8 * numbers - 0.9).view(-1, 1, 1, 1) + 0.01 * step + torch.zeros_like(task.x)


class FailingNetwork(nn.Module):
    """A linear classifier that gives NaN once, on rank 1, in the pass of the loss after `weight_digest` has seen LAST_GOOD_STEP."""

    due: ClassVar[bool] = False
    """True from LAST_GOOD_STEP on."""
    failed: ClassVar[bool] = False
    """True once a copy of the network in this process has given NaN."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, height, width) to (n, classes)."""
        logits: Tensor = self.layers(x)
        of_loss = torch.is_grad_enabled() and not x.requires_grad
        if RANK == 1 and of_loss and FailingNetwork.due and not FailingNetwork.failed:
            FailingNetwork.failed = True
            return logits * torch.nan
        return logits
