"""Hypothesis strategies for numbers, texts, curves and sizes of every kind, and checks of drawn rows."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from rich.cells import cell_len

from jem_tui.raster.plot.canvas import Canvas
from jem_tui.raster.plot.chart import Chart, add_header_and_cursor, draw_body
from jem_tui.raster.plot.columns.curves import Curve, Envelope, Floats, curve_envelopes
from jem_tui.raster.plot.scales.scale import Limits

ODD = [float("nan"), float("inf"), -float("inf"), 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, -5e-324, 0.0, -0.0, 1e18]
NUMBERS = st.one_of(st.sampled_from(ODD), st.floats(), st.floats(-1e3, 1e3), st.integers(-5, 5).map(float))
FINITE = NUMBERS.filter(np.isfinite)
WHOLE = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 100))
ODD_TEXTS = [
    "",
    "😀",
    "👨‍👩‍👧‍👦 family",
    "🇩🇪🇫🇷",
    "👍🏽",
    "❤️",
    "שלום",
    "مرحبا بالعالم",
    "漢字かな",
    "한국어",
    "e\u0301\u0302\u0303" * 3,
    "\u200b\u200d\ufeff",
    "\u202eabc",
    "\ud800x\udfff",
    "\x1b[2J\x07\x00\n\t",
    "[/]",
    "[bold red]x[/bold]",
    "[@click=app.quit]x[/]",
    "$accent",
    "a" * 10_000,
    "漢" * 10_000,
    "\U0010ffff",
    "ᄒ" + "ᅡ" + "ᆫ",
]
TEXTS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=30), st.text(st.characters(), max_size=8))
COLUMNS = st.one_of(st.integers(1, 12), st.sampled_from([27, 28, 40, 63, 64, 120, 200]))
ROWS = st.one_of(st.integers(1, 8), st.sampled_from([12, 20, 60]))


def xs(least: int = 0, most: int = 30) -> st.SearchStrategy[np.ndarray]:
    """Return ascending positions on an x axis: steps, seconds, nanoseconds, equal and huge numbers."""
    number = st.one_of(
        st.integers(0, 1000).map(float),
        st.floats(-1e290, 1e290),
        st.sampled_from([0.0, 1.0, 1e18, 1e18 + 128, -1e18, 5e-324]),
    )
    return st.lists(number, min_size=least, max_size=most).map(lambda found: np.array(sorted(found), dtype=np.float64))


@st.composite
def curves(draw: st.DrawFn, values: st.SearchStrategy[float] = NUMBERS) -> Curve:
    x = draw(xs())
    raw, smooth = (np.array(draw(st.lists(values, min_size=len(x), max_size=len(x))), np.float64) for _ in range(2))
    run, points, ahead = draw(st.none() | st.integers(0, 7)), draw(st.booleans()), draw(st.booleans())
    return Curve(label=draw(TEXTS), x=x, raw=raw, smooth=smooth, points=points, ahead=ahead, run=run)


WINDOWS = st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS))


def row_texts(glyphs: np.ndarray) -> list[str]:
    """Return the text of rows, in which a wide character takes two cells."""
    return ["".join(map(chr, row)).replace("\0", "") for row in glyphs.tolist()]


def check_rows(rows: list[str], columns: int, count: int) -> None:
    """Raise AssertionError unless the rows have the given size and no control characters."""
    assert len(rows) == count
    for row in rows:
        assert cell_len(row) == columns, ascii(row)
        assert row.isprintable(), ascii(row)


def draw_chart(chart: Chart, columns: int, rows: int, cursor: float | None = None) -> Canvas:
    """Draw a chart with its header and its cursor on `columns` × `rows` cells."""
    return add_header_and_cursor(draw_body(chart, columns, rows), cursor)


def band_envelope(x: Floats, y: Floats, limits: Limits, width: int) -> Envelope:
    """Return the smallest and largest values of a series by column."""
    return curve_envelopes(Curve(label="", x=x, raw=y, smooth=y), limits, width).extremes


def line_envelope(x: Floats, y: Floats, limits: Limits, width: int) -> Envelope:
    """Return the means of a series by column."""
    return curve_envelopes(Curve(label="", x=x, raw=y, smooth=y), limits, width).line
