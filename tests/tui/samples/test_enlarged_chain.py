"""The chain that fills the screen: its film, its history, and the facts of a live run about it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.commands import Command, InspectChain, Seek
from jem_tui.events.run import Event, ReportProgress, Samples, Wait
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.chain_words import class_signs, history_rows, probability_rows
from jem_tui.tui.samples.enlarged_chain import EnlargedChain
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.chain_history import ChainHistory
from jem_tui.tui.state.film_store import FilmStore
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.stream.stream_events import record
from tests.tui.sources import FakeSource, jem_app, run_started, shows, step_done, until
from tests.tui.sources import samples as noise
from tests.tui.viewed_run import FakeViewer, viewed_app

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


def states(steps: Sequence[int], count: int = 6) -> list[Samples]:
    """Make samples whose energies, classes and pixels follow from their step."""
    return [
        replace(
            noise(step, count),
            tiles=np.full((count, 28, 28, 1), 10 * step, np.uint8),
            energy=np.full(count, -step / 2, np.float32),
            predicted=np.full(count, step % 10),
            reseeds=np.full(count, int(step >= 4)),
        )
        for step in steps
    ]


def inspection(chain: int, step: int) -> ChainInspection:
    return ChainInspection(
        chain=chain,
        step=step,
        probabilities=np.array([0.01] * 7 + [0.93, 0.0, 0.0], np.float32),
        nearest=np.full((28, 28, 1), 200, np.uint8),
        nearest_label=3,
        distance=4.25,
        mean=np.full((28, 28, 1), 90, np.uint8),
    )


class Live(FakeSource):
    """A live run that has recorded eight states, and answers requests for inspections."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(abilities=frozenset({"reseed", "inspect"}))
        for event in states(range(1, 9)):
            self.step = event.step
            yield step_done(event.step)
            yield event
        while True:
            yield Wait(0.05)

    def apply(self, command: Command) -> Iterator[Event]:
        self.commands.append(command)
        if isinstance(command, InspectChain):
            command.answer(inspection(command.chain, self.step))
        yield from ()


def pane_of(app: JemApp) -> SamplesPane:
    return app.screen.query_one("#samples", SamplesPane)


def film_of(app: JemApp) -> TileGrid:
    return app.screen.query_one("#enlarged-film", TileGrid)


async def enlarged(pilot: Pilot[Any], app: JemApp, row: int = 2) -> None:
    """Wait for the newest samples, and enlarge a chain."""
    await until(pilot, lambda: shows(app, "step 8"))
    pane_of(app).focus()
    pane_of(app).selection.row = row
    await pilot.press("enter")
    await until(pilot, lambda: shows(app, "film · 8 states"))


def words(app: JemApp) -> str:
    """Return all words of the view, with one blank between them."""
    text = " ".join(str(each.content) for each in app.screen.query_one(EnlargedChain).query(Static))
    return " ".join(text.split())


async def test_a_live_chain_has_a_film_class_probabilities_and_training_images():
    source = Live()
    app = jem_app(source)
    async with app.run_test(size=(140, 48)) as pilot:
        await enlarged(pilot, app)
        await until(pilot, lambda: "at distance 4.25" in words(app))
        assert "nearest training image: 3" in words(app) and "mean of 7" in words(app) and "93.0%" in words(app)
        assert "energy −4.0 … −0.5 nats, step 1 … 8" in words(app)
        assert [command.chain for command in source.commands_of(InspectChain)] == [2]
        images = app.screen.query_one("#enlarged-images", TileGrid)
        assert images.display and images.shown == 2
        await pilot.press("right")
        await until(pilot, lambda: [command.chain for command in source.commands_of(InspectChain)] == [2, 3])


async def test_up_and_down_and_a_click_choose_a_state_of_the_film():
    app = jem_app(Live())
    async with app.run_test(size=(140, 48)) as pilot:
        await enlarged(pilot, app)
        await pilot.press("up", "up")
        await until(pilot, lambda: "shown: step 6" in words(app))
        state = app.screen.query_one("#enlarged-state", TileGrid)
        assert state._samples is not None and int(state._samples.tiles[0, 0, 0, 0]) == 60
        assert "for the newest state only" in words(app) and "93.0%" not in words(app)
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: "shown: step 8" in words(app))
        film = film_of(app)
        top, left = film.scaled_layout[1].corners[0].tolist()
        await pilot.click(film, offset=(left + 2, top + 2))
        await until(pilot, lambda: "shown: step 1 " in words(app))
        await pilot.press("escape")
        assert not pane_of(app).enlarged and pane_of(app).grid.display


