"""Samplers that replace SGLD: generator functions, built in or of the user, that move the chains of a batch.

A sampler is called once per batch and yields the states of the chains after each of its K steps, so its local variables last
for the K steps: a momentum, an energy that is known already, a count of rejected proposals. A function of one step would have
to keep all that elsewhere. The program stays in charge between two steps: it shows progress, stops a long step on request,
and closes the generator after K states. No variable lasts from one batch to the next, because each batch draws other chains.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.sampling.sgld import Energy, energy_gradient, ignore
from jem_tui.plugins.plugged import PluggedFunction


@dataclass(frozen=True, kw_only=True)
class SamplingTask:
    """The argument of a sampler: the chains of one batch, their energy, and the settings of the sampler."""

    x: Tensor
    """Start states (n, channels, height, width), float32 around [−1, 1]; a copy, which the sampler may overwrite."""
    energy: Energy
    """The function from images (n, channels, height, width) to energies (n,) in nats, differentiable with respect to the images.

    It is E(x), or E(x, y) with the class y of chain i in row i where chains follow classes; the images then must be in the order of `x`.
    """
    steps: int
    """The number K of states that are asked for."""
    step_size: float
    """The setting `sgld.step_size`, with the user's changes during the run."""
    noise_scale: float
    """The setting `sgld.noise_scale`."""
    grad_clamp: float
    """The setting `sgld.grad_clamp`; 0 means no limit."""
    clip: bool
    """The setting `sgld.clip`: true if states must stay inside [−1, 1]."""
    generator: torch.Generator
    """The random stream of the noise, on the device of `x`. Numbers from another source are not repeated when a run is resumed."""
    observe: Callable[[Tensor], object] = field(default=ignore, repr=False)
    """Receives each gradient, for the metric `sgld/gradient`."""
    observe_acceptance: Callable[[Tensor], object] = field(default=ignore, repr=False)
    """Receives the probabilities (n,) with which proposals of a step are accepted, for the metric `sgld/acceptance`."""

    @property
    def temperature(self) -> float:
        """The temperature T = σ²/(2α) at which SGLD with step size α and noise σ samples, in nats, if α is small."""
        return self.noise_scale**2 / (2 * self.step_size)

    def gradient(self, x: Tensor) -> Tensor:
        """Return ∇E(x) in the shape of `x` (n, channels, height, width), in nats per unit of `x`."""
        gradient = energy_gradient(self.energy, x).clone()
        self.observe(gradient)
        return gradient

    def energy_and_gradient(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return E(x) (n,) in nats and ∇E(x) in the shape of `x`, for the cost of the gradient alone."""
        kept: list[Tensor] = []

        def energy(images: Tensor) -> Tensor:
            kept.append(self.energy(images))
            return kept[0]

        gradient = energy_gradient(energy, x).clone()
        self.observe(gradient)
        return kept[0].detach(), gradient

    def normal(self) -> Tensor:
        """Draw standard normal numbers in the shape of the chains."""
        return torch.randn(self.x.shape, generator=self.generator, device=self.x.device)

    def uniform(self) -> Tensor:
        """Draw a number in [0, 1) for each chain, shape (n,)."""
        return torch.rand(len(self.x), generator=self.generator, device=self.x.device)


Sampler = PluggedFunction | Callable[[SamplingTask], Iterator[Tensor]]
"""A sampler of the user, whose states are checked, or a built-in generator function."""


def sampling_task(
    x: Tensor,
    energy: Energy,
    steps: int,
    config: SgldConfig,
    generator: torch.Generator,
    observe: Callable[[Tensor], object] = ignore,
    observe_acceptance: Callable[[Tensor], object] = ignore,
) -> SamplingTask:
    """Return the task of moving chains from `x` (n, channels, height, width), which is copied."""
    return SamplingTask(
        x=x.detach().clone(),
        energy=energy,
        steps=steps,
        step_size=config.step_size,
        noise_scale=config.noise_scale,
        grad_clamp=config.grad_clamp,
        clip=config.clip,
        generator=generator,
        observe=observe,
        observe_acceptance=observe_acceptance,
    )


def states(sampler: Sampler, task: SamplingTask) -> Iterator[Tensor]:
    """Yield the states of the chains after each of the task's K steps, inside [−1, 1] if the settings clip. Raises PluginError."""
    if not isinstance(sampler, PluggedFunction):
        yield from sampler(task)
        return
    with closing(raw_states(sampler, task)) as moves:
        for x in moves:
            yield x.clamp_(-1, 1) if task.clip else x


def raw_states(sampler: PluggedFunction, task: SamplingTask) -> Generator[Tensor, None, None]:
    """Yield a copy of what the sampler yields after each of the task's K steps.

    Raises PluginError if the sampler raises an exception, ends early, or yields anything but states in shape and type of the start.
    """
    shape, device = task.x.shape, task.x.device
    with own_modes(device):
        moves = sampler(task)
    if not isinstance(moves, Iterator):
        raise sampler.error(
            f"returned an object of type {type(moves).__name__}; it must yield the chains after each step"
        )
    try:
        for k in range(task.steps):
            with own_modes(device), sampler.guarded():
                x = next(moves, None)
            if x is None:
                raise sampler.error(f"ended after {k} of {task.steps} steps; it must yield the chains after each step")
            yield checked(sampler, x, shape, device)
    finally:
        with own_modes(device), suppress(Exception):
            if isinstance(moves, Generator):
                moves.close()


def checked(plugin: PluggedFunction, x: object, shape: torch.Size, device: torch.device) -> Tensor:
    """Return a copy of images of a plug-in. Raises PluginError unless they are a float32 tensor of `shape` on `device`."""
    wanted = f"a float32 tensor of shape {tuple(shape)} on {device.type}"
    if not isinstance(x, Tensor):
        raise plugin.error(f"gave an object of type {type(x).__name__} instead of {wanted}")
    if x.shape != shape or x.dtype != torch.float32 or x.device != device:
        kind = str(x.dtype).removeprefix("torch.")
        raise plugin.error(f"gave a {kind} tensor of shape {tuple(x.shape)} on {x.device.type} instead of {wanted}")
    return x.detach().clone()


@contextmanager
def own_modes(device: torch.device) -> Iterator[None]:
    """Run code of the user in the body with gradients on and autocast off, and restore the modes of the thread afterwards.

    A generator that yields inside `torch.no_grad()` would otherwise leave gradients off in the training step.
    """
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device.type, enabled=False):
        yield
