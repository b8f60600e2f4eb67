"""Failures of samplers and initial distributions of the user, before the first step of a run and during the run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.events.run import Event
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.sampling.own_initial_distribution import ROUNDING
from jem_tui.jem.sampling.sampler import raw_states, sampling_task
from jem_tui.plugins.plugged import PluggedFunction, PluginError
from jem_tui.plugins.user_code import user_line

Result = TypeVar("Result")


@contextmanager
def refusing() -> Iterator[None]:
    """Raise an InputError for a failure of user code in the body, which runs before the first step."""
    try:
        yield
    except PluginError as error:
        raise InputError(
            error.message, "Repair the function, or leave out the setting that names it.", error.details
        ) from error


def check_sampler(learner: Learner) -> None:
    """Run the sampler of the user, if there is one, on copies of a batch of chains, as many steps as in the first batch of the run.

    Raises PluginError. Neither the chains nor the random streams of the run change.
    """
    config, sampler = learner.config, learner.sampler
    steps = learner.sgld_steps(config.train.pretrain_epochs * learner.batches.steps_per_epoch)
    if not isinstance(sampler, PluggedFunction) or not steps:
        return
    x = learner.chain_pool.buffer.x[: learner.chains_per_step]
    classes = learner.chain_pool.buffer.label[: len(x)] if config.sgld.conditional else None
    energy_of = learner.energy_of(classes)
    generator = torch.Generator(x.device).manual_seed(config.train.seed)
    with torch.random.fork_rng(devices=[]):
        for k, state in enumerate(raw_states(sampler, sampling_task(x, energy_of, steps, config.sgld, generator)), 1):
            fault = unusable_pixels(state, config.sgld.clip)
            if fault:
                raise sampler.error(f"gave {fault} after step {k} of {steps}")


def unusable_pixels(x: Tensor, clip: bool) -> str:
    """Return in words what is wrong with the pixels of chains, an empty string if nothing is; with `clip` they must be in [−1, 1]."""
    low, high = map(float, x.aminmax())
    if not x.isfinite().all():
        return "pixels that are not finite numbers"
    if clip and max(-low, high) > 1 + ROUNDING:
        return f"pixels from {low:.3g} to {high:.3g}, beyond the [-1, 1] of sgld.clip=true,"
    return ""


def saving_on_failure(
    work: Generator[Event, None, Result], save: Callable[[], Iterable[Event]], *, alone: bool
) -> Generator[Event, None, Result]:
    """Yield the events of `work` and return its result; save before a failure of user code ends the run.

    A step or restart that fails has changed neither weights nor chains, so what is saved is the last complete step. A rank that is not
    `alone` cannot save, because the other ranks may not have failed.
    """
    try:
        return (yield from work)
    except (Exception, SystemExit) as error:
        if alone and (isinstance(error, PluginError) or user_line(error)):
            yield from save()
        if isinstance(error, PluginError):
            error.hint = "Repair the function, and continue with --resume."
        raise
