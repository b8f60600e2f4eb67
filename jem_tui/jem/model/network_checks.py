"""Checks of a user's network on one batch before training: what JEM requires of a network, and one sentence for each failure.

JEM needs E(x) of an image to depend on this image alone, ∇ₓE to exist, and a copy of the network for the average of the weights.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from jem_tui.errors import InputError
from jem_tui.jem.model.networks import count_parameters, energy
from jem_tui.message_text import shown
from jem_tui.plugins.user_code import describe_exception

TOLERANCE = 0.01
"""Largest difference of logits that are equal but for rounding, as a share of their largest magnitude."""
SHAKE = 0.05
"""Standard deviation of the noise on weights that separates a network without gradients from one whose last layer starts at zero."""
NORMALISED_WITHIN = 1e-4
"""Largest deviation of normalised outputs from their sum or logsumexp."""
NORMALISED = {
    "log_softmax": ("whose logsumexp is 0", "E(x) = −logsumexp would be 0 everywhere"),
    "softmax": ("that sum to 1", "E(x) would have nearly one value everywhere"),
}
"""Description of the outputs that a function has normalised, and the consequence for E(x)."""
EVAL_MODE = "or return the network in evaluation mode, network.eval(), in which it stays"


@dataclass(frozen=True, kw_only=True)
class CheckedNetwork:
    """A copy of a network with one batch, for checks that change neither the network nor any random stream."""

    name: str
    network: nn.Module
    x: Tensor
    """Images (n, channels, height, width) in [−1, 1], at least two."""
    classes: int

    def logits(self, x: Tensor) -> Tensor:
        """Return what the network makes of images. Raises InputError if it raises."""
        try:
            found: Tensor = self.network(x)
        except (Exception, SystemExit) as error:
            raise InputError(
                f"The network {self.name} fails on images of shape {tuple(x.shape)}: {describe_exception(error)}.",
                "It is given images (n, channels, height, width) in [-1, 1], as float32.",
            ) from error
        return found

    def refusal(self, what: str, hint: str) -> InputError:
        """Return the error whose sentence begins with the network and ends with `what`."""
        return InputError(f"The network {self.name} {what}.", hint)


def check_network(name: str, network: nn.Module, x: Tensor, classes: int) -> None:
    """Check a network on its device with images `x` (n, channels, height, width) in [−1, 1], n ≥ 2.

    Works on a copy and with the random state of its own. Raises InputError with the first failure.
    """
    devices = [x.device] if x.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), redirect_stdout(sys.stderr):
        torch.manual_seed(0)
        copied = copy_of(name, network)
        checked = CheckedNetwork(name=name, network=copied, x=x, classes=classes)
        for check in CHECKS:
            check(checked)


def copy_of(name: str, network: nn.Module) -> nn.Module:
    """Return a deep copy of a network, as the average of the weights needs one. Raises InputError if that fails."""
    try:
        return copy.deepcopy(network)
    except Exception as error:
        raise InputError(
            f"The network {name} cannot be copied, which the average of the weights needs: {describe_exception(error)}.",
            "Keep tensors that are computed from weights out of attributes; for normalised weights use torch.nn.utils.parametrizations.",
        ) from error


def refuse_wrong_logits(checked: CheckedNetwork) -> None:
    """Raise InputError unless the network maps a batch to finite logits (n, classes) in single precision, and leaves it unchanged."""
    given = checked.x.clone()
    with torch.no_grad():
        logits = checked.logits(given)
    hint = f"It must return one float32 tensor of logits, of shape (n, {checked.classes})."
    if not isinstance(logits, Tensor):
        raise checked.refusal(f"returns {kind_of(logits)}, not a tensor", hint)
    if logits.shape != (len(given), checked.classes):
        wanted = (len(given), checked.classes)
        raise checked.refusal(f"returns a tensor of shape {tuple(logits.shape)} instead of {wanted}", hint)
    if logits.dtype != torch.float32:
        raise checked.refusal(f"returns logits of type {str(logits.dtype).removeprefix('torch.')}", hint)
    if not logits.isfinite().all():
        raise checked.refusal(
            f"returns logits that are not finite for {int((~logits.isfinite().all(1)).sum())} of {len(given)} images",
            "Check its initial weights: training starts from them.",
        )
    if not torch.equal(given, checked.x):
        raise checked.refusal(
            "changes its input in place", "Replace operations such as x.mul_() or x += by x * and x +."
        )


def refuse_random_logits(checked: CheckedNetwork) -> None:
    """Raise InputError if two passes over the same images differ, as with dropout."""
    with torch.no_grad():
        difference = relative_difference(checked.logits(checked.x.clone()), checked.logits(checked.x.clone()))
    if difference > TOLERANCE:
        layers = named_layers(checked.network, _DropoutNd)
        raise checked.refusal(
            f"returns different logits for the same images{f', because of {layers}' if layers else ''}",
            f"E(x) must depend on x alone: leave out dropout and noise, {EVAL_MODE}.",
        )


def refuse_coupled_images(checked: CheckedNetwork) -> None:
    """Raise InputError if E(x) of an image changes with the other images of its batch, as with batch normalisation."""
    half = len(checked.x) // 2
    own, others = checked.x[:half], checked.x[half:]
    with torch.no_grad():
        first = checked.logits(torch.cat([own, others]))[:half]
        second = checked.logits(torch.cat([own, torch.rand_like(others) * 2 - 1]))[:half]
    if relative_difference(first, second) > TOLERANCE:
        layers = named_layers(checked.network, _BatchNorm)
        raise checked.refusal(
            f"returns logits of an image that depend on the other images of its batch{f', because of {layers}' if layers else ''}",
            f"E(x) must depend on x alone: use torch.nn.GroupNorm instead of batch normalisation, {EVAL_MODE}.",
        )


def refuse_normalised_logits(checked: CheckedNetwork) -> None:
    """Raise InputError if softmax or log-softmax normalises the outputs, also with noise on the weights, unlike a last layer that starts at zero."""
    if function := normalisation(checked):
        shaken = replace(checked, network=copy.deepcopy(checked.network))
        shake_weights(shaken.network)
        if normalisation(shaken) == function:
            what, effect = NORMALISED[function]
            raise checked.refusal(f"has outputs {what} for every image", f"Return logits, not {function}: {effect}.")


def normalisation(checked: CheckedNetwork) -> str:
    """Return the function that may have normalised the outputs of every image, an empty string if none has."""
    with torch.no_grad():
        outputs = checked.logits(checked.x.clone())
    if (outputs.logsumexp(1).abs() < NORMALISED_WITHIN).all():
        return "log_softmax"
    return "softmax" if (outputs >= 0).all() and ((outputs.sum(1) - 1).abs() < NORMALISED_WITHIN).all() else ""


def refuse_missing_gradients(checked: CheckedNetwork) -> None:
    """Raise InputError unless the weights can be trained and ∇ₓE exists, which moves the chains."""
    if not count_parameters(checked.network):
        raise checked.refusal(
            "has no trainable parameters", "Register its layers as attributes; requires_grad must be true."
        )
    hint = "The chains follow the gradient of E(x): compute the logits from x by differentiable operations, without no_grad and detach."
    gradient = image_gradient(checked)
    if gradient is None:
        raise checked.refusal("returns logits that have no gradient with respect to the images", hint)
    if not gradient.isfinite().all():
        raise checked.refusal(
            "has gradients with respect to the images that are not finite", "Check its initial weights."
        )
    if not gradient.any():
        # A last layer that starts at zero has no gradient only at the start.
        shake_weights(checked.network)
        gradient = image_gradient(checked)
    if gradient is None or not gradient.any():
        raise checked.refusal("returns logits whose gradient with respect to the images is zero", hint)


def image_gradient(checked: CheckedNetwork) -> Tensor | None:
    """Return ∇ₓE in the shape of the images, or None if the logits do not depend on the images by differentiable operations."""
    x = checked.x.clone().requires_grad_(True)
    with torch.enable_grad():
        total = energy(checked.logits(x)).sum()
        if not total.requires_grad:
            return None
        try:
            return torch.autograd.grad(total, x, allow_unused=True)[0]
        except RuntimeError as error:
            raise checked.refusal(
                f"cannot be differentiated: {describe_exception(error)}", "Check its operations on the images."
            ) from error


@torch.no_grad()
def shake_weights(network: nn.Module) -> None:
    """Add noise to all weights."""
    for weight in network.parameters():
        if weight.is_floating_point():
            weight.add_(torch.randn_like(weight), alpha=SHAKE)


def refuse_unsavable_state(checked: CheckedNetwork) -> None:
    """Raise InputError unless checkpoints can hold the state of the network and give it back."""
    state = checked.network.state_dict()
    for key, value in state.items():
        if not isinstance(value, Tensor):
            raise checked.refusal(
                f"has {shown(key)} of {kind_of(value)} in its state_dict",
                "Checkpoints hold tensors: use register_buffer.",
            )
    try:
        checked.network.load_state_dict(state)
    except Exception as error:
        raise checked.refusal(
            f"does not load its own state_dict: {describe_exception(error)}", "Checkpoints need both to match."
        ) from error


CHECKS: tuple[Callable[[CheckedNetwork], None], ...] = (
    refuse_wrong_logits,
    refuse_random_logits,
    refuse_coupled_images,
    refuse_normalised_logits,
    refuse_unsavable_state,
    refuse_missing_gradients,
)
"""Checks in their order: each one relies on those before it."""


def relative_difference(first: Tensor, second: Tensor) -> float:
    """Return the largest difference of two tensors of one shape as a share of their largest magnitude."""
    return float((first - second).abs().max()) / max(float(first.abs().max()), 1e-12)


def named_layers(network: nn.Module, kind: type[nn.Module]) -> str:
    """Return the class and name of the first active layer of a kind, and the number of others; an empty string without any."""
    found = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, kind) and layer.training]
    if not found:
        return ""
    name, layer = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{type(layer).__name__} {name or 'itself'}{more}"


def kind_of(value: object) -> str:
    """Return the type of a value with its article, for a message."""
    return f"a value of type {type(value).__name__}"
