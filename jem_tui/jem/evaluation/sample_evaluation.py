"""The samples of a run and everything that is measured on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.events.run import ReportProgress
from jem_tui.jem.evaluation.comparison_images import ComparisonImages, comparison_images, shuffled_rows, training_images
from jem_tui.jem.evaluation.own_features import MOST_COMPARED, FeatureEvaluation, FeatureJudge
from jem_tui.jem.evaluation.reference_classifier import load_reference
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.jem.evaluation.sample_judge import SampleJudge
from jem_tui.jem.evaluation.sample_quality import ReferenceFacts, SampleQuality
from jem_tui.jem.saved_run.generate import Start, fresh_chains
from jem_tui.jem.saved_run.load_run import OpenedRun
from jem_tui.plugins.plugged import PluggedFunction

SHOWN = 20
"""Number of samples of each kind that are kept with their nearest training images."""


@dataclass(frozen=True, kw_only=True)
class SampleEvaluation:
    """Sample quality, and the reference classifier that measured it."""

    reference: ReferenceFacts
    quality: tuple[SampleQuality, ...]
    ends: tuple[SampleQuality, ...] = ()
    """Measurements of held-out images, of draws of the class Gaussians, and of uniform noise, for comparison."""
    own: FeatureEvaluation | None = None
    """Sample quality in features of the user."""


@dataclass(frozen=True, kw_only=True)
class SampleSet:
    """One kind of samples."""

    images: Tensor
    """Shape (n, channels, height, width), in [−1, 1], in random order."""
    steps: int | None = None
    labels: Tensor | None = None
    """Classes that the chains follow, shape (n,)."""


@dataclass(frozen=True, kw_only=True)
class MeasuredSamples:
    """An evaluation of samples with the images that its plots need."""

    evaluation: SampleEvaluation
    kinds: Mapping[str, Tensor]
    """The samples of each kind, (n, channels, height, width) in [−1, 1]."""
    nearest: Mapping[str, tuple[Tensor, Tensor]]
    """For each kind, the samples of each class nearest to a training image, and these training images (uint8)."""


def evaluate_samples(
    run: OpenedRun,
    request: EvaluationRequest,
    held_out: tuple[Tensor, Tensor],
    features: PluggedFunction | None,
    report: ReportProgress,
) -> MeasuredSamples:
    """Measure the samples of a run against held-out images, uint8 (n, channels, height, width) in random order, with labels (n,)."""
    images = comparison_images(run, *held_out, request.training_images, request.seed)
    kinds = {"buffer": buffer_samples(run, request)} | fresh_kinds(run, request, report)
    sizes = [len(kind.images) for kind in kinds.values()]
    report("computing features of real images", None)
    compared = max(2, min(MOST_COMPARED, len(images.held_out) // 2, *sizes))
    judge = SampleJudge(
        load_reference(run.data, run.device, report),
        run.network,
        images,
        compared,
        request.seed,
        saw_held_out=request.on == "validation",
    )
    report("measuring the samples", None)
    quality = [judge.measure(name, kind.images, kind.steps, kind.labels) for name, kind in kinds.items()]
    ends = [judge.measure_held_out()]
    ends += [judge.measure(name, one) for name, one in upper_ends(run, min(sizes), request.seed).items()]
    return MeasuredSamples(
        evaluation=SampleEvaluation(
            reference=judge.facts,
            quality=tuple(quality),
            ends=tuple(ends),
            own=None if features is None else own_evaluation(run, request, features, images, kinds, compared, report),
        ),
        kinds={name: kind.images for name, kind in kinds.items()},
        nearest={name: nearest_pairs(judge, images, name, kind.images) for name, kind in kinds.items()},
    )


def buffer_samples(run: OpenedRun, request: EvaluationRequest) -> SampleSet:
    """Return chains of the replay buffer in random order."""
    labels = torch.zeros(len(run.chains)) if run.labels is None else run.labels.to(run.device)
    chosen, classes = shuffled_rows(run.chains, labels, request.chains, request.seed)
    return SampleSet(images=chosen, labels=None if run.labels is None else classes)


def fresh_kinds(run: OpenedRun, request: EvaluationRequest, report: ReportProgress) -> dict[str, SampleSet]:
    """Run fresh chains from each requested start, and chains of p(x|y) if those of the run follow classes."""
    # The configured start is measured as "initial" already.
    starts = [start for start in dict.fromkeys(request.starts) if start != run.config.buffer.init]
    kinds: dict[str, SampleSet] = {start: fresh_samples(run, request, report, start, None) for start in starts}
    if run.config.sgld.conditional:
        classes = torch.arange(request.fresh, device=run.device) % len(run.data.class_names)
        kinds["conditional"] = fresh_samples(run, request, report, "initial", classes)
    return kinds


def fresh_samples(
    run: OpenedRun, request: EvaluationRequest, report: ReportProgress, start: Start, classes: Tensor | None
) -> SampleSet:
    """Run fresh chains of `classes` (n,), or of p(x)."""
    name = start if classes is None else "of each class"

    def progress(k: int, x: Tensor) -> None:
        report(f"running {request.fresh:,} fresh chains ({name})", k / max(1, request.fresh_steps))

    generator = torch.Generator(run.device).manual_seed(request.seed)
    x = fresh_chains(run, request.fresh, request.fresh_steps, generator, classes, start, progress)
    return SampleSet(images=x, steps=request.fresh_steps, labels=classes)


def upper_ends(run: OpenedRun, count: int, seed: int) -> dict[str, Tensor]:
    """Draw images of the class Gaussians and of uniform noise, without any step."""
    generator = torch.Generator(run.device).manual_seed(seed)
    return {"gaussians": run.initial.informative(count, generator), "noise": run.initial.uniform(count, generator)}


def own_evaluation(
    run: OpenedRun,
    request: EvaluationRequest,
    features: PluggedFunction,
    images: ComparisonImages,
    kinds: Mapping[str, SampleSet],
    compared: int,
    report: ReportProgress,
) -> FeatureEvaluation:
    """Measure the samples in features of the user. Raises PluginError."""
    report(f"computing features of {features.name}", None)
    training = training_images(run, request.feature_images, request.seed)
    own = FeatureJudge(features, training, images.held_out, request.seed, compared)
    return own.evaluation([own.measure(name, kind.images, kind.steps) for name, kind in kinds.items()])


def nearest_pairs(judge: SampleJudge, images: ComparisonImages, source: str, samples: Tensor) -> tuple[Tensor, Tensor]:
    """Return the samples of each class that are nearest to a training image, and these training images, class by class."""
    found, predicted = judge.nearest[source], judge.predicted[source]
    order = found.distance.argsort()
    each = max(1, SHOWN // judge.classes)
    rows = torch.cat([order[predicted[order] == label][:each] for label in range(min(SHOWN, judge.classes))])
    return samples[rows], images.trained_on[found.row[rows]]
