"""The classifiers whose logits define the energy: E(x) = −logsumexp_y f(x)[y] (arXiv 1912.03263, eq. 5).

No network has batch normalisation, because E(x) must depend on x alone, not on the other images of the batch (paper, appendix).
It is omitted from the networks of the original project, too.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from jem_tui.config.schema import NetworkConfig
from jem_tui.errors import InputError
from jem_tui.jem.model.own_network import Shape, is_own, make_own_network
from jem_tui.jem.model.wide_resnet import WideResNet

__all__ = ["Shape", "count_parameters", "energy", "make_network"]


def energy(logits: Tensor) -> Tensor:
    """Return E(x) = −logsumexp_y f(x)[y], in nats, from logits of shape (n, classes) to shape (n,)."""
    return -logits.logsumexp(dim=1)


def logits_of_classes(logits: Tensor, classes: Tensor) -> Tensor:
    """Return f(x)[y], shape (n,), from logits (n, classes) and one class y for each image, shape (n,)."""
    return logits.gather(1, classes[:, None]).squeeze(1)


def make_network(config: NetworkConfig, shape: Shape, classes: int) -> nn.Module:
    """Create a network from images (n, *shape) in [−1, 1] to logits (n, classes), with freshly drawn weights.

    Raises InputError if the images are too small, if a plug-in fails, or if arguments are given for a network of this program.
    """
    if is_own(config):
        return make_own_network(config, shape, classes)
    if config.args:
        raise InputError(
            f"The network {config.name} takes no network.args, but {', '.join(config.args)} is set.",
            "Arguments are for a network of your own: --network module:class.",
        )
    makers: dict[str, Callable[[], nn.Module]] = {
        "conv": lambda: conv(shape, classes, config.width),
        "wrn": lambda: WideResNet(shape[0], classes, config.depth, config.widen, config.activation),
        "toy": lambda: toy(shape, classes),
        "simple": lambda: simple(shape, classes),
        "resnet": lambda: resnet(shape, classes),
    }
    return makers[config.name]().to(memory_format=torch.channels_last)


def count_parameters(network: nn.Module) -> int:
    """Return the number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def conv(shape: Shape, classes: int, width: int) -> nn.Module:
    """Create a network for CPUs with a space-to-depth stem, because a convolution over one channel is the slowest layer there is."""
    channels, height, _ = shape
    stem: list[nn.Module] = [SpaceToDepth()] if height % 2 == 0 and shape[2] % 2 == 0 else []
    inputs = channels * 4 if stem else channels
    body = nn.Sequential(
        *stem,
        nn.Conv2d(inputs, width, 3, padding=1),
        nn.SiLU(),
        nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
        nn.SiLU(),
        nn.Conv2d(2 * width, 2 * width, 3, stride=2, padding=1),
        nn.SiLU(),
        nn.Flatten(),
    )
    return with_head(body, shape, nn.SiLU, 4 * width, classes)


class SpaceToDepth(nn.Module):
    """Squares of 2×2 pixels as channels, like `nn.PixelUnshuffle(2)`, in the memory format of the convolution that follows."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, channels, height, width) to (n, 4 channels, height / 2, width / 2), channels last in memory."""
        n, channels, height, width = x.shape
        squares = x.view(n, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
        return squares.reshape(n, height // 2, width // 2, 4 * channels).permute(0, 3, 1, 2)


def toy(shape: Shape, classes: int) -> nn.Module:
    """Create a multi-layer perceptron, the smallest network that learns digits."""
    return with_head(nn.Flatten(), shape, nn.ELU, 128, classes)


def simple(shape: Shape, classes: int) -> nn.Module:
    """Create a network of two 4×4 convolutions and two linear layers with ELU."""
    body = nn.Sequential(
        nn.Conv2d(shape[0], 32, 4), nn.ELU(), nn.Conv2d(32, 64, 4), nn.MaxPool2d(2), nn.Flatten(), nn.ELU()
    )
    return with_head(body, shape, nn.ELU, 128, classes)


def resnet(shape: Shape, classes: int) -> nn.Module:
    """Create a network of a 7×7 stem and four basic blocks at 64 and 128 channels (the first half of a ResNet-18)."""
    return nn.Sequential(
        nn.Conv2d(shape[0], 64, 7, stride=2, padding=3),
        nn.ELU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        BasicBlock(64, 64),
        BasicBlock(64, 64),
        BasicBlock(64, 128, stride=2),
        BasicBlock(128, 128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, classes),
    )


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with a shortcut; the second starts at zero, so that the block starts as the shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        same = inputs == outputs and stride == 1
        self.shortcut: nn.Module = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride=stride)
        self.activation = nn.ELU()

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        branch = self.second(self.activation(self.first(x)))
        result: Tensor = self.activation(branch + self.shortcut(x))
        return result


def with_head(
    body: nn.Module, shape: Shape, activation: Callable[[], nn.Module], hidden: int, classes: int
) -> nn.Sequential:
    """Append two linear layers to `body`, whose output is flat."""
    try:
        with torch.no_grad():
            features = body(torch.zeros(1, *shape)).shape[1]
    except RuntimeError:
        raise InputError(
            f"Images of {shape[2]}×{shape[1]} pixels are too small for this network.",
            "Try -s network.name=toy, or larger images with -s data.size=28.",
        ) from None
    return nn.Sequential(body, nn.Linear(features, hidden), activation(), nn.Linear(hidden, classes))
