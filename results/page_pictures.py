"""Style of the pictures in the documentation: a transparent ground, and inks that are readable on light and on dark pages."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jem_tui.errors import JemError
from jem_tui.stream.export.image_sheets import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#7d8794", "#9aa3ad66"
"""Colours of text and axes, and of grids."""
TEAL, PURPLE, ORANGE, BLUE, RED, GREEN = "#1b9e9e", "#b0559e", "#d98a00", "#4c86d8", "#d8554c", "#4c9f50"
DOTS_PER_INCH = 120
MOST_BYTES = 100_000
"""Maximum size of a picture."""


def page_style() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws text and axes in `INK` and in small type."""
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": INK,
            "axes.titlecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "font.size": 9,
            "axes.titlesize": 9.5,
            "axes.linewidth": 0.8,
            "axes.facecolor": "none",
            "legend.fontsize": 8,
        }
    )


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def plain(axes: Axes) -> Axes:
    """Remove the frame above and at the right, and add a faint grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    return axes


def show_tiles(axes: Axes, tiles: NDArray[np.uint8], columns: int, title: str = "") -> None:
    """Draw tiles (n, h, w, channels) in a grid of `columns`."""
    picture = sheet(tiles, columns)
    axes.imshow(
        picture[..., 0] if picture.shape[2] == 1 else picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest"
    )
    axes.set_title(title)
    axes.axis("off")


def save(figure: Figure, path: Path) -> None:
    """Write a PNG with a palette of 256 colours and no metadata. Raises JemError if it is too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DOTS_PER_INCH, transparent=True, metadata={"Software": None})
    with Image.open(path) as drawn:
        drawn.convert("RGBA").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
    if path.stat().st_size > MOST_BYTES:
        raise JemError(f"{path.name} has {path.stat().st_size:,} bytes.", f"Draw at most {MOST_BYTES:,} bytes.")
