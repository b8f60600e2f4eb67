"""Number of times that the styles of the panes are computed, which is most of the processor time of a first frame."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from textual.css.stylesheet import Stylesheet
from textual.geometry import Size
from textual.screen import Screen

from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.screens.size_classes import size_classes
from tests.tui.sources import FakeSource, jem_app, shows, until

MOST_PER_NODE = 3
"""Computations of the styles of one pane before the first complete frame: on mount, on display of the screen, and for panes that are empty."""


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Counter[object]:
    """Computations of styles by widget."""
    counts: Counter[object] = Counter()
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: object, **how: object) -> None:
        counts[node] += 1
        apply(self, node, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Stylesheet, "apply", counted)
    return counts


async def test_the_styles_of_panes_are_computed_few_times_before_the_first_frame(computed):
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        assert 1 <= computed[app.screen.query_one("#curves")] <= MOST_PER_NODE


async def test_a_change_of_the_layout_computes_the_styles_of_panes_once(computed):
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        computed.clear()
        # Hides three panes and a column
        workspace = app.screen.query_one(Workspace)
        shown = {name for name in workspace.shown if name in ("curves", "notes")}
        workspace._hide_others(tuple(shown))
        assert computed[app.screen.query_one("#curves")] == 1


@pytest.mark.parametrize("size", [Size(1, 1), Size(59, 19), Size(60, 20), Size(99, 26), Size(100, 34), Size(250, 60)])
def test_the_classes_of_a_size_are_those_that_textual_sets(size):
    widths, heights = RunScreen.HORIZONTAL_BREAKPOINTS, RunScreen.VERTICAL_BREAKPOINTS
    screen: Screen[None] = Screen()
    expected = screen._get_breakpoint_classes(size.width, widths) | screen._get_breakpoint_classes(size.height, heights)
    classes = size_classes(size, widths, heights)
    assert {name for name, reached in classes.items() if reached} == expected
    assert set(classes) == {name for _, name in (*widths, *heights)}


def test_a_screen_without_a_meter_imports_no_library_for_meters():
    code = "import sys, jem_tui.tui.screens.run_screen; print([m for m in ('psutil', 'pynvml') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
