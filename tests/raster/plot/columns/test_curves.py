from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

from jem_tui.raster.plot.canvas import Canvas, Ink, Layer, fill, stack
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve, Envelope, Floats, widen
from jem_tui.raster.plot.event_marks import EventMark, marks_by_column, signs_of
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.raster.plot.scales.scale import Limits
from tests.raster.anything import band_envelope, draw_chart, line_envelope


def rows_of(plot: Canvas) -> list[str]:
    return ["".join(map(chr, row)).replace("⠀", " ") for row in plot.glyphs.tolist()]


def drawn(
    values: ArrayLike,
    columns: int = 6,
    rows: int = 2,
    limits: Limits | None = None,
    measure: Callable[[Floats, Floats, Limits, int], Envelope] = line_envelope,
) -> list[str]:
    """Draw a series at x = 0, 1, 2 … alone on a canvas."""
    y = np.asarray(values, dtype=np.float64)
    x = np.arange(float(len(y)))
    envelope = measure(x, y, (0.0, max(1.0, len(y) - 1.0)), 2 * columns)
    limits = limits or (float(np.nanmin(y[np.isfinite(y)])), float(np.nanmax(y[np.isfinite(y)])))
    return rows_of(stack([Layer(fill(envelope, limits, 4 * rows), Ink.LINE)], columns, rows))


def test_a_straight_line_has_no_gaps():
    assert drawn(np.linspace(0, 1, 12)) == ["   ⣀⠔⠊", "⡠⠔⠉   "]
    assert drawn([0, 1]) == ["   ⣀⠔⠊", "⡠⠔⠉   "]


def test_a_jump_is_drawn_as_a_vertical_line():
    assert drawn([0] * 6 + [1] * 6) == ["   ⡏⠉⠉", "⣀⣀⣸   "]


def test_rising_and_falling_columns_are_joined():
    assert drawn([0, 1, 0, 1]) == [" ⢠⢣  ⡜", "⡰⠁ ⠱⡸ "]


def test_the_band_keeps_a_spike_that_the_line_averages_away():
    y = np.zeros(1200)
    y[600] = 1
    assert drawn(y, measure=band_envelope) == ["   ⡇  ", "⣀⣀⣀⣇⣀⣀"]
    assert drawn(y, limits=(0, 1)) == ["      ", "⣀⣀⣀⣀⣀⣀"]


def test_values_outside_the_limits_are_drawn_at_the_edge():
    assert drawn([5.0, 5.0], limits=(0, 1)) == ["⠉⠉⠉⠉⠉⠉", "      "]
    assert drawn([5.0], limits=(0, 1)) == ["⠁     ", "      "]


def test_nan_leaves_a_gap_and_is_recorded():
    x, y = np.arange(6.0), np.array([0, 0, np.nan, np.inf, -np.inf, 1])
    envelope = band_envelope(x, y, (0.0, 6.0), 6)
    assert envelope.low == pytest.approx([0, 0, *[np.nan] * 3, 1], nan_ok=True)
    assert envelope.nan.tolist() == [False, False, True, False, False, False]
    assert envelope.above.tolist() == [False, False, False, True, False, False]
    assert envelope.below.tolist() == [False, False, False, False, True, False]
    assert line_envelope(x, y, (0.0, 6.0), 6).low == pytest.approx(envelope.low, nan_ok=True)


def test_finite_values_count_next_to_infinite_ones_in_a_column():
    x, y = np.array([0.0, 0.1, 0.2]), np.array([1.0, np.inf, 3.0])
    assert (band_envelope(x, y, (0, 1), 1).low[0], band_envelope(x, y, (0, 1), 1).high[0]) == (1, 3)
    assert line_envelope(x, y, (0, 1), 1).low[0] == 2


def test_bands_contain_every_value_of_their_column():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.uniform(0, 10, 5000)), rng.normal(size=5000)
    envelope = band_envelope(x, y, (0.0, 10.0), 80)
    column = np.minimum((x * 8).astype(int), 79)
    for index in range(80):
        inside = y[column == index]
        assert (envelope.low[index], envelope.high[index]) == (inside.min(), inside.max())


def test_a_widened_band_contains_adjacent_columns():
    y = np.array([np.nan, 1, 5, 1, 1, -2, 1, np.nan])
    nowhere = np.zeros(8, dtype=bool)
    wide = widen(Envelope(y, y + 1, nowhere, nowhere, nowhere), 1)
    assert wide.low == pytest.approx([np.nan, 1, 1, 1, -2, -2, -2, np.nan], nan_ok=True)
    assert wide.high == pytest.approx([np.nan, 6, 6, 6, 2, 2, 2, np.nan], nan_ok=True)


def test_the_band_of_a_noisy_run_has_no_gaps_below_its_line():
    rng = np.random.default_rng(0)
    raw = np.where(np.arange(60) % 3 == 0, 0.0, 4.0) + rng.uniform(0, 0.1, 60)
    noisy = Curve(label="batch", x=np.arange(1.0, 61.0), raw=raw, smooth=np.full(60, 4.0))
    chart = Chart(title="t", curves=[noisy], y_range=StableRange())
    band_cells = np.isin(draw_chart(chart, 68, 9).inks[1:-1, 7:], [Ink.BAND, Ink.ENVELOPE]).sum(axis=0)
    assert (band_cells[1:58] >= 3).all()


def test_the_most_important_event_of_a_column_has_the_mark():
    marks = [
        EventMark(0.0, "epoch"),
        EventMark(0.1, "checkpoint"),
        EventMark(5.0, "divergence"),
        EventMark(5.1, "epoch"),
    ]
    marks += [EventMark(x, "warning") for x in (-1.0, 7.0, np.nan)]
    assert (kinds := marks_by_column(marks, (0, 6), 6)) == {0: "checkpoint", 5: "divergence"}
    assert signs_of(kinds, 6) == {"checkpoint": "+", "divergence": "x"}


def test_dense_epochs_are_dots():
    marks = [EventMark(float(x), "epoch") for x in range(6)]
    assert signs_of(marks_by_column(marks, (0, 6), 12), 12) == {"epoch": "⠂"}
    assert signs_of(marks_by_column(marks, (0, 6), 60), 60) == {"epoch": "="}


def test_the_band_holds_the_middle_and_the_envelope_the_extremes():
    rng = np.random.default_rng(0)
    y = rng.normal(size=4000)
    noisy = Curve(label="batch", x=np.arange(4000.0), raw=y, smooth=np.zeros(4000))
    inks = draw_chart(Chart(title="t", curves=[noisy], y_range=StableRange()), 68, 25).inks[1:-1, 7:-3]
    middle = inks[:, 10]
    rows = {ink: np.flatnonzero(middle == ink) for ink in (Ink.ENVELOPE, Ink.BAND, Ink.LINE)}
    assert len(rows[Ink.LINE]) == 1 and len(rows[Ink.BAND]) >= 4 and len(rows[Ink.ENVELOPE]) >= 6
    assert rows[Ink.ENVELOPE].min() < rows[Ink.BAND].min() < rows[Ink.LINE][0] < rows[Ink.BAND].max()
    assert rows[Ink.BAND].max() < rows[Ink.ENVELOPE].max()


def test_a_line_replaces_the_band_in_its_cells():
    everything = np.ones((4, 4), dtype=bool)
    line_dots = np.zeros((4, 4), dtype=bool)
    line_dots[0, :2] = True
    plot = stack([Layer(everything, Ink.BAND), Layer(line_dots, Ink.LINE)], 2, 1)
    assert rows_of(plot) == ["⠉⣿"] and plot.inks.tolist() == [[Ink.LINE, Ink.BAND]]
