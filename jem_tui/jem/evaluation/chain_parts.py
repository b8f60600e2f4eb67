"""The parts `chains` and `likelihood` of an evaluation, from an opened run."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.events.run import ReportProgress
from jem_tui.jem.evaluation.comparison_images import shuffled_rows
from jem_tui.jem.evaluation.likelihood import Likelihood, bits_per_dimension, dequantised, log_partition, settled
from jem_tui.jem.evaluation.long_run import ChainEvaluation, long_run
from jem_tui.jem.evaluation.reference_classifier import load_reference
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.sampling.sgld import NetworkEnergy
from jem_tui.jem.saved_run.generate import moved_chains
from jem_tui.jem.saved_run.load_run import OpenedRun


def measure_chains(run: OpenedRun, request: EvaluationRequest, report: ReportProgress) -> ChainEvaluation:
    """Return diagnostics of chains of the replay buffer that the run's sampler moves for many more steps."""
    steps, start = request.long_steps, some_chains(run, request.long_chains, request.seed)
    reference = load_reference(run.data, run.device, report)
    generator = torch.Generator(run.device).manual_seed(request.seed)
    moves = moved_chains(run, None, start, steps, generator)
    progress = partial(report, f"moving chains of the buffer by {steps:,} steps")
    return long_run(start, moves, steps, NetworkEnergy(run.network), reference, run.config.sgld, request.seed, progress)


def measure_likelihood(
    run: OpenedRun, pixels: Tensor, request: EvaluationRequest, report: ReportProgress
) -> Likelihood:
    """Return bounds on the bits per dimension of uint8 images (n, channels, height, width) under the energy at temperature 1."""
    energy_of, seed, chains = NetworkEnergy(run.network), request.seed, request.ais_chains
    generator = torch.Generator(run.device).manual_seed(seed)
    start = some_chains(run, chains, seed)
    moving, annealing = partial(report, "moving chains at temperature 1"), partial(report, "annealing")
    samples, step_size = settled(energy_of, start, request.ais_settle, generator, moving)
    found = log_partition(energy_of, samples, chains, request.ais_temperatures, step_size, generator, annealing)
    energies = energy(logits_in_chunks(run.network, dequantised(pixels, generator)))
    bounds = [bits_per_dimension(energies, log_z, pixels[0].numel(), seed) for log_z in (found.lower, found.upper)]
    return Likelihood(
        images=len(pixels),
        chains=chains,
        temperatures=request.ais_temperatures,
        step_size=step_size,
        partition=found,
        bits_lower=bounds[0][0],
        bits_lower_interval=bounds[0][1],
        bits_upper=bounds[1][0],
        bits_upper_interval=bounds[1][1],
        of_sampler=undefined_reason(run.config.sgld),
    )


def undefined_reason(config: SgldConfig) -> str:
    """Return the reason why a sampler does not sample exp(−E(x))/Z; an empty text if it does."""
    temperature = config.temperature
    if not temperature:
        return "not defined for this sampler, because without noise it has no density"
    if not 0.99 < temperature < 1.01:
        return f"not defined for this sampler, because it samples at temperature {temperature:.2g}, not 1"
    if config.sampler == "mala":
        return ""
    if config.clip:
        return "not defined for this sampler, because it puts pixels exactly on the borders of [−1, 1]"
    return "not defined for this sampler, because its steps are not corrected"


def some_chains(run: OpenedRun, count: int, seed: int) -> Tensor:
    """Return at most `count` chains of the replay buffer in random order."""
    return shuffled_rows(run.chains, torch.zeros(len(run.chains)), count, seed)[0]
