"""The ranks of a run on the screen: every rank in its row, the slowest marked, and no such pane for a run of one process."""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.events.run import Event, RankStates, Wait
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.tui.app import JemApp
from jem_tui.tui.panes.rank_columns import columns_for
from jem_tui.tui.panes.rank_table import ROOM_FOR_SUMMARY, rank_table
from jem_tui.tui.preferences.theme import THEMES
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.rank_figures import FEWEST, EnergySpread
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.examples import examples
from tests.stream.stream_events import record, started
from tests.stream.stream_events import step_done as recorded_step
from tests.tui.sources import FakeSource, rank_states, screen_rows, shows, text_of, until

WIDTHS = [20, 29, 36, 56, 76, 96, 196]
NUMBERS = st.one_of(st.floats(), st.sampled_from([0.0, 1e308, -1e308, 1e-300, 0.3, -99999.994]))
NAMES = st.one_of(st.sampled_from(["", "node1", "日本語", "x" * 99]), st.text(max_size=9).filter(str.isprintable))


class ManyRanks(FakeSource):
    """A source whose ranks report once a step."""

    def __init__(self, size: int = 8, **changes: Any) -> None:
        super().__init__()
        self._size = size
        self._changes = changes

    def events(self) -> Generator[Event | Wait, None, None]:
        for event in super().events():
            yield event
            if event.step:
                yield rank_states(event.step, self._size, **self._changes)


def app_of(source: Any) -> JemApp:
    return JemApp(RunHandle(driving(source.open, lambda event: None)), label="x")


def texts(
    states: RankStates, width: int = 96, height: int = 9, first: int = 0, by_rank: bool | None = None
) -> list[str]:
    return [row.plain for row in rank_table(states, width, height, first, by_rank).rows]


def labels(rows: list[str]) -> list[str]:
    return [row[2:].split()[0] for row in rows]


def test_every_rank_has_a_row_in_the_order_of_the_numbers():
    rows = texts(rank_states(1))
    assert labels(rows) == ["rank", *"01234567"]
    assert [row[0] for row in rows] == [" ", " ", "▸", *" " * 6]
    assert "1,390" in rows[2] and "1%" in rows[2] and "61.0/80.0 GiB" in rows[2]
    assert "−3.25 " in rows[1] and "5.68!" in rows[8]


def test_names_that_all_ranks_share_have_no_column():
    assert "node00" not in "".join(texts(rank_states(1)))
    assert "node01" in "".join(texts(rank_states(1, 16), height=17))
    assert "cpu" in "".join(texts(rank_states(1, 2, devices=("cpu", "NVIDIA H100"))))


def test_ranks_that_do_not_fit_are_summarized_and_the_remarkable_ones_come_first():
    silent = {name: list(getattr(rank_states(1, 64), name)) for name in ("images_per_second", "energy", "waiting")}
    for numbers in silent.values():
        numbers[7] = math.nan
    rows = texts(rank_states(1, 64, **silent), height=12)
    assert labels(rows)[:8] == ["rank", "min", "med", "max", "7", "1", "63", "0"]
    assert "no report" in rows[4]
    assert labels(texts(rank_states(1, 64), height=ROOM_FOR_SUMMARY - 1))[:3] == ["rank", "med", "1"]


@pytest.mark.parametrize("size", [2, 3, 4, 8, 64, 512])
def test_ranks_that_differ_by_chance_are_hardly_ever_marked(size: int):
    draw = random.Random(size)
    marked = 0
    for _ in range(100):
        spread = EnergySpread.of(energies := [draw.gauss(-40, 0.5) for _ in range(size)])
        marked += any(map(spread.deviates, energies))
        assert spread.deviates(-20.0) is (size >= FEWEST) and spread.deviates(math.inf)
    assert marked <= 5


def test_all_ranks_can_be_reached_in_either_order():
    for by_rank in (True, False):
        seen = [row for first in range(64) for row in labels(texts(rank_states(1, 64), 96, 12, first, by_rank))[4:]]
        assert set(seen) == set(map(str, range(64)))
    table = rank_table(rank_states(1, 64), 96, 12, first=10**6)
    assert (table.first, table.shown) == (56, 8)


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_are_whole_at_every_width(width: int):
    rows = texts(rank_states(1, 16), width, height=17)
    assert all(len(row) <= width for row in rows)
    assert all("…" not in row for row in rows[1:])
    assert "1%" in rows[2] and "34%" in rows[1]