async def test_a_replayed_chain_has_the_film_up_to_the_displayed_step(tmp_path):
    events = [event for sample in states(range(1, 9)) for event in (step_done(sample.step), sample)]
    folder = record(tmp_path / "run", [run_started(), *events])
    app = JemApp(RunHandle(driving(partial(replayer, folder), lambda event: None)), label="demo", run_dir=str(folder))
    async with app.run_test(size=(140, 48)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        app._session.send(Seek(step=8))
        await enlarged(pilot, app)
        assert "need a run that trains" in words(app)
        app._session.send(Seek(step=5))
        await until(pilot, lambda: "film · 5 states" in words(app))
        assert film_of(app)._samples is not None
        assert film_of(app)._samples.tiles[:, 0, 0, 0].tolist() == [10, 20, 30, 40, 50]


async def asked(pilot: Pilot[Any], app: JemApp, viewer: FakeViewer) -> InspectChain:
    """Enlarge a chain in a viewer, and return its question to the run."""
    await until(pilot, lambda: shows(app, "TRAINING"))
    viewer.put(*states(range(10, 12)))
    await until(pilot, lambda: shows(app, "replay buffer"))
    pane_of(app).focus()
    await pilot.press("enter")
    await until(pilot, lambda: "InspectChain" in viewer.sent_kinds())
    (command,) = [each for each in viewer.sent if isinstance(each, InspectChain)]
    return command


async def test_a_viewer_shows_what_the_run_answers():
    viewer = FakeViewer()
    app = viewed_app(viewer, abilities=frozenset({"reseed", "inspect"}))
    async with app.run_test(size=(140, 48)) as pilot:
        command = await asked(pilot, app, viewer)
        command.answer(ChainRefusal(chain=command.chain, text="The chain belongs to another rank."))
        await until(pilot, lambda: "The chain belongs to another rank." in words(app))
        command.answer(inspection(command.chain, 11))
        await until(pilot, lambda: "at distance 4.25" in words(app))
        assert "another rank" not in words(app)


def replayer(folder: Any, report: ReportProgress) -> Replayer:
    return Replayer(folder)


@pytest.mark.parametrize(
    ("size", "film"), [((60, 20), False), ((80, 24), True), ((100, 30), True), ((120, 35), True), ((200, 60), True)]
)
async def test_the_film_is_displayed_where_there_is_room(size, film):
    app = jem_app(Live())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "JEM/total"))
        if size[0] < 100:
            await pilot.press("2")
        await until(pilot, lambda: pane_of(app).size.height > 0 and pane_of(app)._run is not None)
        pane_of(app).focus()
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query("#enlarged-state")) and shows(app, "chain 1 of"))
        await until(pilot, lambda: film_of(app).display is film)
        state = app.screen.query_one("#enlarged-state", TileGrid)
        await until(pilot, lambda: state.shown == 1)
        await until(pilot, lambda: all(shows(app, word) for word in ("energy ", "age ", "class ", "restarts ")))
        # A digit of 28 pixels in half-blocks has 14 rows
        await until(pilot, lambda: state.scaled_layout[1].tile_rows >= (14 if size[1] >= 35 else 7))


def test_the_history_of_a_slot_has_energies_classes_restarts_and_a_marker():
    history = ChainHistory()
    for sample in states(range(1, 9)):
        history.observe(sample)
    rows = [str(row) for row in history_rows(history.of_slot(0), tuple("0123456789"), 6, 16)]
    assert rows[-2] == "1 2 3 4 5 6 7 8 "
    assert rows[-1] == "      ×   ▲     "
    assert rows[1][0] == "█" and rows[1].startswith("██▅")
    assert "one recorded state" in str(history_rows(ChainHistory().of_slot(0), (), 0, 60)[0])


def test_classes_with_equal_first_letters_are_numbers():
    assert class_signs(("cat", "dog")) == ["c", "d"]
    assert class_signs(("cat", "cow", *"abcdefghij")) == [*"0123456789AB"]


def test_the_most_probable_classes_are_shown_where_not_all_fit():
    probabilities = np.array([0.1, 0.6, 0.0, 0.3], np.float32)
    rows = [str(row) for row in probability_rows(probabilities, ("ant", "bee", "cat", "dog"), 20, 2)]
    assert [row[:3] for row in rows] == ["bee", "dog"]
    assert [row[-5:] for row in rows] == ["60.0%", "30.0%"]
    assert len(probability_rows(probabilities, (), 20, 9)) == 4


def test_a_store_of_films_keeps_its_bound_and_forgets_void_states(monkeypatch):
    monkeypatch.setattr("jem_tui.tui.state.film_store.MOST_BYTES", 10 * 784 * 6)
    store = FilmStore()
    recorded = states(range(1, 26))
    for sample in recorded:
        store.add(sample)
    film = store.film(recorded[-1], 3)
    assert film is not None
    assert film.steps[0] == 1 and film.steps[-1] == 25 and len(film.steps) <= 11
    assert len(set(np.diff(film.steps[:-1]).tolist())) == 1
    store.truncate_after(9)
    shorter = store.film(recorded[11], 3)
    assert shorter is not None and max(shorter.steps[:-1]) <= 9
    assert store.film(recorded[11], 99) is None
