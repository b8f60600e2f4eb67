"""Adam with decoupled weight decay and a schedule, and the moving average of the weights that evaluation uses."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.jem.learner.pieces import piece_length, pieces_of
from jem_tui.jem.ranks.ranks import ALONE, Ranks


class Adam(torch.optim.Adam):
    """torch's Adam without the import of torch's compiler, which would take two seconds at the first step.

    Calling a method of a torch optimizer imports the compiler, only to mark the method as not to be compiled. No optimizer is
    compiled here, so the unmarked methods are called instead. With a torch that marks them in another way, the first step
    takes longer and nothing else changes.
    """

    found_inf: Tensor | None = None
    """A scalar on the device of the weights; `step` changes nothing while it is 1."""

    def __init__(self, *args: Any, weight_decay: float = 0.0, clip: float = 0.0, **kwargs: Any) -> None:
        """Create the optimizer; `weight_decay` acts on weights of two and more dimensions, `clip` on the norm of all gradients."""
        for method in vars(torch.optim.Optimizer).values():
            plain = getattr(method, "__wrapped__", None)
            if plain is not None:
                vars(plain).setdefault("__dynamo_disable", plain)
        super().__init__(*args, **kwargs)
        self._decay, self._clip = weight_decay, clip
        self._warned_capturable_if_run_uncaptured = True

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update all weights."""
        if self.found_inf is not None and not self.defaults["fused"]:
            # Kernels that are not fused refuse `found_inf`.
            halted, self.found_inf = bool(self.found_inf), None
            if halted:
                return
        if self._decay:
            self._shrink()
        length = piece_length(self._updated())
        if length and all(weight in self.state for weight in self._updated()):
            self.step_in_pieces(length)
        else:
            inspect.unwrap(torch.optim.Adam.step)(self, closure)

    @torch.no_grad()
    def step_in_pieces(self, length: int) -> None:
        """Update all weights like torch's fused kernel, which is called with pieces of at most `length` numbers.

        Every weight must have its state, which the first step creates.
        """
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            states = [self.state[weight] for weight in weights]
            counts = [state["step"] for state in states]
            torch._foreach_add_(counts, 1)
            rows = [
                (*parts, state["step"])
                for weight, state in zip(weights, states, strict=True)
                for parts in pieces_of(length, weight, weight.grad, state["exp_avg"], state["exp_avg_sq"])
            ]
            update_in_pieces: Callable[..., None] = torch._fused_adam_
            parts, gradients, means, squares, steps = map(list, zip(*rows, strict=True))
            beta1, beta2 = group["betas"]
            update_in_pieces(
                *(parts, gradients, means, squares, [], steps),
                lr=group["lr"],
                beta1=beta1,
                beta2=beta2,
                weight_decay=0.0,
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
                found_inf=self.found_inf,
            )
            if self.found_inf is not None:
                torch._foreach_sub_(counts, [self.found_inf] * len(counts))

    def _updated(self) -> list[Tensor]:
        """Return the weights that have a gradient."""
        return [weight for group in self.param_groups for weight in group["params"] if weight.grad is not None]

    @torch.no_grad()
    def _shrink(self) -> None:
        """Multiply convolutions and matrices by 1 − rate · decay (AdamW, arXiv 1711.05101); they stay while `found_inf` is 1.

        torch's own decay would need a second group of parameters, and a run could not resume with another decay.
        """
        for group in self.param_groups:
            decayed = [p for p in group["params"] if p.ndim > 1 and p.grad is not None]
            amount = group["lr"] * self._decay
            if decayed:
                torch._foreach_mul_(decayed, 1 - (amount if self.found_inf is None else amount * (1 - self.found_inf)))

    def prepare_gradients(self, ranks: Ranks = ALONE) -> Tensor:
        """Average all gradients over the ranks, scale them down to the largest norm, and return their L2 norm before that, a scalar.

        The norm is not finite if any entry of a gradient is not.
        """
        gradients = [weight.grad for weight in self._updated() if weight.grad is not None]
        ranks.average(gradients)
        length = piece_length(gradients)
        norm = torch.nn.utils.get_total_norm([part for each in gradients for (part,) in pieces_of(length, each)])
        if self._clip:
            torch._foreach_mul_(gradients, self._clip / norm.clamp(min=self._clip))
        return norm


def make_optimizer(network: nn.Module, config: OptimizerConfig, device: torch.device) -> Adam:
    """Create Adam over all weights, with the fused kernel on devices that have one."""
    return Adam(
        network.parameters(),
        lr=config.rate,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
        clip=config.clip,
        fused=device.type in ("cuda", "cpu"),
    )


def make_average(network: nn.Module) -> AveragedModel:
    """Create a copy of a network that `update_average` makes the moving average of its weights."""
    average = AveragedModel(network)
    average.n_averaged = average.n_averaged.to(next(network.parameters()).device)
    return average


@torch.no_grad()
def update_average(average: AveragedModel, network: nn.Module, decay: float, keep: Tensor) -> None:
    """Update an exponential moving average of the weights; do nothing where the scalar `keep` is false.

    The decay is at most t / (9 + t) at update t, counted from 0, so that early weights fade quickly. Buffers, as a spectral norm has them,
    are copied and not averaged.
    """
    count = average.n_averaged
    weight = (9 / (9 + count)).clamp(min=1 - decay) * keep
    pairs = list(zip(network.parameters(), average.module.parameters(), strict=True))
    length = piece_length([current for current, _ in pairs])
    rows = [parts for pair in pairs for parts in pieces_of(length, *pair)]
    current, averaged = map(list, zip(*rows, strict=True))
    change = list(torch._foreach_sub(current, averaged))
    torch._foreach_mul_(change, weight)
    torch._foreach_add_(averaged, change)
    for copied, buffer in zip(average.module.buffers(), network.buffers(), strict=True):
        copied.copy_(torch.where(keep, buffer, copied))
    count += keep
