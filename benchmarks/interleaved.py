"""Timing of several calls in one process, interleaved over rounds, so that load from elsewhere affects every call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import torch

WARM_UP = 2
"""Rounds that do not count."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A median with the smallest and the largest value around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(median=median(values), low=min(values), high=max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} … {self.high:.2f})"


def clock() -> Callable[[], float]:
    """Return a clock: processor seconds where one thread does all the work, else wall seconds after the GPU has finished."""
    if torch.cuda.is_available():
        return _wall
    return time.process_time if torch.get_num_threads() == 1 else time.perf_counter


def _wall() -> float:
    torch.cuda.synchronize()
    return time.perf_counter()


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of every case in every round."""
    now = clock()
    times: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(WARM_UP + rounds):
        for name, run in cases.items():
            began = now()
            run()
            if number >= WARM_UP:
                times[name].append(now() - began)
    return times


def ratios(times: Mapping[str, list[float]], of: str, over: str) -> Spread:
    """Return the spread over the rounds of one case's time over that of another."""
    return Spread.of([a / b for a, b in zip(times[of], times[over], strict=True)])