@settings(max_examples=examples(40))
@given(st.data(), st.integers(0, 20), st.integers(1, 220), st.integers(1, 40))
def test_states_of_any_values_fit_their_table(data: st.DataObject, size: int, width: int, height: int):
    def several(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        few = data.draw(st.lists(values, min_size=1, max_size=3))
        return tuple(few[rank % len(few)] for rank in range(size))

    counts = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 80 << 30]))
    numbers = {name: several(NUMBERS) for name in ("images_per_second", "energy", "waiting")}
    memory = {name: several(counts) for name in ("memory", "memory_total")}
    names = {name: several(NAMES) for name in ("hosts", "devices")}
    states = rank_states(1, size, **numbers, **memory, **names)
    order = data.draw(st.sampled_from([None, True, False]))
    table = rank_table(states, width, height, data.draw(st.integers(0, 40)), order)
    assert len(table.rows) <= height
    assert all(row.cell_length <= width and "\n" not in row.plain for row in table.rows)
    if width >= 56:
        assert len({row.cell_length for row in table.rows if "no report" not in row.plain}) <= 1


@pytest.mark.parametrize(("size", "ranks"), [((60, 20), 64), ((80, 24), 2), ((120, 35), 64), ((200, 60), 2)])
async def test_the_pane_is_on_the_screen_or_behind_a_tab(size: tuple[int, int], ranks: int):
    app = app_of(ManyRanks(ranks))
    async with app.run_test(size=size) as pilot:
        if size[0] < 100:
            await until(pilot, lambda: shows(app, "7 ranks"))
            await pilot.press("7")
        await until(pilot, lambda: shows(app, f"{ranks} ranks · NVIDIA H100") and shows(app, "▸ 1"))
        assert shows(app, "61.0/80.0") or shows(app, "76%")
        assert all(len(row) <= size[0] for row in screen_rows(app))
        await until(pilot, lambda: f"{ranks} ranks" in text_of(app, "#status"))


@pytest.mark.slow
@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_the_pane_is_drawn_in_every_theme(theme: str):
    app = app_of(ManyRanks())
    async with app.run_test(size=(120, 35)) as pilot:
        app.theme = theme
        await until(pilot, lambda: shows(app, "8 ranks · NVIDIA H100") and shows(app, "▸ 1"))


async def test_a_hostile_host_name_is_text():
    app = app_of(ManyRanks(2, hosts=("[bold]a[/x", "[bold]a[/x")))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "[bold]a[/x"))


async def test_the_table_scrolls_and_changes_its_order():
    app = app_of(ManyRanks(64))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "▸ 1") and shows(app, "slowest first"))
        app.screen.set_focus(app.screen.query_one("#ranks"))
        await pilot.press("down")
        await until(pilot, lambda: not shows(app, "▸ 1"))
        await pilot.press("home")
        await until(pilot, lambda: shows(app, "▸ 1"))
        await pilot.press("o")
        await until(pilot, lambda: not shows(app, "slowest first") and shows(app, "1–6 of 64"))
        await pilot.press(*["pagedown"] * 9)
        await until(pilot, lambda: shows(app, "59–64 of 64"))


async def test_a_run_of_one_process_has_no_ranks():
    app = app_of(ManyRanks(1))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "1 curves") and shows(app, "5 chain"))
        assert not shows(app, "ranks")
        await pilot.press("7")
        assert isinstance(app.screen, RunScreen) and not app.screen.offers("ranks")
        assert app.screen.query_one("#curves").display


async def test_a_step_back_in_a_replay_shows_the_states_of_then(tmp_path: Path):
    later = [event for step in range(2, 5) for event in (recorded_step(step), rank_states(step, 4 + step))]
    run_dir = record(tmp_path / "run", [started(), recorded_step(1), *later])
    app = JemApp(RunHandle(driving(lambda report: Replayer(run_dir, 1e6), lambda event: None)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "8 ranks") and shows(app, "ENDED"))
        await pilot.press("left")
        await until(pilot, lambda: shows(app, "7 ranks"))
        await pilot.press("home")
        await until(pilot, lambda: shows(app, "no rank states up to this step"))


def test_the_spread_of_few_ranks_has_no_column():
    for size in (2, 3, 4, 8):
        states = rank_states(1, size)
        headings = columns_for(states, EnergySpread.of(states.energy), 200).headings().plain
        assert ("spread" in headings) is (size >= FEWEST)
