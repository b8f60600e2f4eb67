"""Scores of drawings by the checkpoint or the model file of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from jem_tui.config.schema import RunConfig
from jem_tui.events.drawing import DrawingModel, DrawingRequest, DrawingScore, EnergyReference
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import ImageSet, to_tensors
from jem_tui.jem.evaluation.drawing_scorer import DrawingScorer
from jem_tui.jem.evaluation.energy_survey import EnergySurvey, spread
from jem_tui.jem.evaluation.paper import paper_of
from jem_tui.jem.saved_run.load_run import OpenedRun, image_shape, open_run

MOST_IMAGES = 1_000
"""Images of each set whose energies are compared with that of a drawing."""


class SavedDrawings:
    """The scorer of an opened run. Its methods are called on the thread that has created it."""

    def __init__(self, run: OpenedRun) -> None:
        self._run = run
        self._scorer = DrawingScorer(run.network, run.sampler, lambda: run.config.sgld, run.device)
        kept, held_out = run.data.split(run.config.data.validation, run.config.train.seed)
        sets = {"train": kept, "held_out": held_out, "test": run.data.test}
        images = {name: self._images(found) for name, found in sets.items()}
        self._survey: EnergySurvey | None = EnergySurvey(
            run.network, {**images, "chains": spread(run.chains, MOST_IMAGES)}
        )
        channels, height, width = image_shape(run.data)
        self.model = DrawingModel(
            shape=(height, width, channels),
            class_names=run.data.class_names,
            paper=paper_of(images["train"]),
            averaged=bool(run.config.optimizer.ema),
        )

    def score(self, request: DrawingRequest) -> DrawingScore | None:
        """Return the score of a drawing or of its chain; None without a drawing."""
        return self._scorer.score(request, self._run.step)

    def compare(self) -> EnergyReference | None:
        """Score the next part of the data, and return all energies so far; None if there is nothing left to score."""
        if self._survey is None:
            return None
        survey = self._survey
        unfinished = survey.advance()
        if not unfinished:
            self._survey = None
        found = survey.reference(self._run.step)
        return None if found is None else replace(found, unfinished=unfinished)

    def _images(self, images: ImageSet) -> Tensor:
        count = len(images)
        rows = [n * count // MOST_IMAGES for n in range(MOST_IMAGES)] if count > MOST_IMAGES else range(count)
        return to_tensors(ImageSet(images=images.images[rows], labels=images.labels[rows]), self._run.device)[0]


def open_drawings(
    config: RunConfig, run_dir: Path, device: str, report: ReportProgress, known: Mapping[str, Any] | None = None
) -> SavedDrawings:
    """Open the newest model of a run for drawings. Raises InputError as `open_run` does."""
    return SavedDrawings(open_run(config, run_dir, device, report, known))
