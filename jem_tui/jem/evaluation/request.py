"""What can be request of an evaluation. Imports nothing heavy: the command line checks its words against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.generate import Start

Part = Literal["classification", "ood", "robustness", "samples"]
PARTS: tuple[Part, ...] = ("classification", "ood", "robustness", "samples")


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What to measure, and on how much; the sizes are at most what the data has."""

    parts: Sequence[Part] = PARTS
    seed: int = 0
    ood: Sequence[str] = ()
    """Data sets or folders beside the built-in sets."""
    refine: Sequence[int] = ()
    """SGLD steps K of each further robustness curve, JEM-K."""
    test_images: int = 10_000
    ood_images: int = 2000
    attacked_images: int = 500
    chains: int = 10_000
    training_images: int = 10_000
    """Training images that samples are compared with."""
    fresh: int = 1000
    fresh_steps: int = 200
    starts: Sequence[Start] = ("initial", "informative")


QUICK = EvaluationRequest(
    test_images=2000,
    ood_images=300,
    attacked_images=50,
    chains=2000,
    training_images=3000,
    fresh=150,
    starts=("initial",),
)
"""A first look: the same figures on a fraction of the images, with the scatter that comes with it."""
