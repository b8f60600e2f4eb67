"""The key D on the screen of a run: live, in a replay, after the end of a run, and where no drawing can be scored."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import pytest

from jem_tui.cli.screens.drawing_models import drawing_elsewhere
from jem_tui.events.commands import Command, ScoreDrawing
from jem_tui.events.run import Event, StepDone, Wait
from jem_tui.tui.app import JemApp
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.draw.scorer import LIVE_FRAME, LiveScorer, ScorerThread
from jem_tui.tui.state.drawing_access import THREAD_NAME
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.screen_role import Attachment
from tests.jem.runs import emitted, opener, run, small_config
from tests.tui.draw.fake_drawings import FakeDrawings, drawing_on, fake_access, reached, reference
from tests.tui.sources import TRAINING, FakeSource, jem_app, run_started, shows, text_of
from tests.tui.viewed_run import FakeViewer, viewed_app

SIZE = (120, 35)


class DrawableSource(FakeSource):
    """A run that scores drawings between its steps."""

    def __init__(self, drawings: FakeDrawings, **how: Any) -> None:
        super().__init__(**how)
        self._drawings = drawings

    def events(self) -> Generator[Event | Wait, None, None]:
        for number, event in enumerate(super().events()):
            yield event if number else run_started(total=self._total, abilities=TRAINING | {"draw"})

    def apply(self, command: Command) -> Iterator[Event]:
        if not isinstance(command, ScoreDrawing):
            return super().apply(command)
        self.commands.append(command)
        request = command.request
        answer = self._drawings.model if request.number == 0 else self._drawings.score(request)
        if answer is not None:
            command.answer(answer)
        reference = self._drawings.compare()
        if reference is not None:
            command.answer(reference)
        return iter(())


def messages(app: JemApp) -> str:
    return " ".join(toast.message for toast in app._notifications)


async def test_a_live_run_scores_the_drawing_and_keeps_training():
    source = DrawableSource(FakeDrawings())
    app = jem_app(source)
    app.run_handle.drawing = fake_access(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        screen, state = await drawing_on(app, pilot, "TRAINING")
        assert isinstance(screen._scorer, LiveScorer)
        before = source.step
        await pilot.press("space", "right", "space", "g")
        await reached(pilot, lambda: state.moved >= 2)
        assert source.step > before
        await pilot.press("q")
        await reached(pilot, lambda: not isinstance(app.screen, DrawScreen))
        count = len(source.commands_of(ScoreDrawing))
        await reached(pilot, lambda: source.step > before + 40)
        assert len(source.commands_of(ScoreDrawing)) <= count + 1, "a closed screen asks for nothing"


async def test_the_checkpoint_scores_the_drawing_once_the_run_has_ended():
    saved, source = FakeDrawings(), DrawableSource(FakeDrawings(), pause=0.01)
    app = jem_app(source)
    app.run_handle.drawing = fake_access(saved)
    async with app.run_test(size=SIZE) as pilot:
        screen, state = await drawing_on(app, pilot, "TRAINING")
        await pilot.press("space", "right", "right", "space")
        source.finish()
        await reached(pilot, lambda: isinstance(screen._scorer, ScorerThread))
        await reached(pilot, lambda: bool(saved.requests))
        assert saved.opened_on == THREAD_NAME and state.canvas is not None
        sent = saved.requests[0].pixels
        assert sent is not None and np.array_equal(sent, state.canvas.pixels) and sent.any()


@pytest.mark.parametrize("missing", ["The run has no checkpoint yet that could score a drawing.", ""])
async def test_without_a_model_the_key_says_why(missing):
    app = jem_app(FakeSource(activity="replaying"))
    app.run_handle.drawing = fake_access(FakeDrawings(), missing) if missing else None
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("D")
        await reached(pilot, lambda: (missing or "Start jem-tui draw RUN") in messages(app))
        assert not isinstance(app.screen, DrawScreen)


@pytest.mark.parametrize(
    ("attachment", "sentence"),
    [(Attachment(host="node7"), "its model is on node7"), (Attachment(), "no checkpoint")],
)
async def test_a_viewer_of_a_run_that_answers_nothing_draws_on_a_checkpoint_alone(attachment, sentence):
    viewer = FakeViewer()
    app = viewed_app(viewer, attachment)
    elsewhere = drawing_elsewhere(attachment.host)
    app.run_handle.drawing = elsewhere if attachment.host else fake_access(FakeDrawings(), "It has no checkpoint.")
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("D")
        await reached(pilot, lambda: sentence in messages(app))
        assert "ScoreDrawing" not in viewer.sent_kinds()


class AnsweringViewer(FakeViewer):
    """A viewer whose run scores drawings until the connection is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings = FakeDrawings()

    def send(self, command: Command) -> None:
        super().send(command)
        if isinstance(command, ScoreDrawing):
            request = command.request
            command.answer(self.drawings.model if request.number == 0 else self.drawings.score(request))
            command.answer(reference())


