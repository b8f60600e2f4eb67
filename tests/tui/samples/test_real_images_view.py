"""Samples next to training images of the same classes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest

from jem_tui.events.run import Event, RealImages, Wait
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.real_images_view import matched
from jem_tui.tui.samples.tile_grid import TileGrid
from tests.tui.sources import FakeSource, jem_app, run_started, shows, until
from tests.tui.sources import samples as noise

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


def real_images() -> RealImages:
    """Make ten images of each class, whose pixels are their class times ten."""
    labels = np.repeat(np.arange(10), 10)
    tiles = np.broadcast_to((10 * labels).astype(np.uint8)[:, None, None, None], (100, 28, 28, 1))
    return RealImages(step=0, images=0, time=0.0, tiles=tiles.copy(), labels=labels)


class Recorded(FakeSource):
    """Source of a run that has recorded training images."""

    has_images = True

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(activity="replaying")
        if self.has_images:
            yield real_images()
        yield replace(noise(0, count=40), predicted=np.arange(40) % 7)
        while True:
            yield Wait(0.05)


class WithoutImages(Recorded):
    has_images = False


def grids(app: JemApp) -> tuple[TileGrid, TileGrid]:
    return app.screen.query_one("#compared-samples", TileGrid), app.screen.query_one("#training-images", TileGrid)


def pairs_are_displayed(app: JemApp) -> bool:
    """Return whether both grids display all of their images, as many in each."""
    left, right = grids(app)
    if left._samples is None or right._samples is None:
        return False
    return 1 < left.shown == right.shown == len(left._samples.tiles) == len(right._samples.tiles)


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_as_many_images_of_the_same_classes_are_displayed(size):
    app = jem_app(Recorded())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "JEM/total"))
        if size[0] < 100:
            await pilot.press("2")
        await pilot.press("v")
        await until(pilot, lambda: shows(app, "training images") and pairs_are_displayed(app))
        left, right = grids(app)
        assert left._samples.predicted.tolist() == right._samples.predicted.tolist()
        assert left._samples.predicted.tolist() == sorted(left._samples.predicted.tolist())
        assert right._samples.tiles[:, 0, 0, 0].tolist() == (10 * right._samples.predicted).tolist()
        await pilot.press("v")
        await until(pilot, lambda: not shows(app, "training images"))
        assert app.screen.query_one("#grid", TileGrid).display


async def test_a_log_without_images_says_so():
    app = jem_app(WithoutImages())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        await pilot.press("v")
        await until(pilot, lambda: shows(app, "no training images"))


def test_samples_without_an_image_of_their_class_are_paired_with_none():
    predicted, labels = np.array([2, 0, 2, 2, 5]), np.array([0, 0, 1, 2, 2])
    assert matched(predicted, labels, 4) == [(1, 0), (0, 3), (2, 4), (3, -1)]
    assert matched(predicted, labels, 9) == [(1, 0), (0, 3), (2, 4), (3, -1), (4, -1)]
    assert matched(predicted[:0], labels, 3) == []
