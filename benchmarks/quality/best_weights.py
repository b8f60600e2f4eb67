"""Early stopping: the weights with the best accuracy on held-out images, as a run folder `best` of its own."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from pathlib import Path

from benchmarks.quality.run_record import RunRecord
from jem_tui.events.run import Evaluated
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, save_model
from jem_tui.run_files import RUN_FILE

FOLDER = "best"
CHECKED_IMAGES = 500
"""Training images on which weights in half precision must agree with those in single precision."""
CHAINS = 16


class BestWeights:
    """Stores the weights of the evaluation with the highest accuracy; among equal accuracies, with the lowest cross-entropy."""

    def __init__(self, folder: Path, record: RunRecord) -> None:
        self._folder, self._record = folder, record

    def offer(self, event: Evaluated, learner: Learner) -> None:
        """Keep the evaluated weights of the learner if they are the best so far."""
        best = self._record.best
        if best is not None and rank(event.scores) <= rank(best):
            return
        target = self._folder / FOLDER
        target.mkdir(exist_ok=True)
        evaluated = learner.network if learner.average is None else learner.average.module
        network = copy.deepcopy(evaluated).eval().requires_grad_(False)
        model = Model(step=event.step, network=network, chains=learner.buffer.x[:CHAINS].clamp(-1, 1))
        unfinished = target / f".{MODEL_FILE}.tmp"
        save_model(unfinished, model, learner.config.network, learner.batches.pixels[:CHECKED_IMAGES])
        unfinished.replace(target / MODEL_FILE)
        shutil.copyfile(self._folder / RUN_FILE, target / RUN_FILE)
        self._record.best = {"step": event.step, **event.scores}
        self._record.write()


def rank(scores: Mapping[str, float]) -> tuple[float, float]:
    """Return a key by which better scores are larger."""
    return scores["accuracy"], -scores["xe"]