async def test_the_run_scores_the_drawing_of_a_viewer_and_its_checkpoint_once_the_connection_is_lost():
    viewer, saved = AnsweringViewer(), FakeDrawings()
    app = viewed_app(viewer, Attachment(), abilities=TRAINING | {"draw"})
    app.run_handle.drawing = fake_access(saved)
    async with app.run_test(size=SIZE) as pilot:
        screen, state = await drawing_on(app, pilot, "TRAINING")
        assert isinstance(screen._scorer, LiveScorer) and viewer.drawings.requests
        await pilot.press("space", "right", "space", "g")
        await reached(pilot, lambda: state.moved >= 2)
        assert not saved.opened_on
        viewer.lose()
        await reached(pilot, lambda: isinstance(screen._scorer, ScorerThread) and bool(saved.requests))


async def test_a_viewer_of_another_machine_draws_with_the_run():
    viewer = AnsweringViewer()
    app = viewed_app(viewer, Attachment(host="node7"), abilities=TRAINING | {"draw"})
    app.run_handle.drawing = drawing_elsewhere("node7")
    async with app.run_test(size=SIZE) as pilot:
        screen, _ = await drawing_on(app, pilot, "TRAINING")
        assert isinstance(screen._scorer, LiveScorer)


async def test_a_watched_loop_says_that_its_network_is_unknown():
    app = jem_app(Watched())
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "TRAINING"))
        assert not shows(app, "D draw")
        await pilot.press("D")
        await reached(pilot, lambda: "this loop has its own network" in messages(app))


class Watched(FakeSource):
    """A loop of another program."""

    def events(self) -> Generator[Event | Wait, None, None]:
        for number, event in enumerate(super().events()):
            yield event if number else run_started(config={"watched": {}}, abilities=frozenset({"samples"}))


def test_requests_leave_nine_tenths_of_the_time_to_a_training_run():
    busy = LiveScorer(lambda command: None, lambda: True, lambda: True)
    assert busy.interval(0.0) == LIVE_FRAME
    assert busy.interval(1.0) == pytest.approx(10.0)
    idle = LiveScorer(lambda command: None, lambda: True, lambda: False)
    assert idle.interval(1.0) < LIVE_FRAME


@pytest.mark.slow
async def test_drawing_under_the_screen_changes_no_event_of_a_run(tmp_path):
    config = small_config(max_steps=60)
    straight = run(config, tmp_path / "straight")
    events: list[Event] = []
    app = JemApp(
        RunHandle(driving(opener(config, tmp_path / "drawn"), events.append)),
        label="test",
        run_dir=str(tmp_path / "drawn"),
    )
    app.run_handle.drawing = fake_access(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: any(isinstance(event, StepDone) for event in events))
        await drawing_on(app, pilot, "")
        await pilot.press("space", "right", "right", "space", "g", "7")
        await reached(pilot, lambda: "FINISHED" in text_of(app, "#header"))
        while len(app.screen_stack) > 2:
            await pilot.press("escape")
        await pilot.press("q")
    assert emitted(events) == emitted(straight)
