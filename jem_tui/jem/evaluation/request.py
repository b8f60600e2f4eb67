"""Requests to an evaluation. This module imports nothing heavy, because the command line checks its options with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.generate import Start

Part = Literal["classification", "ood", "robustness", "samples", "chains", "likelihood"]
MeasuredSplit = Literal["test", "validation"]
SPLITS: tuple[MeasuredSplit, ...] = ("test", "validation")
AttackSet = Literal["quick", "standard", "strong"]
ATTACKED: Mapping[AttackSet, int] = {"quick": 500, "standard": 500, "strong": 1000}
"""Number of images that each set of attacks attacks by default."""
PARTS: tuple[Part, ...] = ("classification", "ood", "robustness", "samples", "chains", "likelihood")
DEFAULT_PARTS: tuple[Part, ...] = tuple(part for part in PARTS if part != "likelihood")
"""The parts of an evaluation that names none; the likelihood takes minutes."""
NORMS = {"linf": "L∞", "l2": "L2"}
"""The printed name of each norm of an attack."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """Parts to measure and numbers of images, which the data can limit further."""

    parts: Sequence[Part] = DEFAULT_PARTS
    seed: int = 0
    on: MeasuredSplit = "test"
    """Images to measure: the official test images, or the training images that the run held out, for choosing between recipes."""
    ood: Sequence[str] = ()
    """Data sets or folders in addition to the built-in sets."""
    refine: Sequence[int] = ()
    """SGLD steps K of each further robustness curve, JEM-K."""
    attacks: AttackSet = "standard"
    """Set of attacks whose minimum is the accuracy under attack."""
    features: str = ""
    """Name of a function of the user in whose features samples are measured, too."""
    test_images: int = 10_000
    ood_images: int = 2000
    attacked_images: int = 500
    chains: int = 10_000
    training_images: int = 10_000
    """Training images that samples are compared with in features of the reference classifier."""
    feature_images: int = 50_000
    """Training images that samples are compared with in features of the user."""
    fresh: int = 1500
    fresh_steps: int = 200
    starts: Sequence[Start] = ("initial", "informative")
    long_chains: int = 100
    """Chains of the buffer that are moved further."""
    long_steps: int = 1000
    ais_chains: int = 50
    ais_temperatures: int = 300
    ais_settle: int = 300
    """MALA steps at temperature 1 before the reverse runs of AIS."""


QUICK = EvaluationRequest(
    test_images=2000,
    ood_images=300,
    attacks="quick",
    attacked_images=50,
    chains=2000,
    training_images=3000,
    feature_images=3000,
    fresh=256,
    starts=("initial",),
    long_chains=25,
    long_steps=100,
    ais_chains=20,
    ais_temperatures=50,
    ais_settle=60,
)
"""Request for all figures on a fraction of the images, with correspondingly larger scatter."""
