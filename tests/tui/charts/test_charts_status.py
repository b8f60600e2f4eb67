"""The status line of the charts."""

from __future__ import annotations

import pytest

from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.charts.charts_status import PanelRange, StatusFacts, status_text
from jem_tui.tui.charts.x_window import XWindow

KEYS = {"filter-metrics": "/", "filter-clear": "esc"}


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_filter_that_no_curve_matches_is_named_with_the_keys_that_clear_it(width: int):
    facts = StatusFacts(ChartSettings(), XWindow(), PanelRange(0, 0, 0), "=", None, keys=KEYS)
    text = status_text(facts, width).plain
    assert text.startswith("/=")
    assert text.endswith("no curve matches; / esc clears")
    matching = StatusFacts(ChartSettings(), XWindow(), PanelRange(0, 1, 2), "=", None, keys=KEYS)
    assert "matches" not in status_text(matching, width).plain
