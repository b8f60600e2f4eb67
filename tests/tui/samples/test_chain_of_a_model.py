"""The enlarged chain of a replay: what the model of the run folder says about the displayed state."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from jem_tui.events.chain_facts import ChainInspection, ChainState
from jem_tui.events.commands import Command, InspectChain, Seek, Stop
from jem_tui.events.run import ReportProgress, Stopped
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.drawing_access import THREAD_NAME, DrawingAccess
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.session import Session
from tests.stream.stream_events import record
from tests.tui.draw.fake_drawings import FakeDrawings, fake_access
from tests.tui.samples.test_enlarged_chain import enlarged, film_of, inspection, replayer, states, words
from tests.tui.sources import TRAINING, run_started, shows, step_done, until

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


class FakeChains:
    """A model of step 9 without torch, whose most probable class is the step of the state, and whose training images load once."""

    def __init__(self, missing: str = "") -> None:
        self.asked: list[ChainState] = []
        self.loaded = False
        self.thread = ""
        self._missing = missing

    def access(self, reason: str = "") -> DrawingAccess:
        return replace(fake_access(FakeDrawings(), reason), open_chains=self.open)

    def open(self, shape: tuple[int, int, int], classes: int, report: ReportProgress) -> FakeChains:
        assert (shape, classes) == ((28, 28, 1), 10)
        self.thread = threading.current_thread().name
        report("loading the model", None)
        return self

    def load_images(self) -> bool:
        changed, self.loaded = not self.loaded, True
        return changed

    def inspect(self, state: ChainState) -> ChainInspection:
        self.asked.append(state)
        whole = replace(inspection(state.chain, state.step), model_step=9)
        shares = np.roll(whole.probabilities, state.step - 7)
        if self.loaded and not self._missing:
            return replace(whole, probabilities=shares)
        return replace(
            whole, probabilities=shares, nearest=None, mean=None, missing=self._missing if self.loaded else ""
        )


def replayed(tmp_path: Path, access: DrawingAccess) -> JemApp:
    """Return the replay of a run with eight states, whose folder has the model of `access`."""
    events = [event for sample in states(range(1, 9)) for event in (step_done(sample.step), sample)]
    folder = record(tmp_path / "run", [run_started(), *events])
    run = RunHandle(driving(partial(replayer, folder), lambda event: None))
    run.drawing = access
    return JemApp(run, label="demo", run_dir=str(folder))


async def test_the_model_of_a_replayed_run_describes_the_displayed_state(tmp_path):
    chains = FakeChains()
    app = replayed(tmp_path, chains.access())
    async with app.run_test(size=(140, 48)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        app._session.send(Seek(step=8))
        await until(pilot, lambda: shows(app, "step 8"))
        assert not chains.thread, "the model is opened for an enlarged chain alone"
        await enlarged(pilot, app)
        await until(pilot, lambda: "at distance 4.25" in words(app))
        assert "p(y|x) · model of step 9" in words(app) and "mean of 8" in words(app)
        assert chains.thread == THREAD_NAME and {state.chain for state in chains.asked} == {2}
        assert app.screen.query_one("#enlarged-images", TileGrid).shown == 2
        await until(pilot, lambda: film_of(app).shown == 8)
        await pilot.press("up", "up")
        await until(pilot, lambda: "shown: step 6" in words(app) and "mean of 6" in words(app))
        assert int(chains.asked[-1].image[0, 0, 0]) == 60


async def test_a_replay_says_which_part_is_missing(tmp_path):
    app = replayed(tmp_path, FakeChains("The training images are unknown, because mnist is not in /data.").access())
    async with app.run_test(size=(140, 48)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        app._session.send(Seek(step=8))
        await enlarged(pilot, app)
        await until(pilot, lambda: "because mnist is not in /data" in words(app))
        assert "model of step 9" in words(app)
        assert not app.screen.query_one("#enlarged-images", TileGrid).display


async def test_a_replay_without_a_model_says_so_and_continues(tmp_path):
    chains = FakeChains()
    app = replayed(tmp_path, chains.access("The run has no checkpoint yet."))
    async with app.run_test(size=(140, 48)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        app._session.send(Seek(step=8))
        await enlarged(pilot, app)
        await until(pilot, lambda: "need the run's model. The run has no checkpoint yet." in words(app))
        assert not chains.asked and app.failure is None


def test_a_run_that_stops_opens_no_second_model_before_its_end():
    sent: list[Command] = []
    session = Session(SimpleNamespace(send=sent.append, close=lambda timeout: None))
    chains, state = FakeChains(), ChainState(chain=2, step=1, image=np.zeros((28, 28, 1), np.uint8))
    session.chain_requests.access = chains.access()
    session.state.apply(run_started(abilities=TRAINING | {"inspect"}))
    session.request_chain_facts(state, 0.0)
    session.stop(save=True)
    session.request_chain_facts(state, 100.0)
    assert [type(command) for command in sent] == [InspectChain, Stop] and session.chain_requests._model is None
    session.state.apply(Stopped(step=1, images=0, time=0.0, reason="stopped"))
    session.request_chain_facts(state, 200.0)
    assert session.chain_requests._model is not None
    session.close(1.0)
