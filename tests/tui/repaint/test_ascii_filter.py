from __future__ import annotations

from rich.segment import Segment
from textual.color import Color

from jem_tui.tui.app import JemApp
from jem_tui.tui.repaint.ascii_filter import AsciiFilter
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import FakeSource, screen_rows, text_of, until


def test_segments_keep_their_styles():
    segments = [Segment("━━", None), Segment("plain", None)]
    assert [segment.text for segment in AsciiFilter().apply(segments, Color(0, 0, 0))] == ["==", "plain"]


async def test_the_whole_screen_is_ascii():
    source = FakeSource()
    app = JemApp(
        RunHandle(driving(source.open, lambda event: None)), label="fake", run_dir="runs/a", glyphs=[AsciiFilter()]
    )
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header") and source.step > 50)
        await until(pilot, lambda: any("---" in row for row in screen_rows(app)))
        assert all(row.isascii() for row in screen_rows(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: any(". esc close" in row for row in screen_rows(app)))
        assert all(row.isascii() for row in screen_rows(app))
