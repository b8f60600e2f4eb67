"""Wide residual networks (arXiv 1605.07146) without normalisation, as the paper of JEM uses them (arXiv 1912.03263, appendix).

Without batch normalisation the variance of the residual stream is controlled by the initialisation, as in Fixup (arXiv
1901.09321, section 3): the last convolution of every branch starts at zero, the first one is scaled by L^(−1/2) for L
branches, and all others start as in He et al. (arXiv 1502.01852). Every convolution has a bias, which replaces the bias of the
normalisation.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from jem_tui.config.schema import ActivationName
from jem_tui.errors import InputError

STEM = 16
SLOPE = 0.2
"""Slope of the leaky ReLU, as in the paper's code."""
BLOCKS_PER_DEPTH = 6
"""Convolutions for one block in each of three groups."""


class WideResNet(nn.Module):
    """WRN-`depth`-`widen`: a 3×3 stem, three groups of blocks at 16, 32 and 64 × `widen` channels, and a linear head."""

    def __init__(self, channels: int, classes: int, depth: int, widen: int, activation: ActivationName) -> None:
        """Raise InputError unless `depth` is 6 n + 4."""
        super().__init__()
        if depth < 10 or depth % BLOCKS_PER_DEPTH != 4:
            raise InputError(
                f"A wide residual network cannot be {depth} layers deep.", "network.depth is 10, 16, 22, 28, 34 or 40."
            )
        blocks = (depth - 4) // BLOCKS_PER_DEPTH
        self.stem = nn.Conv2d(channels, STEM, 3, padding=1)
        self.blocks = nn.Sequential(*_blocks(blocks, widen, activation))
        self.activation = make_activation(activation)
        self.head = nn.Linear(4 * STEM * widen, classes)
        _initialise(self.stem, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (n, channels, height, width) of at least 8×8 pixels to logits (n, classes)."""
        features = self.activation(self.blocks(self.stem(x)))
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits


class WideBlock(nn.Module):
    """Two pairs of activation and 3×3 convolution with a shortcut; initially the block is its shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int, activation: ActivationName, scale: float) -> None:
        """Create a block; `scale` multiplies the initial weights of the first convolution."""
        super().__init__()
        self.activation = make_activation(activation)
        self.first = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        same = inputs == outputs and stride == 1
        self.shortcut: nn.Module = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride=stride)
        _initialise(self.first, gain=scale * 2**0.5)
        _initialise(self.second, gain=0.0)
        if isinstance(self.shortcut, nn.Conv2d):
            _initialise(self.shortcut, gain=2**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, outputs, ⌈h / stride⌉, ⌈w / stride⌉)."""
        active = self.activation(x)
        branch = self.second(self.activation(self.first(active)))
        straight = x if isinstance(self.shortcut, nn.Identity) else self.shortcut(active)
        result: Tensor = straight + branch
        return result


def make_activation(name: ActivationName) -> nn.Module:
    return nn.SiLU() if name == "silu" else nn.LeakyReLU(SLOPE)


def _blocks(blocks: int, widen: int, activation: ActivationName) -> Iterator[WideBlock]:
    """Create three groups of `blocks` blocks; the second and third begin with a stride of 2."""
    scale = (3 * blocks) ** -0.5
    inputs = STEM
    for group in range(3):
        outputs = STEM * 2**group * widen
        for number in range(blocks):
            stride = 2 if group > 0 and number == 0 else 1
            yield WideBlock(inputs, outputs, stride, activation, scale)
            inputs = outputs


def _initialise(convolution: nn.Conv2d, gain: float) -> None:
    """Draw normal weights with a standard deviation of gain / √fan-in, and set the bias to zero."""
    fan_in = convolution.weight[0].numel()
    nn.init.normal_(convolution.weight, std=gain / fan_in**0.5)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
