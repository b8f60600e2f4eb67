"""Samples next to training images of the same classes, which reveals a model that memorises or has collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from jem_tui.events.run import RealImages, Samples
from jem_tui.raster.tiles.captions import KNOWN
from jem_tui.tui.repaint.fast_strips import BareContainer
from jem_tui.tui.samples.chain_order import Rows, take_chains
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.run_view import RunView

COMPARED = "-compared"
"""CSS class of the pane while it displays training images."""
MISSING = "no training images in this log; runs of this version record some at their start"
NOT_YET = "no training images yet"
FEW = 8
"""Number of samples below which smaller tiles are drawn."""


class RealImagesView(Container):
    """Two grids of equally many tiles: samples in the order of their classes, and training images of the same classes."""

    def __init__(self) -> None:
        super().__init__(id="real-images")
        self._shown: tuple[Samples, Rows, RunView] | None = None

    def compose(self) -> ComposeResult:
        with BareContainer(classes="real-images-half"):
            yield Static("samples", markup=False)
            yield TileGrid(id="compared-samples")
        with BareContainer(classes="real-images-half"):
            yield Static("training images", markup=False)
            yield TileGrid(id="training-images")
            yield Static(id="real-images-missing", markup=False)

    @property
    def samples(self) -> TileGrid:
        """The grid of samples."""
        return self.query_one("#compared-samples", TileGrid)

    def on_resize(self) -> None:
        """Draw the images again once both halves have their sizes."""
        self.call_after_refresh(self._show_again)

    def _show_again(self) -> None:
        if self._shown is not None:
            self.show(*self._shown)

    def show(self, samples: Samples, rows: Rows, run: RunView) -> None:
        """Draw the displayed `rows` of the samples, and images of the run that match them in number and classes."""
        self._shown = samples, rows, run
        if not self.children or not self.size.height:
            return
        left, right = (self.query_one(f"#{name}", TileGrid) for name in ("compared-samples", "training-images"))
        names, images = run.info.class_names, run.real_images
        missing = self.query_one("#real-images-missing", Static)
        missing.display, right.display = images is None, images is not None
        chosen = take_chains(samples, rows)
        if images is None:
            missing.update(NOT_YET if run.live else MISSING)
            left.show(take_chains(chosen, np.argsort(chosen.predicted, kind="stable")), names)
            return
        for half in self.query(".real-images-half"):
            half.styles.width = self.size.width // 2
        left.zoom = right.zoom = 0
        left.show(chosen, names)
        if left.shown < min(FEW, len(chosen.tiles)):
            left.zoom = right.zoom = -1
        pairs = matched(chosen.predicted, images.labels, max(1, left.shown))
        left.show(take_chains(chosen, [sample for sample, _ in pairs]), names)
        right.show(as_samples(images, [image for _, image in pairs], samples), names)


def draw_images(pane: Container, samples: Samples | None, rows: Rows, run: RunView) -> None:
    """Draw samples and training images in a pane, whose view is created at its first use; hide the view for samples of None."""
    view = next(iter(pane.query(RealImagesView)), None)
    pane.set_class(samples is not None, COMPARED)
    if samples is None:
        return
    if view is None:
        view = RealImagesView()
        pane.mount(view)
    view.show(samples, rows, run)


def matched(predicted: NDArray[np.int64], labels: NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    """Return at most `most` pairs of a sample and an image of its predicted class, in the order of the classes.

    `predicted` (n,) are classes of samples and `labels` (m,) those of images; −1 stands for an image that does not exist, because
    there are more samples of a class than images. Of more samples than `most`, the first ones are taken.
    """
    chosen = sorted(range(min(most, len(predicted))), key=lambda row: int(predicted[row]))
    left = {int(label): iter(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}
    return [(row, next(left.get(int(predicted[row]), iter(())), -1)) for row in chosen]


def as_samples(images: RealImages, rows: Sequence[int], like: Samples) -> Samples:
    """Return images as samples with their labels; a row of −1 is a blank tile."""
    index, known = np.asarray(rows, dtype=np.intp), np.asarray(rows) >= 0
    tiles = np.zeros((len(rows), *images.tiles.shape[1:]), np.uint8)
    tiles[known] = images.tiles[index[known]]
    labels = np.where(known, images.labels[index], 0)
    unknown = np.full(len(rows), np.nan, np.float32)
    return replace(
        like,
        tiles=tiles,
        energy=unknown,
        age=np.full(len(rows), -1),
        predicted=labels,
        confidence=np.where(known, np.float32(KNOWN), np.float32(np.nan)),
        reseeds=np.zeros(len(rows), np.int64),
    )
