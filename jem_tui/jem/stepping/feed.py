"""The feed: what the host sets before a step and reads after it, as tensors at fixed addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from jem_tui.events.run import MINUTES
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.step_metrics import device_metric_names
from jem_tui.jem.sampling.sgld import SgldScalars
from jem_tui.jem.stability.check_metrics import metrics_at_check
from jem_tui.jem.stability.watchdog import ENERGIES, LOSS_LIMIT

RATE, ENERGY_WEIGHT = "optimizer/rate", "JEM/energy_weight"
"""Tags of the metrics that the host computes before a step."""
MOST_AHEAD = 256
"""Largest number of steps that the device takes before the host reads their values."""


@dataclass(kw_only=True)
class Feed:
    """Inputs that the host sets before some steps, and outputs of the steps."""

    order: Tensor
    """Rows of the training images in the order of the epoch, shape (images,)."""
    position: Tensor
    """Position in `order` at which the next batch begins, shape (1,)."""
    rates: Tensor
    """Learning rate of each coming step, shape (MOST_AHEAD,)."""
    rate: Tensor
    """The learning rate of the step, a scalar."""
    energy_weights: Tensor
    """Weight of the energy term in each coming step, shape (MOST_AHEAD,)."""
    energy_weight: Tensor | None
    """The weight of the energy term in the step, a scalar; None in a run where it is always 1."""
    sgld: SgldScalars
    """The settings of SGLD that can change from step to step."""
    row: Tensor
    """Number of the next step, counted from 0, shape (1,)."""
    halted: Tensor
    """A scalar: 1 if the values of a step must not reach the weights; the step then changes nothing."""
    held: Tensor
    """A scalar: 1 during a warm-up, in which every step is halted."""
    numbers: Tensor
    """Loss and metrics of each step, shape (MOST_AHEAD, 1 + metrics), with room for all metrics that a step can have."""
    slots: Tensor
    """Slots of the batch's chains in each step, shape (MOST_AHEAD, chains)."""
    side: torch.cuda.Stream | None
    """A second stream on CUDA for work that is independent of the chains."""
    filled: Tensor | None = None
    """The order of the epoch that `order` is a copy of."""
    limits: dict[tuple[str, ...], Tensor] = field(default_factory=dict)
    """Largest usable magnitudes of the loss and of the metrics, shape (1 + metrics,), by the names of the metrics."""

    @classmethod
    def of(cls, learner: Learner) -> Feed:
        """Create a feed of zeros for the steps of a learner."""
        device = learner.buffer.x.device
        number, index = partial(torch.zeros, device=device), partial(torch.zeros, dtype=torch.int64, device=device)
        return cls(
            order=index(len(learner.batches.labels)),
            position=index(1),
            rates=number(MOST_AHEAD),
            rate=number(()),
            energy_weights=number(MOST_AHEAD),
            energy_weight=number(()) if learner.weighs_energy else None,
            sgld=SgldScalars.on(device),
            row=index(1),
            halted=number(()),
            held=number(()),
            numbers=number((MOST_AHEAD, 1 + len(device_metric_names(learner.config.objective)))),
            slots=index((MOST_AHEAD, learner.chains_per_step)),
            side=torch.cuda.Stream() if device.type == "cuda" else None,  # type: ignore[no-untyped-call]
        )

    def limits_of(self, names: tuple[str, ...], energy_limit: float) -> Tensor:
        """Return the limits of the loss and of the metrics `names` in a run with one `energy_limit`, 0 for none."""
        if names not in self.limits:
            largest = torch.finfo(torch.float32).max
            limits = [energy_limit or largest if name in ENERGIES else largest for name in names]
            self.limits[names] = torch.tensor([LOSS_LIMIT, *limits], device=self.rate.device)
        return self.limits[names]

    def fill(self, learner: Learner, begin: int, most: int) -> list[dict[str, float]]:
        """Set the inputs of up to `most` steps from step `begin` on, within one epoch; return the metrics of each step that are known before it, by tag."""
        order, position, left = learner.batches.upcoming()
        count = min(most, MOST_AHEAD, left, learner.run_time.most_steps(begin))
        if order is not self.filled:
            self.order[: len(order)].copy_(order)
            self.filled = order
        self.position.fill_(position)
        self.row.zero_()
        self.sgld.fill(learner.sgld)
        rows = [(learner.rate(step), learner.energy_weight(step)) for step in range(begin, begin + count)]
        rates, weights = torch.tensor(rows).unbind(1)
        self.rates[:count].copy_(rates)
        self.energy_weights[:count].copy_(weights)
        learner.batches.skip(count)
        given = {RATE: rates.tolist()}
        if learner.run_time.limited:
            given[MINUTES] = [learner.run_time.before(step) / 60 for step in range(begin, begin + count)]
        if self.energy_weight is not None:
            given[ENERGY_WEIGHT] = weights.tolist()
        found = [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]
        found[0] |= metrics_at_check(learner, begin)
        return found

    def advance(self) -> None:
        """Set what the step with the number in `row` takes from the inputs of the coming steps."""
        self.rate.copy_(self.rates.index_select(0, self.row).squeeze(0))
        if self.energy_weight is not None:
            self.energy_weight.copy_(self.energy_weights.index_select(0, self.row).squeeze(0))
