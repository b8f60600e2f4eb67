"""Long runs of a sampler from the replay buffer: changes of class, confidence and energy, and convergence diagnostics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.intervals import Interval, binomial_interval, mean_interval
from jem_tui.jem.evaluation.reference_classifier import Reference
from jem_tui.jem.sampling.chain_diagnostics import ess_bulk, rhat
from jem_tui.jem.sampling.mala import mala
from jem_tui.jem.sampling.sampler import sampling_task
from jem_tui.jem.sampling.sgld import Energy

DRAWS = 200
"""Largest number of states per chain, evenly spaced over the run, from which diagnostics are computed."""


@dataclass(frozen=True, kw_only=True)
class FeatureDiagnostics:
    """Convergence diagnostics of one scalar feature of the states."""

    name: str
    """`energy`, `mean pixel`, `top` or `left`; `top` and `left` are means of pixels with weights from 1 at the named side to −1 at the opposite side."""
    rhat: float | None
    """Rank-normalised split R-hat; above 1.01, chains have not converged to one distribution. None for chains that do not move."""
    ess_bulk: float | None
    """Bulk effective sample size: the number of independent states that estimate a mean as precisely as the recorded states do."""
    autocorrelation_time: float | None
    """Steps of the sampler per independent state: `steps between records · recorded states / ess_bulk`."""


@dataclass(frozen=True, kw_only=True)
class ChainEvaluation:
    """Chains of the replay buffer after many more steps of the run's sampler."""

    sampler: str
    chains: int
    steps: int
    temperature: float | None
    """σ²/(2α) in nats; None without a step size."""
    acceptance: float | None
    """Mean acceptance probability of one MALA step from the buffer with the run's α and σ; None without a temperature above 0."""
    features: tuple[FeatureDiagnostics, ...]
    confidence_before: float
    """Mean max p(y|x) of the reference classifier on the chains of the buffer."""
    confidence_before_interval: Interval
    confidence_after: float
    confidence_after_interval: Interval
    same_class: float
    """Share of chains whose most probable class by the reference is the same before and after."""
    same_class_interval: Interval
    energy_drift: float
    """Mean of E after − E before, in nats."""
    energy_drift_interval: Interval


def long_run(
    start: Tensor,
    moves: Iterator[Tensor],
    steps: int,
    energy: Energy,
    reference: Reference,
    config: SgldConfig,
    seed: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> ChainEvaluation:
    """Measure chains from `start` (n, channels, height, width) over `steps` steps; `moves` yields the states after each step."""
    every, recorded, x = max(1, steps // DRAWS), [], start
    for number, x in enumerate(moves, start=1):
        if number % every == 0:
            recorded.append(features(energy, x))
        progress(number / steps)
    (before, old), (after, new) = (reference.features_and_probabilities(one)[1].max(1) for one in (start, x))
    same, drift = int((old == new).sum()), features(energy, x)["energy"] - features(energy, start)["energy"]
    return ChainEvaluation(
        sampler=config.sampler,
        chains=len(start),
        steps=steps,
        temperature=config.temperature,
        acceptance=acceptance(start, energy, config, seed),
        features=tuple(diagnosed(name, [one[name] for one in recorded], every) for name in recorded[0]),
        confidence_before=float(before.mean()),
        confidence_before_interval=mean_interval(before, seed),
        confidence_after=float(after.mean()),
        confidence_after_interval=mean_interval(after, seed),
        same_class=same / len(start),
        same_class_interval=binomial_interval(same, len(start)),
        energy_drift=float(drift.mean()),
        energy_drift_interval=mean_interval(drift, seed),
    )


@torch.no_grad()
def features(energy: Energy, x: Tensor) -> Mapping[str, Tensor]:
    """Return the numbers (n,) by name of states (n, channels, height, width), float64 on the CPU."""
    height, width = x.shape[-2:]
    rows = torch.linspace(1, -1, height, device=x.device).view(-1, 1)
    columns = torch.linspace(1, -1, width, device=x.device)
    found = {
        "energy": energy(x),
        "mean pixel": x.mean((1, 2, 3)),
        "top": (x * rows).mean((1, 2, 3)),
        "left": (x * columns).mean((1, 2, 3)),
    }
    return {name: values.double().cpu() for name, values in found.items()}


def diagnosed(name: str, draws: list[Tensor], every: int) -> FeatureDiagnostics:
    """Return the diagnostics of one feature from its values (n,) at states that are `every` steps apart."""
    values = torch.stack(draws, 1)
    effective = ess_bulk(values)
    time = every * values.numel() / effective
    return FeatureDiagnostics(
        name=name, rhat=finite(rhat(values)), ess_bulk=finite(effective), autocorrelation_time=finite(time)
    )


def finite(value: float) -> float | None:
    """Return a value, or None if it is not finite, which JSON cannot express."""
    return value if math.isfinite(value) else None


def acceptance(x: Tensor, energy: Energy, config: SgldConfig, seed: int) -> float | None:
    """Return the mean probability that MALA with the settings' step size and noise accepts its first step from `x`; None without a temperature."""
    if not config.temperature:
        return None
    seen: list[Tensor] = []
    generator = torch.Generator(x.device).manual_seed(seed)
    next(mala(sampling_task(x, energy, 1, config, generator, observe_acceptance=seen.append)))
    return float(seen[0].mean())
