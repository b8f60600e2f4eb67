"""The direction in which a metric is better, as far as its name shows it."""

from __future__ import annotations

import re
from typing import Literal

Direction = Literal["higher", "lower"]

HIGHER = frozenset(
    {"accuracy", "acc", "auroc", "auc", "aupr", "f1", "precision", "recall", "psnr", "ssim", "iou", "map"}
)
LOWER = frozenset(
    {"xe", "nll", "loss", "error", "ece", "brier", "mse", "rmse", "mae", "perplexity", "bpd", "fid", "kid", "fpr95"}
)
_NO_WORD = re.compile(r"[^a-z0-9]+")


def better_direction(tag: str) -> Direction | None:
    """Return the better direction of a metric; None where the name does not show it, as for energies and JEM/total.

    The last word of a tag counts: `validation/accuracy`, `val_loss`. A score by data set, such as `validation/auroc/noise`, has its
    name before the last slash.
    """
    *before, last = tag.casefold().split("/")
    for part, known in ((last, HIGHER | LOWER), (before[-1] if before else "", HIGHER)):
        word = _NO_WORD.split(part)[-1]
        if word in known:
            return "higher" if word in HIGHER else "lower"
    return None
