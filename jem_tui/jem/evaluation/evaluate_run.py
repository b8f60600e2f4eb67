"""The evaluation of a run with all requested parts, as `jem-tui eval` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.errors import JemError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import as_pixels, to_tensors
from jem_tui.jem.evaluation.calibration import Classification, classification, cross_scaled
from jem_tui.jem.evaluation.chain_parts import measure_chains, measure_likelihood
from jem_tui.jem.evaluation.comparison_images import shuffled_rows
from jem_tui.jem.evaluation.likelihood import Likelihood
from jem_tui.jem.evaluation.long_run import ChainEvaluation
from jem_tui.jem.evaluation.ood_detection import DATA, Detection, detection
from jem_tui.jem.evaluation.outside_sets import make_outside_sets
from jem_tui.jem.evaluation.request import EvaluationRequest, MeasuredSplit
from jem_tui.jem.evaluation.robustness import Robustness, customary, robustness
from jem_tui.jem.evaluation.sample_evaluation import SampleEvaluation, evaluate_samples
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.saved_run.load_run import OpenedRun
from jem_tui.jem.saved_run.validation_images import validation_images
from jem_tui.plugins.kinds import FEATURES
from jem_tui.plugins.plugged import PluggedFunction

TILES = 100
"""Number of samples of each kind that are kept as images."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The figures of a run; None for parts that were not requested, and for the samples of a plain classifier."""

    step: int
    """Optimizer steps of the run."""
    preset: str
    data: str
    network: str
    parameters: int
    seed: int
    on: MeasuredSplit = "test"
    """The images that were measured; `test images` in the names of fields stands for these images."""
    classification: Classification | None
    ood: Detection | None
    robustness: tuple[Robustness, ...] | None
    samples: SampleEvaluation | None
    chains: ChainEvaluation | None = None
    likelihood: Likelihood | None = None
    pictures: Mapping[str, NDArray[np.uint8]] = field(repr=False, compare=False)
    """Tiles (n, height, width, channels) of the test images and of each kind of samples; not part of the mapping."""
    nearest: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict, repr=False, compare=False)
    """For each kind of samples, those nearest to a training image and these images (2, n, height, width, channels); not part of the mapping."""
    correct: NDArray[np.bool_] | None = field(default=None, repr=False, compare=False)
    """The images that are classified correctly (n,), in an order that depends on the data and seed alone; not part of the mapping."""
    measured: str = field(default="", repr=False, compare=False)
    """Digest of the measured images and labels in their order, equal for runs that can be compared image by image; not part of the mapping."""

    def as_mapping(self) -> dict[str, Any]:
        """Return the figures as dicts, lists and numbers, keyed by field names."""
        mapping = asdict(replace(self, pictures={}, nearest={}, correct=None)) | {"pictures": sorted(self.pictures)}
        del mapping["correct"], mapping["nearest"], mapping["measured"]
        return mapping


def evaluate_run(run: OpenedRun, request: EvaluationRequest, report: ReportProgress) -> Evaluation:
    """Measure a run. Raises JemError if the network's outputs are not finite, InputError if other data is missing."""
    parts = _Parts(run, request, report)
    parts.refuse_broken_weights()
    pictures: dict[str, NDArray[np.uint8]] = {DATA: parts.tiles(parts.pixels)}
    return Evaluation(
        step=run.step,
        preset=run.config.preset,
        data=run.data.name,
        network=run.config.network.name,
        parameters=sum(p.numel() for p in run.network.parameters()),
        seed=request.seed,
        on=request.on,
        classification=parts.classification() if "classification" in request.parts else None,
        ood=parts.ood() if "ood" in request.parts else None,
        robustness=parts.robustness() if "robustness" in request.parts else None,
        samples=parts.samples(pictures) if "samples" in request.parts and run.config.sgld.steps else None,
        chains=parts.chains(),
        likelihood=parts.likelihood(),
        pictures=pictures,
        nearest=parts.nearest,
        correct=parts.correct,
        measured=parts.digest(),
    )


def measured_images(run: OpenedRun, on: MeasuredSplit) -> tuple[Tensor, Tensor]:
    """Return the images of a split, uint8 (n, channels, height, width), and labels (n,) on the run's device."""
    return validation_images(run) if on == "validation" else to_tensors(run.data.test, run.device)


