"""The output of a watched script on the screen: where it is displayed, how it is scrolled, and that other runs have no such pane."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from jem_tui.events.run import Event, Wait
from jem_tui.events.viewing import Printed
from jem_tui.tui.app import JemApp
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.console_text import ConsoleText
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import FakeSource, run_started, screen_rows, shows, step_done, text_of, until


def printed(text: str) -> Printed:
    return Printed(step=0, images=0, time=0.0, text=text)


class Talking(FakeSource):
    """A source of a run whose script prints."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield printed("\x1b[1mloading\x1b[0m the data\n")
        for number, event in enumerate(super().events()):
            yield event
            if number == 1:
                yield printed("".join(f"line {line}\n" for line in range(100)))
                yield printed("\r 10%|#   |\r 20%|##  |")


class Quiet(FakeSource):
    """A watched loop without samples, which prints one line."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(config={"watched": {}}, abilities=frozenset({"adjust"}))
        yield printed("loading the data\n")
        while self.step < self._total:
            time.sleep(self._pause)
            self.step += 1
            yield step_done(self.step)


def app_of(source: FakeSource) -> JemApp:
    return JemApp(RunHandle(driving(source.open, lambda event: None)), label="x")


@pytest.mark.parametrize("size", [(120, 35), (60, 20), (200, 60)])
async def test_the_newest_output_is_shown_with_its_progress_bar(size: tuple[int, int]):
    app = app_of(Talking())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state is not None and app.state.run is not None)
        if size[0] < 100:
            await until(pilot, lambda: shows(app, "6 console"))
            await pilot.press("6")
        await until(pilot, lambda: shows(app, "line 99") and shows(app, "20%|##"))
        assert not shows(app, "10%|#") and not shows(app, "\x1b")
        assert all(len(row) <= size[0] for row in screen_rows(app))


async def test_scrolled_output_stays_while_more_arrives():
    app = app_of(Talking())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "line 99"))
        pane = app.screen.query_one("#console-output")
        app.screen.set_focus(pane)
        await pilot.press("pageup", "up")
        await until(pilot, lambda: not shows(app, "line 99"))
        before = text_of(app, "#console-output")
        assert app.state is not None
        app.state.apply(printed("\nmore\n"))
        await pilot.pause(0.3)
        assert text_of(app, "#console-output") == before
        await pilot.press("end")
        await until(pilot, lambda: shows(app, "more"))


async def test_the_pane_is_hidden_and_shown_by_its_key():
    app = app_of(Talking())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "line 99"))
        await pilot.press("6")
        await until(pilot, lambda: not shows(app, "line 99"))
        await pilot.press("6")
        await until(pilot, lambda: shows(app, "line 99"))


async def test_a_run_without_output_has_no_console():
    app = app_of(FakeSource())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "1 curves") and shows(app, "5 chain"))
        assert not shows(app, "console")
        await pilot.press("6")
        assert isinstance(app.screen, RunScreen) and not app.screen.offers("console")
        assert app.screen.query_one("#curves").display


async def test_a_console_is_small_until_it_has_more_to_show():
    app = app_of(Quiet())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "loading the data"))
        curves = app.screen.query_one("#curves")
        await until(pilot, lambda: curves.size.width > 80)
        assert app.state is not None
        app.state.apply(printed("".join(f"line {line}\n" for line in range(9))))
        await until(pilot, lambda: curves.size.width < 60)
        await pilot.press("left_curly_bracket")
        await until(pilot, lambda: curves.size.width < 54)


@pytest.mark.parametrize(
    ("text", "brief"), [("", True), ("a\nb\nc\n", True), ("a\nb\nc\nd\ne", False), ("x" * 51, False)]
)
def test_few_short_lines_are_brief(text: str, brief: bool):
    console = ConsoleText()
    console.feed(text)
    assert console.is_brief is brief
