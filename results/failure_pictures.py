"""The picture of one broken run: six curves next to those of the healthy run, and the chains at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jem_tui.events.run import ACCURACY, NRG, XE, Assessed, Event, Samples, StepDone
from results.drawing import Numbers, smooth
from results.page_pictures import BLUE, GREEN, INK, ORANGE, PURPLE, RED, TEAL, new_figure, plain, save, show_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TILES, COLUMNS = 25, 5
SMOOTHING = 4.0
"""Steps of the smoothing Gaussian."""
AUROC = "auroc/"
"""Prefix of a set of other images in place of a tag."""
LEGEND = 0.45
"""Space for the legend above the curves, relative to their range."""
HUGE = 300.0
"""Largest value that a linear axis displays; beyond it the axis is symmetric-logarithmic."""


@dataclass(frozen=True, kw_only=True)
class CurvePanel:
    """One chart: a title, and its tags with their colours and names."""

    title: str
    curves: Sequence[tuple[str, str, str]]
    log: bool = False


PANELS = (
    CurvePanel(title="JEM/nrg, nats", curves=((NRG, PURPLE, ""),)),
    CurvePanel(title="JEM/xe, nats", curves=((XE, ORANGE, ""),)),
    CurvePanel(title="accuracy of the batch", curves=((ACCURACY, BLUE, ""),)),
    CurvePanel(
        title="energies, nats",
        curves=(
            ("JEM/energy_data", TEAL, "images"),
            ("JEM/energy_samples", RED, "samples"),
            ("JEM/energy_explorers", GREEN, "explorers"),
        ),
    ),
    CurvePanel(title="gradient norm: chains", curves=(("sgld/gradient", TEAL, ""),), log=True),
    CurvePanel(
        title="AUROC of log p(x)",
        curves=(
            (f"{AUROC}uniform noise", GREEN, "noise"),
            (f"{AUROC}inverted", RED, "inverted"),
            (f"{AUROC}shuffled 4×4", BLUE, "shuffled"),
        ),
    ),
)


def draw_run(events: Sequence[Event], healthy: Sequence[Event] | None, path: Path) -> None:
    """Write the picture of a run; a dotted line in each chart of one curve is the `healthy` run."""
    figure = new_figure(9.4, 3.5)
    grid = figure.add_gridspec(2, 4, width_ratios=(1, 1, 1, 1.55))
    for number, panel in enumerate(PANELS):
        axes = plain(figure.add_subplot(grid[number // 3, number % 3]))
        draw_panel(axes, panel, events, healthy)
        if number >= 3:
            axes.set_xlabel("step")
    samples = [event for event in events if isinstance(event, Samples)][-1]
    tiles = figure.add_subplot(grid[:, 3])
    show_tiles(tiles, samples.tiles[:TILES], COLUMNS, f"chains of the replay buffer, step {samples.step}")
    save(figure, path)


def draw_panel(axes: Axes, panel: CurvePanel, events: Sequence[Event], healthy: Sequence[Event] | None) -> None:
    """Draw the curves of a run, and those of the healthy run behind a single curve."""
    largest = 0.0
    if healthy is not None and len(panel.curves) == 1:
        steps, values = curve(healthy, panel.curves[0][0])
        kept = steps <= max(event.step for event in events)
        steps, values = steps[kept], values[kept]
        axes.plot(steps, smoothed(values), color=INK, linewidth=1.2, linestyle=(0, (1, 1.6)), label="healthy")
    for tag, colour, name in panel.curves:
        steps, values = curve(events, tag)
        if len(values):
            axes.plot(steps, values, color=colour, linewidth=0.5, alpha=0.35)
            axes.plot(steps, smoothed(values), color=colour, linewidth=1.6, label=name)
            largest = max(largest, float(np.abs(values).max()))
    axes.set_title(panel.title, loc="left")
    axes.margins(x=0.01)
    if panel.log:
        axes.set_yscale("log")
    elif largest > HUGE:
        axes.set_yscale("symlog", linthresh=10.0)
        axes.set_yticks(symmetric_ticks(*axes.get_ylim()))
    elif len(panel.curves) > 1:
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + LEGEND * (high - low))
    if panel.title.startswith(("accuracy", "AUROC")):
        axes.set_ylim(0, 1.03)
    if len(panel.curves) > 1 and axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, loc="best", handlelength=1.2, borderpad=0, labelspacing=0.2)


def symmetric_ticks(low: float, high: float) -> list[float]:
    """Return at most a few powers of ten on both sides of 0 that are inside the range."""
    powers = [10.0**power for power in (2, 4, 6, 8, 10)]
    return [*(-p for p in reversed(powers) if -p >= low), 0.0, *(p for p in powers if p <= high)]


def curve(events: Sequence[Event], tag: str) -> tuple[Numbers, Numbers]:
    """Return the steps and the finite values of a tag."""
    if tag.startswith(AUROC):
        name = tag.removeprefix(AUROC)
        points = [(e.step, e.auroc[name]) for e in events if isinstance(e, Assessed) and name in e.auroc]
    else:
        points = [(e.step, e.metrics[tag]) for e in events if isinstance(e, StepDone) and tag in e.metrics]
    found = np.array([point for point in points if np.isfinite(point[1])], float).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def smoothed(values: Numbers) -> Numbers:
    """Return the smoothed curve; a curve of few points stays unchanged."""
    return smooth(values, SMOOTHING) if len(values) > 10 * SMOOTHING else values
