"""Distributions, the chosen chain, and how it is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jem_tui.events.commands import Reseed
from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import Assessed, Energies, Samples
from jem_tui.raster.plot.histogram import bars, meter
from jem_tui.tui.panes.distribution_rows import (
    SIDE_NAME,
    axis,
    chain_rows,
    energy_rows,
    score_rows,
    scores_in_brief,
)
from jem_tui.tui.panes.distributions_pane import DistributionsPane
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.state.chain_history import ChainHistory
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import FakeSource, jem_app, run_started, samples, shows, text_of, until

SIZE = (200, 60)
WHERE = {"step": 7, "images": 448, "time": 0.0}


def energies(train: bool = True) -> Energies:
    counts = np.array([0, 1, 4, 2])
    return Energies(
        **WHERE, edges=np.linspace(-12.5, 3.0, 5), data=counts, samples=counts[::-1], train=counts if train else None
    )


def assessed() -> Assessed:
    return Assessed(
        **WHERE,
        split="validation",
        confidence=(0.0, 0.4, 0.9),
        accuracy=(0.0, 0.5, 0.8),
        share=(0.0, 0.25, 0.75),
        auroc={"uniform noise": 1.0, "letters": 0.25},
    )


def test_the_highest_bar_fills_its_rows_and_the_least_shows_an_eighth():
    assert bars([0, 1, 100, 50], 4, 2) == ["  █ ", " ▁██"]


def test_bars_are_spread_over_the_columns():
    assert bars([1, 2], 6, 1) == ["▄▄▄███"]


@pytest.mark.parametrize(("columns", "rows"), [(0, 3), (5, 0), (4, 2)])
def test_nothing_to_draw_is_blank(columns, rows):
    assert bars([0.0, np.nan], columns, rows) == [" " * columns] * rows


@pytest.mark.parametrize(("share", "text"), [(0, "    "), (0.5, "██  "), (1, "████"), (0.53125, "██▏ "), (7, "████")])
def test_a_meter_shows_its_share(share, text):
    assert meter(share, 4) == text


def test_the_calibration_error_is_never_cut_off():
    for width in (30, 44):
        (heading,) = [row.plain for row in score_rows(assessed(), width, 16) if "error" in row.plain]
        assert heading.endswith("%") and len(heading) <= width


def test_three_histograms_stand_over_one_axis():
    rows = [row.plain for row in energy_rows(energies(), 40, 14)]
    assert rows[-1].split() == ["−12.5", "E(x),", "nats", "3.0"]
    assert len(rows) == 14 and {len(row) for row in rows} == {40}
    assert [row[:SIDE_NAME].strip() for row in rows if row[:SIDE_NAME].strip()] == ["samples", "training", "validation"]


@pytest.mark.parametrize(
    ("ends", "written"),
    [((-2.31, 3.0), ["−2.3", "3.0"]), ((-2.3041, -2.3002), ["−2.304", "−2.300"]), ((1.0, 1.0), ["1", "1"])],
)
def test_the_ends_of_an_axis_differ_as_far_as_four_decimals_can(ends, written):
    assert axis(np.array(ends), "", 20).split() == written


def test_recordings_without_training_energies_have_two():
    text = "\n".join(row.plain for row in energy_rows(energies(train=False), 40, 14))
    assert "training" not in text
    assert "validation" in text


def test_scores_are_named_with_their_values_and_the_error_is_that_of_the_diagram():
    rows = [row.plain for row in score_rows(assessed(), 44, 16)]
    assert rows[1].startswith("uniform noise")
    assert rows[1].endswith(" 1.000")
    assert rows[2].endswith(" 0.250")
    assert any("error 10.00%" in row for row in rows)
    assert all(len(row) <= 44 for row in rows)


def test_scores_in_brief_are_the_lowest_that_fit():
    both = "AUROC: letters 0.250, uniform noise 1.000"
    assert scores_in_brief(assessed(), 50) == scores_in_brief(assessed(), len(both)) == both
    assert scores_in_brief(assessed(), 30) == "AUROC: letters 0.250" and scores_in_brief(assessed(), 10) == ""


def chain_of(row: int, step: int, energy: float, restarts: int = 0) -> Samples:
    view = samples(step)
    values, reseeds = view.energy.copy(), view.reseeds.copy()
    values[row], reseeds[row] = energy, restarts
    return replace(view, energy=values, reseeds=reseeds)


def lives_of(*looks: tuple[int, float, int]) -> ChainHistory:
    chain_history = ChainHistory()
    for step, energy, restarts in looks:
        chain_history.observe(chain_of(0, step, energy, restarts))
    return chain_history


def test_the_energy_of_a_life_begins_at_the_last_restart():
    chain_history = lives_of((0, 1.0, 0), (1, 2.0, 0), (2, 3.0, 1), (3, 4.0, 1))
    assert chain_history.energies(0).tolist() == [3.0, 4.0]


def test_a_rewind_forgets_what_came_after():
    assert lives_of((1, 7.0, 0), (5, 1.0, 0), (6, 2.0, 0), (2, 9.0, 0)).energies(0).tolist() == [7.0, 9.0]


def test_other_chains_begin_other_lives():
    chain_history = lives_of((1, 7.0, 0), (2, 8.0, 0))
    chain_history.add(ChainSnapshot(3, np.array([1.0], np.float32), np.array([0])))
    assert chain_history.energies(0).tolist() == [1.0]


def test_the_choice_stays_among_what_is_shown():
    choice = ChainSelection()
    choice.move(-3, range(8))
    assert choice.row == 0
    choice.move(100, range(8))
    assert choice.row == 7
    choice.move(1, [])
    assert choice.row == 7
    choice.move(-1, [4, 2, 7])
    assert choice.row == 2
    choice.move(1, [5, 6])
    assert choice.row == 5


async def test_arrows_choose_a_chain_and_a_key_restarts_it():
    source = FakeSource(pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await until(pilot, lambda: "energy" in text_of(app, "#facts"))
        pane = next(widget for screen in app.screen_stack for widget in screen.query("#chain"))
        app.screen.set_focus(next(iter(app.screen.query("#samples"))))
        assert pane.border_title == "chain 1"
        await pilot.press("right", "right")
        await until(pilot, lambda: pane.border_title == "chain 3")
        await pilot.press("R")
        await until(pilot, lambda: Reseed(chains=(2,)) in source.commands)


async def test_the_chosen_chain_is_marked_while_the_pane_has_the_focus_also_in_a_pause():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and shows(app, "of 10,000 chains"))
        await pilot.press("p")
        await until(pilot, lambda: shows(app, "PAUSED"))
        pane = app.screen.query_one("#samples", SamplesPane)
        for _ in range(2):
            app.screen.set_focus(pane)
            await until(pilot, lambda: pane.grid._marked == 0)
            app.screen.set_focus(None)
            await until(pilot, lambda: pane.grid._marked is None)


async def test_chains_are_sorted_filtered_pinned_and_the_chosen_one_is_marked():
    source = FakeSource(pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await until(pilot, lambda: "step" in str(app.screen.query_one("#samples").border_subtitle))
        pane = app.screen.query_one("#samples", SamplesPane)
        await pilot.press("space")
        assert pane.grid._marked is None
        pane.focus()
        await until(pilot, lambda: pane.grid._marked == 0)
        await pilot.press("o", "f", "i")
        await until(pilot, lambda: "lowest energy first · only 0 · 1 pinned" in str(pane.border_title))
        await pilot.press("f")
        await until(pilot, lambda: "only 1" in str(pane.border_title) and pane.grid.shown == 1)
        await pilot.press("i")
        await until(pilot, lambda: "no chain of this class" in rows_of(pane))


def rows_of(pane: SamplesPane) -> str:
    return "\n".join(pane.grid.render_line(y).text for y in range(pane.grid.size.height))


async def test_empty_distributions_name_the_key_that_evaluates():
    app = jem_app(FakeSource(pause=0.01))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "press e to evaluate" in text_of(app, "#distributions"))


@pytest.mark.parametrize("height", [4, 5, 6, 8, 9, 13, 20])
def test_histograms_have_their_names_at_the_left_in_one_order(height):
    counts = np.array([1, 4, 2, 0, 0, 3])
    shown = Energies(**WHERE, edges=np.linspace(-1, 1, 7), data=counts, samples=counts, train=counts)
    rows = [row.plain for row in energy_rows(shown, 48, height)]
    assert len(rows) == height and {len(row) for row in rows} == {48}
    names = [row[:SIDE_NAME].strip() for row in rows if row[:SIDE_NAME].strip()]
    assert names == ["samples", "training", "validation"] and "E(x), nats" in rows[-1]


def test_chains_have_a_histogram_before_the_first_evaluation():
    rows = [row.plain for row in chain_rows(samples(1, count=30), 48, 6)]
    assert rows[0].startswith("energy of 30 chains") and 4 <= len(rows) <= 6
    assert not list(chain_rows(None, 48, 6)) and not list(chain_rows(samples(1, count=1), 48, 6))


def test_the_histogram_of_chains_is_renewed_after_two_percent_of_the_steps():
    pane, run = DistributionsPane(), RunView(run_started())
    shown = []
    for step in (0, 100, 101, 102, 50):
        run.samples = samples(step)
        found = pane._chains_of(run)
        shown.append(None if found is None else found.step)
    assert shown == [0, 100, 100, 102, 50]
