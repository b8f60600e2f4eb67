"""Facts about recorded states of chains, by the newest model of a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.chain_facts import ChainInspection, ChainState
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import as_input, to_tensors
from jem_tui.jem.data.present_data import present_data
from jem_tui.jem.data.same_data import refuse_other_kind
from jem_tui.jem.evaluation.training_images import TrainingImages
from jem_tui.jem.model.device import choose_device, choose_threads
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.saved_run.load_run import find_model
from jem_tui.jem.saved_run.model_file import Model

OpenImages = Callable[[], TrainingImages]
"""A function that loads the training images. Raises InputError if they are not on this machine."""


class SavedChains:
    """A model of a run folder, and the training images once they are loaded. Used on the thread that has created it."""

    def __init__(self, model: Model, device: torch.device, open_images: OpenImages) -> None:
        self._model = model
        self._device = device
        self._open_images = open_images
        self._images: TrainingImages | None = None
        self._missing: str | None = None
        """Why there are no training images; None before the first attempt to load them."""

    def load_images(self) -> bool:
        """Load the training images at the first call, and return whether anything has changed."""
        if self._images is not None or self._missing is not None:
            return False
        try:
            self._images = self._open_images()
        except InputError as error:
            self._missing = f"The nearest training image is unknown. {error.message}"
        except (Exception, SystemExit) as error:
            cause = f"{type(error).__name__}: {error}".rstrip(" :.")
            self._missing = f"The nearest training image is unknown, because the data cannot be read ({cause})."
        return True

    @torch.no_grad()
    def inspect(self, state: ChainState) -> ChainInspection:
        """Return the facts about a state. Raises an exception if its image does not fit the model."""
        x = as_input(torch.from_numpy(state.image.copy()).permute(2, 0, 1)[None].to(self._device))
        probabilities = logits_in_chunks(self._model.network, x).softmax(1)[0]
        found = ChainInspection(
            chain=state.chain,
            step=state.step,
            probabilities=probabilities.float().cpu().numpy(),
            model_step=self._model.step,
            missing=self._missing or "",
        )
        images = self._images
        if images is None:
            return found
        row, distance = images.nearest(x)
        return found.with_images(
            nearest=images.image(row),
            nearest_label=images.label(row),
            distance=distance,
            mean=images.mean_of(int(probabilities.argmax())),
        )


def open_chains(
    config: RunConfig,
    run_dir: Path,
    device: str,
    shape: tuple[int, int, int],
    classes: int,
    report: ReportProgress,
    known: Mapping[str, Any] | None = None,
) -> SavedChains:
    """Open the newest model of a run for images of a shape (height, width, channels). Raises InputError if there is none that fits."""
    chosen = choose_device(device)
    torch.set_num_threads(choose_threads(config.train.threads))
    height, width, channels = shape
    report("loading the model", None)
    model = find_model(run_dir, lambda warning: None)(config, (channels, height, width), classes, chosen)

    def open_images() -> TrainingImages:
        report("reading the training images", None)
        data = present_data(config.data, config.train.seed, report)
        refuse_other_kind(known or {}, data)
        kept, _ = data.split(config.data.validation, config.train.seed)
        return TrainingImages(*to_tensors(kept, chosen))

    return SavedChains(model, chosen, open_images)
