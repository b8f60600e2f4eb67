"""The median rule: a run is stopped early if it is worse than the median of the others at the same step.

Golovin et al., Google Vizier, KDD 2017, section 3.2.2, with the best values so far on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

FEWEST_OTHERS = 3
"""Minimum number of other runs that have reached the step."""
FEWEST_VALUES = 2
"""Minimum number of values of a run before it can be stopped."""

Curve = Mapping[int, float]
"""Values of a metric by optimizer step."""


def higher_is_better(metric: str) -> bool:
    """Return whether high values of a metric are good; errors, losses and energies are good if they are low."""
    return any(word in metric for word in ("accuracy", "auroc"))


def best_until(curve: Curve, step: int, *, high: bool) -> float | None:
    """Return the best finite value up to a step; None if the curve has not reached the step, or has no finite value."""
    known = [value for at, value in curve.items() if at <= step and abs(value) < float("inf")]
    if not known or max(curve) < step:
        return None
    return max(known) if high else min(known)


def falls_behind(curve: Curve, others: Sequence[Curve], *, high: bool) -> bool:
    """Return whether the best value of a run is worse than the median of the best values of the others at its newest step."""
    if len(curve) < FEWEST_VALUES:
        return False
    step = max(curve)
    own = best_until(curve, step, high=high)
    bests = [best for other in others if (best := best_until(other, step, high=high)) is not None]
    if len(bests) < FEWEST_OTHERS:
        return False
    if own is None:
        return True
    return own < median(bests) if high else own > median(bests)
