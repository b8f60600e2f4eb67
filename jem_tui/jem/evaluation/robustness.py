"""Accuracy under attack over a range of ε, for the network alone and for SGLD refinement followed by the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.attack_sets import Attack, attacks_in
from jem_tui.jem.evaluation.attacks import AttackTask, Norm, Target, classified
from jem_tui.jem.evaluation.intervals import Interval, binomial_interval
from jem_tui.jem.evaluation.refinement import Route, refined_target
from jem_tui.jem.evaluation.request import AttackSet
from jem_tui.jem.evaluation.scores import Logits
from jem_tui.jem.sampling.sampler import Sampler

CHUNK = 100
NO_ATTACK = "no attack"
SMALLER = "smaller ε"
"""The first two entries of `by_attack`, for images that no attack of the set has to break."""

GRAY: Mapping[Norm, tuple[float, ...]] = {"linf": (0.0, 0.02, 0.05, 0.1, 0.2, 0.3), "l2": (0.0, 0.5, 1.0, 2.0, 3.0)}
COLOUR: Mapping[Norm, tuple[float, ...]] = {
    "linf": (0.0, 2 / 255, 4 / 255, 8 / 255, 16 / 255),
    "l2": (0.0, 0.25, 0.5, 1.0, 2.0),
}
"""The customary ε for digits, and for small colour photographs; pixels in [0, 1]. 0 means no attack."""


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Accuracy under the strongest attack of a set, with one norm and ε."""

    norm: Norm
    epsilon: float
    """Strength of the attack, for pixels in [0, 1]."""
    refine: int
    """SGLD steps between image and network: 0 for the network alone, K for the paper's JEM-K."""
    images: int
    accuracy: float
    """Fraction of images that no attack of the set breaks: an upper bound on the robust accuracy."""
    accuracy_interval: Interval
    """Binomial interval over the choice of images; it does not account for stronger attacks."""
    attacks: AttackSet
    by_attack: Mapping[str, int]
    """Number of images that each attack broke and no earlier attack did; preceded by those misclassified without attack and those broken at a smaller ε."""

    def attack_names(self) -> list[str]:
        """Return the names of the attacks in `by_attack`, in the order in which they ran."""
        return [name for name in self.by_attack if name not in (NO_ATTACK, SMALLER)]


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
    attacks: AttackSet = "quick",
) -> Iterator[Robustness]:
    """Measure accuracy under the strongest attack of a set on uint8 images (n, channels, height, width).

    Refinement uses SGLD or, if it is given, another `sampler`. Every case starts from the same seed. An image that an attack
    breaks within ε counts as broken for every larger ε of the same norm, because the larger ball contains the point.
    """
    cases, images = strengths.cases(), Images(pixels=pixels.float() / 255, labels=labels)
    smallest: dict[tuple[int, Norm], Tensor] = {}
    for number, (steps, norm, epsilon) in enumerate(cases):
        generator = torch.Generator(pixels.device).manual_seed(seed)
        aim = partial(refined_target, network, sgld, steps, generator, sampler)
        broken = smallest.setdefault((steps, norm), torch.full((len(pixels),), torch.inf, device=pixels.device))
        trial = Trial(images, aim, norm, epsilon, generator, broken)
        chosen = attacks_in(attacks, steps) if epsilon else ()
        for done, attack in enumerate(chosen):
            for share in trial.run(attack):
                progress((number + (done + share) / len(chosen)) / len(cases))
        progress((number + 1) / len(cases))
        alive = int(trial.alive.sum())
        yield Robustness(
            norm=norm,
            epsilon=epsilon,
            refine=steps,
            images=len(pixels),
            accuracy=alive / len(pixels),
            accuracy_interval=binomial_interval(alive, len(pixels)),
            attacks=attacks,
            by_attack=trial.counts,
        )


@dataclass(frozen=True, kw_only=True)
class Images:
    """Images in [0, 1] (n, channels, height, width) with their labels (n,)."""

    pixels: Tensor
    labels: Tensor


class Trial:
    """A series of attacks with one norm and ε, each on the images that no earlier attack has broken."""

    def __init__(
        self,
        images: Images,
        aim: Callable[[Route, int], Target],
        norm: Norm,
        epsilon: float,
        generator: torch.Generator,
        smallest: Tensor,
    ) -> None:
        self._images, self._aim, self._norm, self._epsilon = images, aim, norm, epsilon
        self._generator, self._smallest = generator, smallest
        self.alive = torch.ones_like(images.labels, dtype=torch.bool)
        """True for images that nothing has broken, bool (n,)."""
        self.counts: dict[str, int] = {}
        """Number of images that each attack broke and no attack before it."""
        judge = aim("through", 1)
        with self._counted(NO_ATTACK):
            for rows in self._chunks():
                self.alive[rows] = classified(judge, images.pixels[rows], images.labels[rows])
        with self._counted(SMALLER):
            self.alive &= smallest >= epsilon

    def run(self, attack: Attack) -> Iterator[float]:
        """Attack the remaining images, record ε for those that the attack breaks, and yield the share of images that is done."""
        target, before = self._aim(attack.route, attack.draws), self.alive.clone()
        chunks = self._chunks()
        with self._counted(attack.name):
            for number, rows in enumerate(chunks):
                yield number / len(chunks)
                images = self._images.pixels[rows], self._images.labels[rows]
                found = attack.search(AttackTask(target, *images, self._norm, self._epsilon, self._generator))
                self.alive[rows] = found.survived
        self._smallest[before & ~self.alive] = self._epsilon

    def _chunks(self) -> list[Tensor]:
        return [rows for rows in torch.split(self.alive.nonzero().squeeze(1), CHUNK) if len(rows)]

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        before = int(self.alive.sum())
        yield
        self.counts[name] = before - int(self.alive.sum())
