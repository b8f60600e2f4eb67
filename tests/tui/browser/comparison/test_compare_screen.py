"""The comparison of runs on the screen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jem_tui.events.run import ACCURACY, NRG, TOTAL, Adjusted
from jem_tui.stream.reader.log_reader import event_files
from jem_tui.stream.reader.read_points import read_points
from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_choice import LeaveBrowser, OpenRuns
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.comparison.comparison_plots import compared_chart, compared_tags
from jem_tui.tui.browser.comparison.comparison_reading import ComparisonReading, read_comparison
from jem_tui.tui.browser.comparison.comparison_table import comparison_lines, copied_rows
from tests.stream.stream_events import evaluated, record, samples, started, step_done, stopped
from tests.tui.browser.browser_runs import browsing
from tests.tui.sources import screen_rows, shows, until


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, ...]:
    folders = []
    for name, k, last in (("short", 5, 0.25), ("long", 20, 0.125)):
        start, scores = started(config={"sgld": {"steps": k}}), evaluated(2, last)
        events = [start, step_done(1, 0.5), step_done(2, last), samples(2), scores, stopped(2)]
        folders.append(record(tmp_path / name, events))
    return tuple(folders)


async def test_the_comparison_of_a_command_is_shown_replayed_and_left(runs):
    app = BrowserApp(BrowserState(Path("runs"), compared=runs))
    async with app.run_test(size=(150, 45)) as pilot:
        await until(pilot, lambda: shows(app, "sgld.steps") and shows(app, "▲"))
        await until(pilot, lambda: len(list(app.screen.query("TileGrid"))) == 2)
        await pilot.press("y", "T", "enter")
    assert app.return_value == OpenRuns(runs)
    app = BrowserApp(BrowserState(Path("runs"), compared=runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "sgld.steps"))
        await pilot.press("tab")
        await until(pilot, lambda: not shows(app, "sgld.steps"))
        await pilot.press("q")
    assert app.return_value == LeaveBrowser()


@pytest.mark.slow
async def test_names_above_samples_are_shortened_in_a_narrow_terminal(tmp_path):
    events = [started(), step_done(1, 0.5), step_done(2, 0.25), samples(2), stopped(2)]
    paths = tuple(record(tmp_path / f"2026-11-27_2316-mnist-mini-{end}", events) for end in ("3f9c", "7b02"))
    app = BrowserApp(BrowserState(Path("runs"), compared=paths))
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: shows(app, "last values"))
        await pilot.press("tab")
        await until(pilot, lambda: shows(app, "3f9c") and shows(app, "7b02") and not shows(app, "last values"))


@pytest.mark.slow
async def test_marked_runs_are_compared_from_the_browser(runs):
    async with browsing(runs[0].parent) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 2)
        await pilot.press("c")
        assert len(app.screen_stack) == 1
        app._state.list.select(0)
        await pilot.press("space")
        app._state.list.select(1)
        await pilot.press("c")
        await until(pilot, lambda: shows(app, "settings at the start that differ"))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_two_marked_runs_are_compared_without_the_selected_run(runs):
    record(runs[0].parent / "third", [started(), step_done(1, 0.5), stopped(1)])
    async with browsing(runs[0].parent) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 3)
        app._state.list.marked = dict.fromkeys(runs)
        app._state.list.selected = runs[0].parent / "third"
        await pilot.press("c")
        await until(pilot, lambda: shows(app, "settings at the start that differ"))
        assert not shows(app, "third")


async def test_adjustments_are_a_table_of_their_own(tmp_path):
    change = Adjusted(step=1, images=64, time=1001.0, name="optimizer.rate", old=0.000555, new=0.0006938)
    paths = tuple(
        record(tmp_path / name, [started(), step_done(1, 0.5), *extra, stopped(1)])
        for name, extra in (("one", [change]), ("two", []))
    )
    app = BrowserApp(BrowserState(Path("runs"), compared=paths))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "adjusted during the run") and shows(app, "0.000555 → 0.0006938"))
        assert shows(app, "All settings at the start are equal.")


async def test_keys_that_need_the_logs_state_that_these_are_still_read(runs, monkeypatch):
    monkeypatch.setattr(ComparisonReading, "start", lambda reading: None)
    app = BrowserApp(BrowserState(Path("runs"), compared=runs))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "? help" in screen_rows(app)[-1])
        assert "replay" not in screen_rows(app)[-1]
        await pilot.press("y", "enter")
        await until(pilot, lambda: len(app._notifications) == 2)
        copy, replay = (each.message for each in app._notifications)
        assert copy.startswith("Copy as Markdown: the logs are still being read.")
        assert replay.startswith("Replay together: the logs are still being read.")
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "[keys here]") and shows(app, "in the comparison"))


@pytest.mark.slow
async def test_runs_that_vanished_are_one_sentence(runs):
    shutil.rmtree(runs[1])
    app = BrowserApp(BrowserState(Path("runs"), compared=runs))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: shows(app, "A comparison needs two runs or more"))
        await pilot.press("enter", "y", "tab", "q")
    assert app.return_value == LeaveBrowser()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 35), (200, 60)])
async def test_sentences_are_wrapped_at_every_size(runs, tmp_path, size):
    gone = tmp_path / "a-run-with-a-long-name-that-was-deleted-while-the-comparison-was-being-opened"
    app = BrowserApp(BrowserState(Path("runs"), compared=(*runs, gone)))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "last values"))
        tables = app.screen.query_one("#compare-tables")
        assert tables.virtual_size.width <= size[0]
        text = app.screen.query_one("#compare-text")
        assert "There is no folder" in str(text.content)
        # the charts appear with the first values, and the text is wrapped again once they have taken their half
        await until(
            pilot, lambda: max(map(len, str(text.content).splitlines())) <= tables.scrollable_content_region.width
        )


async def test_the_browser_refuses_a_comparison_without_two_readable_runs(runs):
    async with browsing(runs[0].parent) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 2)
        for file in event_files(runs[1]):
            file.write_bytes(b"")
        app.screen._actions.compare(runs)
        await until(pilot, lambda: any("1 of 2 can be read" in notice.message for notice in app._notifications))
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("room", [41, 45, 57])
def test_tables_fit_into_a_narrow_terminal_with_rounded_numbers(tmp_path, room):
    paths = [
        record(tmp_path / f"{name}-name", [started(), step_done(1, last), step_done(2, last), stopped(2)])
        for name, last in (("first", 0.123456789012), ("second", -2.000123456e-7))
    ]
    lines = [line.plain for line in comparison_lines(read_comparison(paths), room)]
    values = next(line for line in lines if line.startswith("JEM/total")).split()
    assert max(map(len, lines)) <= room
    assert float(values[1]) == pytest.approx(0.123456789012, rel=1e-3)
    assert float(values[-1].replace("−", "-")) == pytest.approx(-2.000123456e-7, rel=1e-3)


def test_last_values_have_few_digits_unless_these_hide_a_difference(tmp_path):
    paths = [
        record(
            tmp_path / name,
            [
                started(config={"data": {"dir": folder}}),
                step_done(1, metrics={TOTAL: last, ACCURACY: 0.98466665, NRG: 0.123456 + last / 1e6}),
                stopped(1),
            ],
        )
        for name, folder, last in (("first", "", 0.123456789), ("second", "here", 2.0))
    ]
    lines = [line.plain.split() for line in comparison_lines(read_comparison(paths), 100)]
    rows = {line[0]: line[1:] for line in lines if line}
    assert rows["data.dir"] == ["(empty)", "here"]
    assert rows["JEM/total"] == ["0.12346", "2"]
    assert rows["JEM/accuracy"] == ["98.47%", "98.47%"]
    assert rows["JEM/nrg"] == ["0.12345612", "0.123458"]


def test_tables_have_minus_signs_and_copies_have_hyphens(tmp_path):
    change = Adjusted(step=1, images=64, time=1001.0, name="optimizer.rate", old=-5e-5, new=2e-5)
    start = started(config={"data": {"dir": "runs -1"}, "offset": -2.5})
    first = record(tmp_path / "first", [start, step_done(1, -0.5), change, stopped(1)])
    found = read_comparison([first, record(tmp_path / "second", [started(), step_done(1, -2e-7), stopped(1)])])
    shown = "\n".join(line.plain for line in comparison_lines(found, 100))
    assert all(text in shown for text in ("−0.5", "−2e−07", "−5e−05 → 2e−05", "−2.5", "runs -1"))
    copied = "\n".join("\t".join(map(str, row)) for row in copied_rows(found))
    for text in (copied, found.markdown):
        assert all(each in text for each in ("-0.5", "-2e-07", "-5e-05 → 2e-05", "-2.5")) and "−" not in text


def test_charts_have_a_curve_of_each_run_with_every_point_of_the_log(runs):
    found = read_comparison(runs)
    for tag in compared_tags(found):
        chart = compared_chart(tag, found)
        assert [curve.label for curve in chart.curves] == ["short", "long"]
        for curve, path in zip(chart.curves, runs, strict=True):
            assert curve.raw.tolist() == read_points(path).points[tag].value.tolist()
