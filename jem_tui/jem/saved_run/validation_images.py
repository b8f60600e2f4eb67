"""The images that a run validates on, which neither training nor the test figures use."""

from __future__ import annotations

from torch import Tensor

from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.saved_run.load_run import OpenedRun


def validation_images(run: OpenedRun) -> tuple[Tensor, Tensor]:
    """Return the run's validation images, uint8 (n, channels, height, width), and labels (n,) on the run's device.

    They are the images that training held out, because the split depends on `data.validation` and `train.seed` alone.
    """
    _, held_out = run.data.split(run.config.data.validation, run.config.train.seed)
    return to_tensors(held_out, run.device)
