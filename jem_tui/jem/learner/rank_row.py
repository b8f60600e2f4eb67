"""The numbers that each rank sends to all others with the metrics of every step, so that all decide from equal numbers."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields

import torch
from torch import Tensor

from jem_tui.jem.ranks.ranks import ALONE, Ranks

CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True)
class RankNumbers:
    """The state of one rank before a step, in single precision."""

    period: float = 0.0
    """Number of the period in which steps and seconds are counted; all ranks begin a period at the same step."""
    steps: float = 0.0
    """Optimizer steps taken in this period."""
    seconds: float = 0.0
    """Seconds that the steps of this period took."""
    waited: float = 0.0
    """Seconds in the steps of this period in which the rank waited for others."""
    pace: float = 0.0
    """Seconds of a step in the last reading of a device, pauses included; 0 before the first."""
    memory: float = 0.0
    """Bytes in use, of the GPU or of the process."""
    memory_total: float = 0.0
    """Bytes of the GPU or of the machine."""
    events: float = 0.0
    """Checksum of the kinds of all events so far, below 2²⁴, so that single precision holds it exactly."""
    energy: float = 0.0
    """Mean E(x) of the rank's images in the step itself, in nats."""


SENT = len(fields(RankNumbers)) - 1
"""Numbers of a rank that are known before a step: all but the energy."""


class RankRow:
    """Sends the numbers of this rank with the metrics of a step, and keeps those of all ranks.

    Both are tensors at fixed addresses on the device, which a CUDA graph reads and writes. A run of one process sends nothing.
    """

    def __init__(self, ranks: Ranks = ALONE, device: torch.device = CPU) -> None:
        self._ranks = ranks
        self._own = torch.zeros(SENT, device=device)
        self._rows = torch.zeros(ranks.size, SENT + 1, device=device)
        self.pace = 0.0
        """Seconds of a step in the last reading on this rank."""
        self.latest: tuple[RankNumbers, ...] = ()
        """The numbers of all ranks in the last step that was read, in the order of the ranks; empty before the first."""

    @property
    def alone(self) -> bool:
        """True in a run of one process, which exchanges nothing."""
        return self._ranks.alone

    def fill(self, numbers: RankNumbers) -> None:
        """Set what the following steps send."""
        self._own.copy_(torch.tensor(astuple(numbers)[:SENT]))

    @torch.no_grad()
    def means(self, values: Tensor, energy: int) -> Tensor:
        """Return the means of `values` (n,), of which one is the mean E(x), over all ranks, and exchange the numbers of the ranks."""
        rows = self._ranks.gather(torch.cat([values.detach(), self._own]))
        self._rows.copy_(torch.cat([rows[:, len(values) :], rows[:, energy, None]], dim=1))
        return rows[:, : len(values)].mean(0)

    def read(self, steps: int = 1) -> None:
        """Read the numbers of all ranks from the device, which has finished `steps` steps since the last reading."""
        if not self.alone:
            self._ranks.waiting.read(steps)
            self.latest = tuple(RankNumbers(**named(row)) for row in self._rows.tolist())

    def agreed_seconds(self, own: float) -> float:
        """Return the seconds of a step on which all ranks agree: `own` in a run of one process, infinity while they are unknown.

        Those of several ranks are the means of what each has sent, which is its own value of an earlier reading.
        """
        if self.alone:
            return own
        self.pace = own
        each = [row.pace for row in self.latest]
        return sum(each) / len(each) if each and min(each) > 0 else math.inf


def named(row: list[float]) -> dict[str, float]:
    """Return the numbers of a rank by the names of their fields."""
    return {field.name: value for field, value in zip(fields(RankNumbers), row, strict=True)}