class _Parts:
    """The parts of an evaluation, which all use one set of test images in one random order."""

    def __init__(self, run: OpenedRun, request: EvaluationRequest, report: ReportProgress) -> None:
        self._run, self._request, self._report = run, request, report
        features = request.features
        self._features = PluggedFunction.resolved(FEATURES, features, {}) if features else None
        pixels, labels = measured_images(run, request.on)
        self.pixels, self._labels = shuffled_rows(pixels, labels, request.test_images, request.seed)
        self.correct: NDArray[np.bool_] | None = None
        self.nearest: dict[str, NDArray[np.uint8]] = {}

    def digest(self) -> str:
        found = sha256()
        for part in (self.pixels, self._labels):
            found.update(part.cpu().numpy().tobytes())
        return found.hexdigest()

    def refuse_broken_weights(self) -> None:
        if not logits_in_chunks(self._run.network, self.pixels[:100]).isfinite().all():
            raise JemError(
                "The network's outputs on images of the data are not finite.", "Evaluate an earlier checkpoint."
            )

    def classification(self) -> Classification:
        self._report(f"classifying the {self._request.on} images", None)
        logits = logits_in_chunks(self._run.network, self.pixels)
        self.correct = (logits.argmax(1) == self._labels).cpu().numpy()
        if self._request.on == "validation":
            found = classification(logits, self._labels, None, self._request.seed)
            return replace(found, scaled=cross_scaled(logits, self._labels, self._request.seed))
        pixels, labels = (part[: self._request.test_images] for part in validation_images(self._run))
        fitted = logits_in_chunks(self._run.network, pixels), labels
        return classification(logits, self._labels, fitted, self._request.seed)

    def ood(self) -> Detection:
        run, asked, seed = self._run, self._request.ood, self._request.seed
        pixels, validation = self._images_and_validation_images(self._request.ood_images)
        self._report("making out-of-distribution images", None)
        sets = make_outside_sets(run, self.pixels, self._labels, asked, seed, self._request.ood_images, self._report)
        progress = partial(self._report, "scoring out-of-distribution images")
        return detection(run.network, pixels, sets, validation, run.config.sgld, seed, progress)

    def _images_and_validation_images(self, count: int) -> tuple[Tensor, Tensor]:
        """Return at most `count` images to measure, and at most as many validation images, none of which is in both."""
        if self._request.on == "validation":
            count = min(count, len(self.pixels) // 2)
            return self.pixels[:count], self.pixels[count : 2 * count]
        return self.pixels[:count], validation_images(self._run)[0][:count]

    def robustness(self) -> tuple[Robustness, ...]:
        count = self._request.attacked_images
        strengths = customary(self.pixels.shape[1], (0, *self._request.refine))
        progress = partial(self._report, "attacking the network")
        images = self.pixels[:count], self._labels[:count]
        return tuple(
            robustness(
                self._run.network,
                self._run.config.sgld,
                *images,
                strengths,
                self._request.seed,
                progress,
                self._run.sampler,
                self._request.attacks,
            )
        )

    def samples(self, pictures: dict[str, NDArray[np.uint8]]) -> SampleEvaluation:
        found = evaluate_samples(self._run, self._request, (self.pixels, self._labels), self._features, self._report)
        pictures |= {name: self.tiles(chains) for name, chains in found.kinds.items()}
        self.nearest = {
            name: np.stack([self.tiles(chains), self.tiles(training)])
            for name, (chains, training) in found.nearest.items()
        }
        return found.evaluation

    def chains(self) -> ChainEvaluation | None:
        if "chains" not in self._request.parts or not self._run.config.sgld.steps:
            return None
        return measure_chains(self._run, self._request, self._report)

    def likelihood(self) -> Likelihood | None:
        if "likelihood" not in self._request.parts or not self._run.config.sgld.steps:
            return None
        return measure_likelihood(self._run, self.pixels, self._request, self._report)

    def tiles(self, images: Tensor) -> NDArray[np.uint8]:
        pixels = images[:TILES] if images.dtype == torch.uint8 else as_pixels(images[:TILES])
        return pixels.permute(0, 2, 3, 1).cpu().numpy()
