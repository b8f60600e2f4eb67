"""Curves as PNG plots, one panel each, on one or several pages."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.printable import printable
from jem_tui.stream.export.scalar_tables import SmoothedCurve
from jem_tui.user_folders import silence_matplotlib_cache_warning

PAGE = 48
"""Maximum number of panels on one page."""
MOST_PLOTS = 4 * PAGE
"""Maximum number of plotted curves; each panel takes a twentieth of a second."""
FEW = 50
"""Number of values below which a curve is plotted unsmoothed, with its points."""
MOST_DRAWN = 4000
"""Maximum number of values of a drawn line; longer lines are reduced to the extremes of each segment."""
LONGEST_TITLE = 60
_LARGEST_DRAWN = 1e100
"""Largest value on a plot: beyond it the arithmetic of the axes overflows."""

Drawn = tuple[NDArray[Any], NDArray[np.float64]]


def write_plots(path: Path, curves: Mapping[str, SmoothedCurve], title: str) -> list[Path]:
    """Write the first `MOST_PLOTS` curves, faint values below the smoothed line, and return the pages. Raises OSError."""
    plotted = list(curves.items())[:MOST_PLOTS]
    pages = [plotted[start : start + PAGE] for start in range(0, len(plotted), PAGE)]
    written = [path if number == 1 else path.with_stem(f"{path.stem}_{number}") for number in range(1, len(pages) + 1)]
    for number, (target, page) in enumerate(zip(written, pages, strict=True), 1):
        _write_page(target, page, f"{title} · {number} of {len(pages)}" if len(pages) > 1 else title)
    return written


def _write_page(path: Path, page: Sequence[tuple[str, SmoothedCurve]], title: str) -> None:
    silence_matplotlib_cache_warning()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = 1 if len(page) == 1 else 2
    rows = -(-len(page) // columns)
    figure = Figure(figsize=(6 * columns, 2.6 * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(_title(title), fontsize=11)
    for axes, (tag, line) in zip(figure.subplots(rows, columns, squeeze=False).flat, page, strict=False):
        _draw(axes, tag, line)
    for axes in figure.axes[len(page) :]:
        axes.remove()
    with warnings.catch_warnings():
        # A font without a glyph draws a box
        warnings.simplefilter("ignore")
        figure.savefig(path, dpi=120)


def _draw(axes: Any, tag: str, line: SmoothedCurve) -> None:
    ordered = np.argsort(line.points.step, kind="stable")
    images = line.points.images
    x = (line.points.step if images is None else images)[ordered]
    if len(x) < FEW:
        axes.plot(*_drawable(x, line.points.value[ordered]), ".-", color="tab:blue", linewidth=1.4)
    else:
        axes.plot(*_drawable(x, line.points.value[ordered]), color="tab:blue", alpha=0.25, linewidth=0.8)
        axes.plot(*_drawable(x, line.smoothed[ordered]), color="tab:blue", linewidth=1.4)
    axes.set_title(_title(tag), fontsize=10)
    axes.set_xlabel("step" if images is None else "images seen", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.2)


def _drawable(x: NDArray[Any], y: NDArray[np.float64]) -> Drawn:
    """Hide values that no axis can hold, and reduce long lines to the extremes of each segment."""
    y = np.where(np.abs(y) <= _LARGEST_DRAWN, y, np.nan)
    if len(y) <= MOST_DRAWN:
        return x, y
    starts = np.linspace(0, len(y), MOST_DRAWN // 2, endpoint=False).astype(np.intp)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return np.repeat(x[starts], 2), np.column_stack([low, high]).ravel()


def _title(text: str) -> str:
    """Shorten a title and escape dollars, which matplotlib would read as mathematics."""
    text = printable(text)
    short = text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE // 2]}…{text[1 - LONGEST_TITLE // 2 :]}"
    return short.replace("$", r"\$")
