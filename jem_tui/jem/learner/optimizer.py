"""Adam with a schedule, and the moving average of the weights that evaluation uses."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from jem_tui.config.schema import OptimizerConfig


class Adam(torch.optim.Adam):
    """torch's own, without the import of its compiler, which would take two seconds at the first step.

    torch marks its optimizers' methods as not to be compiled, or breaks the compiled graph around them, as they are called.
    Nothing here compiles an optimizer, so the plain methods are called; a torch that marks them in another way only starts
    more slowly.
    """

    found_inf: Tensor | None = None
    """A scalar on the device of the weights: where it is 1, `step` changes nothing; where it is 0, it does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for method in vars(torch.optim.Optimizer).values():
            plain = getattr(method, "__wrapped__", None)
            if plain is not None:
                vars(plain).setdefault("__dynamo_disable", plain)
        super().__init__(*args, **kwargs)
        self._warned_capturable_if_run_uncaptured = True

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of all weights."""
        inspect.unwrap(torch.optim.Adam.step)(self, closure)


def make_optimizer(network: nn.Module, config: OptimizerConfig, device: torch.device) -> Adam:
    """Adam over all weights, in one fused kernel where the device has it."""
    fused = device.type in ("cuda", "cpu")
    return Adam(network.parameters(), lr=config.rate, betas=(config.beta1, config.beta2), fused=fused)


def rate_at(step: int, horizon: int, config: OptimizerConfig) -> float:
    """The learning rate of optimizer step `step` (counted from 0) of `horizon`: linear warm-up, then decay towards zero."""
    warm = min(1.0, (step + 1) / config.warmup) if config.warmup else 1.0
    left = max(0.0, 1 - step / max(1, horizon))
    decay = {"none": 1.0, "linear": left, "cosine": 0.5 * (1 - math.cos(math.pi * left))}[config.decay]
    return config.rate * warm * decay


def make_average(network: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of the weights that follows quickly while the run is young: decay ≤ (1 + t) / (10 + t)."""

    @torch.no_grad()
    def follow(averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int) -> None:
        young = (1 + int(count)) / (10 + int(count))
        torch._foreach_lerp_(list(averaged), list(current), 1 - min(decay, young))

    return AveragedModel(network, multi_avg_fn=follow)


@torch.no_grad()
def follow_on_device(average: AveragedModel, network: nn.Module, decay: float, keep: Tensor) -> None:
    """Update the average as `average.update_parameters` does, with a count on the device; not where the scalar `keep` is false."""
    count = average.n_averaged
    young = (1 + count) / (10 + count)
    weight = (1 - young.clamp(max=decay)).masked_fill(count == 0, 1.0) * keep
    averaged: list[Tensor] = list(average.module.parameters())
    current: list[Tensor] = list(network.parameters())
    change = list(torch._foreach_sub(current, averaged))
    torch._foreach_mul_(change, weight)
    torch._foreach_add_(averaged, change)
    count += keep
