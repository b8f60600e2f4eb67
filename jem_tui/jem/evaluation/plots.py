"""Plots of evaluations as PNG files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jem_tui.jem.evaluation.calibration import Classification
from jem_tui.jem.evaluation.evaluate_run import Evaluation
from jem_tui.jem.evaluation.ood_detection import DATA, DensityHistogram, Detection
from jem_tui.jem.evaluation.request import NORMS
from jem_tui.jem.evaluation.robustness import Robustness
from jem_tui.user_folders import silence_matplotlib_cache_warning

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150
COLUMNS = 20
"""Tiles in a row of `samples.png`."""
KINDS = {
    "buffer": "replay buffer",
    "initial": "fresh chains, from the initial distribution of training",
    "informative": "fresh chains, from class Gaussians",
    "uniform": "fresh chains, from uniform noise",
    "conditional": "fresh chains of each class",
    DATA: "real images",
}

Named = Mapping[str, Evaluation]
"""Evaluations by their names in the legend."""


def draw_plots(evaluations: Named, folder: Path) -> list[Path]:
    """Write `reliability.png`, `ood.png`, `robustness.png`, `samples.png` and `nearest.png` into an existing folder, as far as there is data.

    Raises OSError.
    """
    written = []
    for name, figure in figures({drawable(run): evaluation for run, evaluation in evaluations.items()}):
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
        written.append(path)
    return written


def drawable(name: str) -> str:
    r"""Return a folder's name as a label for matplotlib: with escaped $ and bytes outside UTF-8, and without a leading underscore, which would hide it."""
    text = name.encode("utf-8", "backslashreplace").decode().replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def figures(evaluations: Named) -> Iterator[tuple[str, Figure]]:
    """Yield each figure with its name."""
    classifications = {name: e.classification for name, e in evaluations.items() if e.classification}
    if classifications:
        yield "reliability", reliability_figure(classifications)
    detections = {name: e.ood for name, e in evaluations.items() if e.ood}
    if detections:
        yield "ood", ood_figure(detections)
    curves = {name: e.robustness for name, e in evaluations.items() if e.robustness}
    if curves:
        yield "robustness", robustness_figure(curves)
    pictures = {name: e.pictures for name, e in evaluations.items() if e.samples}
    if pictures:
        yield "samples", samples_figure(pictures)
        yield "nearest", nearest_figure({name: e.nearest for name, e in evaluations.items() if e.samples})


def new_figure(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Create a figure of equal panels, each `width` × `height` inches, and its axes row by row."""
    silence_matplotlib_cache_warning()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(rows, columns)).flat)


def reliability_figure(found: Mapping[str, Classification]) -> Figure:
    """Plot accuracy over confidence, and below it the number of images by confidence."""
    figure, axes = new_figure(2, len(found), 4.2, 3.2)
    for column, (name, result) in enumerate(found.items()):
        bins = [b for b in result.reliability if b.share]
        confidence = [b.confidence for b in bins]
        upper, lower = axes[column], axes[column + len(found)]
        upper.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="calibrated")
        upper.plot(confidence, [b.accuracy for b in bins], "o-", markersize=4, label=f"ECE {100 * result.ece:.2f} %")
        upper.set(title=name, ylabel="accuracy", xlim=(0, 1.01), ylim=(0, 1.01))
        upper.legend(loc="upper left", frameon=False)
        lower.bar(confidence, [b.share for b in bins], width=1 / 30)
        lower.set(xlabel="confidence, max p(y|x)", ylabel="share of images", xlim=(0, 1.01), yscale="log")
    return figure


def ood_figure(found: Mapping[str, Detection]) -> Figure:
    """Plot histograms of log p(x): the data filled, every other set as a line."""
    figure, axes = new_figure(len(found), 1, 7.5, 3.6)
    for axis, (name, result) in zip(axes, found.items(), strict=True):
        draw_histogram(axis, result.log_px)
        axis.set(title=name, xlabel="log p(x) + log Z, nats", ylabel="share of images")
    return figure


def draw_histogram(axis: Axes, histogram: DensityHistogram) -> None:
    """Draw all sets of a histogram into one panel, each normalized to 1."""
    edges = np.asarray(histogram.edges)
    for name, counts in histogram.counts.items():
        share = np.asarray(counts) / sum(counts)
        style: dict[str, Any] = {"fill": True, "color": "0.8"} if name == DATA else {"linewidth": 1.3}
        label = "data" if name == DATA else drawable(name)
        axis.stairs(share, edges, label=label, **style)
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))


def robustness_figure(found: Mapping[str, tuple[Robustness, ...]]) -> Figure:
    """Plot accuracy over ε with its interval: a panel for each norm, a line for each network and number of refinement steps."""
    norms = list(dict.fromkeys(case.norm for cases in found.values() for case in cases))
    figure, axes = new_figure(1, len(norms), 4.6, 3.6)
    for axis, norm in zip(axes, norms, strict=True):
        for name, cases in found.items():
            for steps in dict.fromkeys(case.refine for case in cases):
                line = [c for c in cases if c.norm == norm and c.refine == steps]
                label = f"{name}, {steps} SGLD step{'s' * (steps > 1)} first" if steps else name
                epsilons = [c.epsilon for c in line]
                (curve,) = axis.plot(epsilons, [c.accuracy for c in line], "o-", markersize=4, label=label)
                low, high = zip(*(c.accuracy_interval for c in line), strict=True)
                axis.fill_between(epsilons, low, high, color=curve.get_color(), alpha=0.2, linewidth=0)
        axis.set(
            xlabel=f"{NORMS[norm]} ε, pixels in [0, 1]", ylabel="accuracy under the strongest attack", ylim=(0, 1.01)
        )
        axis.legend(frameon=False, fontsize=8)
    return figure


def samples_figure(found: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Plot test images and every kind of samples as grids."""
    panels = [
        (f"{name}: {KINDS.get(kind, kind)}", tiles) for name, kinds in found.items() for kind, tiles in kinds.items()
    ]
    figure, axes = new_figure(len(panels), 1, 7.0, 2.1)
    for axis, (title, tiles) in zip(axes, panels, strict=True):
        axis.imshow(grid(tiles), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    return figure


def nearest_figure(found: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Plot the samples of each kind that are nearest to a training image, above these training images."""
    panels = [
        (f"{name}: {KINDS.get(kind, kind)}, and the nearest training images", pairs)
        for name, kinds in found.items()
        for kind, pairs in kinds.items()
    ]
    figure, axes = new_figure(len(panels), 1, 7.0, 1.1)
    for axis, (title, (samples, training)) in zip(axes, panels, strict=True):
        rows = np.concatenate([grid(samples), grid(training)])
        axis.imshow(rows, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    return figure


def grid(tiles: np.ndarray) -> np.ndarray:
    """Arrange tiles (n, height, width, channels) in a grid (rows · height, columns · width, channels); empty cells are black."""
    n, height, width, channels = tiles.shape
    columns = min(n, COLUMNS)
    rows = -(-n // columns)
    padded = np.zeros((rows * columns, height, width, channels), np.uint8)
    padded[:n] = tiles
    rowwise = padded.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return rowwise.reshape(rows * height, columns * width, channels)
