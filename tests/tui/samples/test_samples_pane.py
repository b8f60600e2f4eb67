from __future__ import annotations

import itertools
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest

from jem_tui.events.run import Event, Samples, Wait
from jem_tui.raster.tiles.captions import captions
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.samples_pane import SamplesPane
from tests.tui.sources import FakeSource, jem_app, run_started, screen_rows, shows, step_done, until
from tests.tui.sources import samples as noise

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


CIFAR = ("airplane", "automobile", "bird")


def predicted(*pairs: tuple[int, float]) -> Samples:
    count = len(pairs)
    return Samples(
        step=1,
        images=1,
        time=0.0,
        tiles=np.zeros((count, 4, 4, 1), np.uint8),
        energy=np.zeros(count, np.float32),
        age=np.zeros(count, np.int64),
        predicted=np.array([index for index, _ in pairs]),
        confidence=np.array([confidence for _, confidence in pairs], np.float32),
        reseeds=np.zeros(count, np.int64),
    )


def test_captions_of_a_grid_have_one_form():
    seen = predicted((0, 0.981), (1, 1.0), (2, 0.5))
    assert captions(seen, CIFAR, 3, 27) == ["airplane  98 %", "automobile  100 %", "bird  50 %"]
    assert captions(seen, CIFAR, 3, 17) == ["airplane 98 %", "automobile 100 %", "bird 50 %"]
    assert captions(seen, CIFAR, 3, 16) == ["airplane 98%", "automobile 100%", "bird 50%"]
    assert captions(seen, CIFAR, 3, 12) == ["airplane 98%", "automo… 100%", "bird 50%"]
    assert captions(seen, CIFAR, 2, 12) == ["airplane 98%", "automo… 100%"]


def test_a_class_whose_name_cannot_be_displayed_is_a_number():
    seen = predicted((0, 0.5), (1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5))
    names = ("犬", "\x1b[2J", "", "\U0001f408", "Ærø")
    assert captions(seen, names, 5, 20) == ["0  50 %", "1  50 %", "2  50 %", "3  50 %", "Ærø  50 %"]
    assert captions(seen, (), 1, 20) == ["0  50 %"]


def test_a_chain_with_an_unknown_confidence_has_its_energy_as_caption():
    assert captions(predicted((0, float("nan")), (7, 0.2)), CIFAR, 2, 20) == ["E 0.0", "7  20 %"]


class Named(FakeSource):
    """Source whose classes have names."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(class_names=(*CIFAR, *"3456789"))
        yield noise(0, count=6)


class Classifier(FakeSource):
    """Source of a run without chains."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(config={"sgld": {"steps": 0, "steps_growth": 0.0}}, abilities=frozenset({"save"}))
        for event in super().events():
            if type(event).__name__ == "StepDone":
                yield event


async def test_class_names_are_displayed_below_samples():
    app = jem_app(Named())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "airplane"))


async def test_the_screen_of_a_classifier_has_no_chains_and_no_restart():
    app = jem_app(Classifier())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "quit" in screen_rows(app)[-1] and shows(app, "JEM/total"))
        assert not any("replay buffer" in row for row in screen_rows(app))
        await pilot.press("2")
        await until(pilot, lambda: shows(app, "this run trains the classifier alone"))
        rows = screen_rows(app)
        assert any("no replay buffer" in row for row in rows)
        assert not any("no samples yet" in row or "chains · " in row for row in rows)
        assert "reseed" not in rows[-1] and "save" in rows[-1]


def test_wide_captions_have_energy_and_age_in_fixed_columns():
    seen = replace(
        noise(7, 4),
        predicted=np.array([0, 1, 2, 3]),
        confidence=np.array([0.98, 1.0, 0.5, np.nan], np.float32),
        energy=np.array([-8.61, 123.4, -4e5, 1.0], np.float32),
        age=np.array([5, 9_999, 123_456_789, 3]),
    )
    below = captions(seen, CIFAR, 4, 32)
    assert below == [
        "airplane 98%    E  −8.6 age 5   ",
        "automobile 100% E 123.4 age 9999",
        "bird 50%        E−4e+05 age 123M",
        "E 1.0",
    ]
    assert [len(caption) for caption in captions(seen, (), 4, 28)] == [28, 28, 28, 5]


