"""The learning rate of torch optimizers, changed together with the schedules that compute it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

RATES = ("lr", "initial_lr", "max_lr", "min_lr")
"""Entries of a parameter group: the rate, and the rates from which a schedule computes it."""


def rate_of(optimizer: Any) -> float:
    """Return the learning rate of the first parameter group."""
    return float(optimizer.param_groups[0]["lr"])


def scale_rates(optimizers: Iterable[Any], schedulers: Iterable[Any], factor: float) -> None:
    """Multiply the rate of every parameter group by `factor`, together with the rates from which schedules compute later ones."""
    for group in (group for optimizer in optimizers for group in optimizer.param_groups):
        for name in RATES:
            if name in group:
                group[name] = _scaled(group[name], factor)
    for scheduler in schedulers:
        rates = getattr(scheduler, "base_lrs", None)
        if isinstance(rates, list):
            scheduler.base_lrs = [_scaled(rate, factor) for rate in rates]


def _scaled(rate: Any, factor: float) -> Any:
    """Return a number times `factor`; scale a tensor, which a compiled optimizer refers to, in place."""
    return rate.mul_(factor) if hasattr(rate, "mul_") else rate * factor
