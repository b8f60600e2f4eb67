"""Accuracy under attack over a range of ε, for the network alone and for SGLD refinement followed by the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.attacks import STEPS, Norm, attack
from jem_tui.jem.evaluation.refinement import refined
from jem_tui.jem.evaluation.scores import Logits
from jem_tui.jem.sampling.sampler import Sampler

CHUNK = 100

GRAY: Mapping[Norm, tuple[float, ...]] = {"linf": (0.0, 0.02, 0.05, 0.1, 0.2, 0.3), "l2": (0.0, 0.5, 1.0, 2.0, 3.0)}
COLOUR: Mapping[Norm, tuple[float, ...]] = {
    "linf": (0.0, 2 / 255, 4 / 255, 8 / 255, 16 / 255),
    "l2": (0.0, 0.25, 0.5, 1.0, 2.0),
}
"""The customary ε for digits, and for small colour photographs; pixels in [0, 1]. 0 means no attack."""


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Accuracy under PGD with one norm and ε."""

    norm: Norm
    epsilon: float
    """Strength of the attack, for pixels in [0, 1]."""
    refine: int
    """SGLD steps between image and network: 0 for the network alone, K for the paper's JEM-K."""
    images: int
    accuracy: float
    """Fraction of images that are classified correctly at every point that the attack tried."""


@dataclass(frozen=True, kw_only=True)
class Strengths:
    """Attacks on a network: every ε of every norm, at each number of refinement steps."""

    epsilons: Mapping[Norm, Sequence[float]]
    refine: Sequence[int] = (0,)

    def cases(self) -> list[tuple[int, Norm, float]]:
        """Return refinement steps, norm and ε of every attack in order."""
        return [(k, norm, float(e)) for k in self.refine for norm, values in self.epsilons.items() for e in values]


def customary(channels: int, refine: Sequence[int] = (0,)) -> Strengths:
    """Return the customary values of ε for images with this number of channels."""
    return Strengths(epsilons=COLOUR if channels > 1 else GRAY, refine=refine)


def robustness(
    network: Logits,
    sgld: SgldConfig,
    pixels: Tensor,
    labels: Tensor,
    strengths: Strengths,
    seed: int,
    progress: Callable[[float], None] = lambda fraction: None,
    sampler: Sampler | None = None,
) -> Iterator[Robustness]:
    """Measure accuracy under PGD-20 on uint8 images (n, channels, height, width), the attack running against the whole pipeline.

    Refinement uses SGLD or, if it is given, another `sampler`. Every case starts from the same seed, so that ε is all that differs between two points of a curve.
    """
    cases = strengths.cases()
    for number, (steps, norm, epsilon) in enumerate(cases):
        generator = torch.Generator(pixels.device).manual_seed(seed)
        pipeline = refined(network, sgld, steps, generator, sampler)
        survived = 0
        for start in range(0, len(pixels), CHUNK):
            progress((number + start / len(pixels)) / len(cases))
            rows = slice(start, start + CHUNK)
            tried = STEPS if epsilon else 0
            attacked = attack(pipeline, pixels[rows].float() / 255, labels[rows], norm, epsilon, generator, tried)
            survived += int(attacked.survived.sum())
        yield Robustness(norm=norm, epsilon=epsilon, refine=steps, images=len(pixels), accuracy=survived / len(pixels))