class Many(FakeSource):
    """Source with more chains than fit, of ten classes."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started()
        yield replace(noise(0, count=60), predicted=np.arange(60) % 10)


def title(app: JemApp) -> str:
    return next((str(pane.border_title) for pane in app.screen.query(SamplesPane)), "")


def subtitle(app: JemApp) -> str:
    """Return the text below the samples, or "" before the pane is mounted."""
    return next((str(pane.border_subtitle) for pane in app.screen.query(SamplesPane)), "")


async def test_plus_and_minus_change_the_size_and_stop_where_nothing_fits():
    app = jem_app(Many())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "quadrant 16 px · step" in subtitle(app))
        await pilot.press("3")
        await until(pilot, lambda: "quadrant · step" in subtitle(app))
        await pilot.press("plus")
        assert "half-block · step" in subtitle(app) and " · 2 of" in title(app)
        await pilot.press("plus", "plus", "plus")
        assert "half-block ×2 · step" in subtitle(app) and " · 1 of" in title(app)
        await pilot.press("minus")
        assert "half-block · step" in subtitle(app), "presses beyond the largest size are not remembered"
        await pilot.press("minus", "minus", "minus")
        assert "quadrant 16 px · step" in subtitle(app)


async def test_arrows_move_through_rows_of_classes():
    app = jem_app(Many())
    async with app.run_test(size=(120, 33)) as pilot:
        await until(pilot, lambda: "quadrant · step" in subtitle(app))
        await pilot.press("c", "2", "2", "tab", "tab")
        pane = app.screen.query_one(SamplesPane)
        assert pane.has_focus and pane.selection.row == 0
        await pilot.press("right")
        assert pane.selection.row == 10, "the next chain of the same class"
        await pilot.press("down")
        assert pane.selection.row == 11, "the class below"
        rows = [row.split("│")[-2] for row in screen_rows(app) if row.count("│") >= 2]
        assert sum(any(part == str(digit) for part in " ".join(rows).split()) for digit in range(10)) == 10


async def test_enter_enlarges_the_selected_chain_and_escape_restores_the_grid():
    app = jem_app(Many())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "quadrant 16 px · step" in subtitle(app))
        await pilot.press("3", "tab", "tab", "right", "enter")
        pane = app.screen.query_one(SamplesPane)
        await until(pilot, lambda: pane.size.width > 100)
        await until(pilot, lambda: "half-block · step" in subtitle(app))
        assert "chain 2 of" in title(app)
        await pilot.press("right")
        assert "chain 3 of" in title(app)
        await pilot.press("escape")
        await until(pilot, lambda: pane.size.width < 100)
        assert pane.has_focus and "quadrant · step" in subtitle(app)
        await pilot.press("escape")
        assert not pane.has_focus


class OddTiles(FakeSource):
    """Source of tiles whose number, shape and classes change with every step, up to the step `due`."""

    def __init__(self):
        super().__init__()
        self.due = 1

    def events(self) -> Generator[Event | Wait, None, None]:
        names = ("[/] markup", "[bold", "😀", "漢字", "a" * 10_000)
        yield run_started(class_names=names, abilities=frozenset())
        shapes = [(7, 28, 28, 1), (0, 28, 28, 1), (40, 1, 1, 3), (3, 1, 64, 1), (5, 64, 5, 3), (12, 28, 28, 4)]
        for step in itertools.count(1):
            while step > self.due:
                yield Wait(seconds=0.01)
            count, *shape = shapes[step % len(shapes)]
            tiles = np.zeros((count, *shape), np.uint8)
            column = np.arange(count)
            facts = {
                "energy": -column.astype(float),
                "age": column,
                "confidence": np.ones(count),
                "reseeds": 0 * column,
            }
            yield replace(noise(step, count=count), tiles=tiles, predicted=column % 7 - 1, **facts)
            yield step_done(step)


KEYS = (
    "f",
    "f",
    "f",
    "b",
    "c",
    "f",
    "plus",
    "right",
    "o",
    "enter",
    "right",
    "i",
    "f",
    "f",
    "escape",
    "f",
    "c",
    "minus",
)


@pytest.mark.parametrize("size", [(60, 20), pytest.param((120, 35), marks=pytest.mark.slow)])
async def test_tiles_of_changing_shape_with_any_class_names_are_drawn(size):
    source = OddTiles()
    app = jem_app(source)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen.query(SamplesPane))
        titles = set()
        pane = app.screen.query_one(SamplesPane)
        if size[0] < 100:
            await pilot.press("2")
        await until(pilot, lambda: "step 1" in subtitle(app))
        pane.focus()
        for key in KEYS:
            source.due += 1
            await until(pilot, lambda: subtitle(app).endswith(f"step {source.due}"))
            await pilot.press(key)
            titles.add(title(app))
        assert app.is_running and any("/] markup" in each for each in titles)
        assert any("only -1" in each for each in titles) and max(map(len, titles)) < 120
