"""All that is measured on a recorded run, in one go: what `jem-tui eval` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.errors import JemError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import as_pixels, to_tensors
from jem_tui.jem.evaluation.calibration import Classification, classification
from jem_tui.jem.evaluation.custom_ood import load_outside
from jem_tui.jem.evaluation.ood_detection import Detection, detection
from jem_tui.jem.evaluation.ood_sets import make_ood_sets
from jem_tui.jem.evaluation.reference_classifier import load_reference
from jem_tui.jem.evaluation.request import Asked
from jem_tui.jem.evaluation.robustness import Robustness, customary, robustness
from jem_tui.jem.evaluation.sample_quality import Judge, ReferenceFacts, SampleQuality, shuffled_rows
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.saved_run.generate import Start, fresh_chains
from jem_tui.jem.saved_run.load_run import OpenedRun

TILES = 100
"""Samples of each kind that are kept as pictures."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What was said of the samples, and by whom."""

    reference: ReferenceFacts
    quality: tuple[SampleQuality, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every figure of a run; None for what was not asked for or, for samples, what a plain classifier does not have."""

    step: int
    """Optimizer steps that the run had done."""
    preset: str
    data: str
    network: str
    parameters: int
    seed: int
    classification: Classification | None
    ood: Detection | None
    robustness: tuple[Robustness, ...] | None
    samples: Samples | None
    pictures: Mapping[str, NDArray[np.uint8]] = field(repr=False, compare=False)
    """Tiles (n, height, width, channels) of the test images and of each kind of samples; not part of the mapping."""

    def as_mapping(self) -> dict[str, Any]:
        """The figures as plain dicts, lists and numbers, under the names of the fields."""
        return asdict(replace(self, pictures={})) | {"pictures": sorted(self.pictures)}


def evaluate_run(run: OpenedRun, asked: Asked, report: ReportProgress) -> Evaluation:
    """Measure a run. Raises JemError if the network's outputs are not finite, InputError if other data is missing."""
    parts = _Parts(run, asked, report)
    parts.refuse_broken_weights()
    pictures: dict[str, NDArray[np.uint8]] = {"test images": parts.tiles(parts.pixels)}
    return Evaluation(
        step=run.step,
        preset=run.config.preset,
        data=run.data.name,
        network=run.config.network.name,
        parameters=sum(p.numel() for p in run.network.parameters()),
        seed=asked.seed,
        classification=parts.classification() if "classification" in asked.parts else None,
        ood=parts.ood() if "ood" in asked.parts else None,
        robustness=parts.robustness() if "robustness" in asked.parts else None,
        samples=parts.samples(pictures) if "samples" in asked.parts and run.config.sgld.steps else None,
        pictures=pictures,
    )


class _Parts:
    """One method for each part, over the same test images in the same random order."""

    def __init__(self, run: OpenedRun, asked: Asked, report: ReportProgress) -> None:
        self._run, self._asked, self._report = run, asked, report
        pixels, labels = to_tensors(run.data.test, run.device)
        self.pixels, self._labels = shuffled_rows(pixels, labels, asked.test_images, asked.seed)

    def refuse_broken_weights(self) -> None:
        if not logits_in_chunks(self._run.network, self.pixels[:100]).isfinite().all():
            raise JemError("The network's outputs on test images are not finite.", "Evaluate an earlier checkpoint.")

    def classification(self) -> Classification:
        self._report("classifying the test images", None)
        return classification(logits_in_chunks(self._run.network, self.pixels), self._labels)

    def ood(self) -> Detection:
        asked = self._asked
        self._report("making images that are not the data", None)
        sets = make_ood_sets(self.pixels, self._labels, asked.seed, asked.ood_images)
        _, channels, height, width = self.pixels.shape
        for name in asked.ood:
            shape = (channels, height, width)
            outside = load_outside(name, self._run.config.data.dir, shape, asked.seed, self._report, asked.ood_images)
            short = Path(name).name
            sets[name if short in sets else short] = outside.to(self._run.device)
        telling = self._telling("scoring images that are not the data")
        return detection(self._run.network, self.pixels[: asked.ood_images], sets, telling)

    def robustness(self) -> tuple[Robustness, ...]:
        count = self._asked.attacked_images
        strengths = customary(self.pixels.shape[1], (0, *self._asked.refine))
        telling = self._telling("attacking the network")
        images = self.pixels[:count], self._labels[:count]
        return tuple(
            robustness(self._run.network, self._run.config.sgld, *images, strengths, self._asked.seed, telling)
        )

    def samples(self, pictures: dict[str, NDArray[np.uint8]]) -> Samples:
        run, asked = self._run, self._asked
        judge = self._judge()
        chosen = shuffled_rows(run.chains, torch.zeros(len(run.chains)), asked.chains, asked.seed)[0]
        pictures["buffer"] = self.tiles(chosen)
        quality = [judge.judge("buffer", chosen)]
        for start in dict.fromkeys(asked.starts):
            if start == run.config.buffer.init:
                continue  # the run's own choice, already there as "initial"
            chains = self._fresh(start)
            pictures[start] = self.tiles(chains)
            quality.append(judge.judge(start, chains, asked.fresh_steps))
        return Samples(reference=judge.facts, quality=tuple(quality))

    def tiles(self, images: Tensor) -> NDArray[np.uint8]:
        pixels = images[:TILES] if images.dtype == torch.uint8 else as_pixels(images[:TILES])
        return pixels.permute(0, 2, 3, 1).cpu().numpy()

    def _judge(self) -> Judge:
        reference = load_reference(self._run.data, self._run.device, self._report)
        self._report("looking at real images", None)
        train = to_tensors(self._run.data.train, self._run.device)
        pixels, _ = shuffled_rows(*train, self._asked.training_images, self._asked.seed)
        return Judge(reference, pixels, self.pixels, self._labels)

    def _fresh(self, start: Start) -> Tensor:
        asked = self._asked
        telling = self._telling(f"running {asked.fresh:,} fresh chains ({start})")
        generator = torch.Generator(self._run.device).manual_seed(asked.seed)
        return fresh_chains(
            self._run,
            asked.fresh,
            asked.fresh_steps,
            generator,
            start=start,
            on_step=lambda k, x: telling(k / max(1, asked.fresh_steps)),
        )

    def _telling(self, text: str) -> Callable[[float], None]:
        return lambda fraction: self._report(text, fraction)
