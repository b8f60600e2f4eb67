"""Curves and sample grids of recorded runs, drawn with matplotlib without a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import NRG, TOTAL, XE, Event, StepDone
from jem_tui.stream.export.image_sheets import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Numbers = NDArray[np.float64]

COLOURS = {TOTAL: "#1b9e9e", NRG: "#b0419e", XE: "#d98a00"}
DOTS_PER_INCH = 130
GRID_INCHES, TITLE_INCHES = 5.0, 0.36
SMOOTHING = 0.006
"""Standard deviation of the smoothing Gaussian, as a fraction of the curve's length."""
REACH = 2
"""Steps to either side whose raw values the band spans."""


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Metrics of consecutive steps of a run, over training images seen."""

    images: Numbers
    values: Mapping[str, Numbers]

    def until(self, images: float) -> Curves:
        """Return the part up to `images` training images."""
        rows = self.images <= images
        return Curves(images=self.images[rows], values={tag: v[rows] for tag, v in self.values.items()})


def loss_curves(events: Sequence[Event]) -> Curves:
    """Return JEM/total, JEM/nrg and JEM/xe of every step."""
    steps = [event for event in events if isinstance(event, StepDone)]
    return Curves(
        images=np.array([step.images for step in steps], float),
        values={tag: np.array([step.metrics[tag] for step in steps]) for tag in (TOTAL, NRG, XE)},
    )


def smooth(values: Numbers, sigma: float) -> Numbers:
    """Return a Gaussian mean over neighbouring steps, `sigma` steps wide, truncated at both ends."""
    reach = max(1, round(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-9)) ** 2)
    weights = np.convolve(np.ones_like(values), kernel, "full")[reach:-reach]
    result: Numbers = np.convolve(values, kernel, "full")[reach:-reach] / weights
    return result


def band(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the smallest and the largest value within `REACH` steps of each step."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, REACH, mode="edge"), 2 * REACH + 1)
    return windows.min(1), windows.max(1)


def draw_losses(curves: Curves, title: str, path: Path, classifier_until: float = 0) -> None:
    """Write a PNG of the three losses, smoothed over their raw band; `classifier_until` marks where sampling begins."""
    figure, axes = new_figure(9.0, 4.6)
    sigma = max(1.0, SMOOTHING * len(curves.images))
    for tag, raw in curves.values.items():
        draw_curve(axes, tag, curves.images, raw, sigma, classifier_until)
    axes.axhline(0, color="0.75", linewidth=0.8, zorder=0)
    axes.set(title=title, xlabel="training images seen", ylabel="loss, nats", xlim=(0, curves.images[-1]))
    axes.set_ylim(*y_range(curves, sigma))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    if classifier_until:
        axes.axvspan(0, classifier_until, color="0.95", zorder=-1)
        write_caption(axes, classifier_until / 2, "classifier alone")
        write_caption(axes, (classifier_until + curves.images[-1]) / 2, "with the energy term")
    axes.legend(frameon=False, loc="lower right", ncols=3)
    save(figure, path)


def draw_curve(axes: Axes, tag: str, images: Numbers, raw: Numbers, sigma: float, classifier_until: float) -> None:
    """Draw one loss before and after the energy term was added, smoothed separately: the two are not one curve."""
    split = int(np.searchsorted(images, classifier_until, "right"))
    for number, part in enumerate(p for p in (slice(0, split), slice(split, None)) if len(images[p]) > 1):
        axes.fill_between(images[part], *band(raw[part]), color=COLOURS[tag], alpha=0.22, linewidth=0)
        label = "" if number else tag
        axes.plot(images[part], smooth(raw[part], sigma), color=COLOURS[tag], linewidth=1.8, label=label)


def write_caption(axes: Axes, x: float, text: str) -> None:
    """Write a text at the upper edge of the axes."""
    where = axes.get_xaxis_transform()
    axes.text(x, 0.97, text, transform=where, ha="center", va="top", color="0.4", fontsize=9)


def y_range(curves: Curves, sigma: float) -> tuple[float, float]:
    """Return a range that contains all but the extreme raw values, and every smoothed value."""
    raw = np.concatenate(list(curves.values.values()))
    smoothed = np.concatenate([smooth(values, sigma) for values in curves.values.values()])
    low, high = np.percentile(raw, (0.3, 99.7))
    low, high = min(low, smoothed.min()), max(high, smoothed.max())
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def draw_samples(tiles: NDArray[np.uint8], title: str, path: Path) -> None:
    """Write a PNG of sample tiles (n, height, width, channels) under a title."""
    from matplotlib.figure import Figure

    picture = sheet(tiles)
    height, width, channels = picture.shape
    inches = GRID_INCHES * height / width
    figure = Figure(figsize=(GRID_INCHES, inches + TITLE_INCHES))
    axes = figure.add_axes((0, 0, 1, inches / (inches + TITLE_INCHES)))
    axes.imshow(picture[..., 0] if channels == 1 else picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.axis("off")
    save(figure, path)


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes, sizes in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def save(figure: Figure, path: Path) -> None:
    """Write a PNG without metadata, so that equal figures give equal files."""
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
