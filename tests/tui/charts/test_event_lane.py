"""Lane of event marks: signs below their positions in every column of charts, named in a legend."""

from __future__ import annotations

from textual.app import App, ComposeResult

from jem_tui.raster.plot.axes import Frame
from jem_tui.raster.plot.event_marks import SIGNS, EventMark
from jem_tui.tui.charts.event_lane import NAMES, ROOM_FOR_LEGEND, EventLane, LaneSection

MARKS = [
    EventMark(0.0, "epoch"),
    EventMark(50.0, "divergence"),
    EventMark(100.0, "checkpoint"),
    EventMark(70.0, "pause"),
]
SECTIONS = [LaneSection(0, 38), LaneSection(40, 38)]


class Lanes(App[None]):
    def compose(self) -> ComposeResult:
        yield EventLane(id="events")

    @property
    def lane(self) -> EventLane:
        return self.query_one(EventLane)

    def rows(self) -> list[str]:
        return [self.lane.render_line(row).text.rstrip() for row in range(self.lane.size.height)]


async def test_each_column_of_charts_has_the_signs_at_their_places():
    app = Lanes()
    async with app.run_test(size=(80, 10)) as pilot:
        app.lane.show(MARKS, (0.0, 100.0), SECTIONS, ROOM_FOR_LEGEND)
        await pilot.pause()
        lane, legend = app.rows()
        left = Frame.within(38, 1).left
        for section in SECTIONS:
            own = lane[section.left : section.left + section.width].ljust(38)
            assert own.startswith("events ") and own[left:].strip().replace(" ", "") == "=x‖+"
            assert own[left] == "=" and own[left + 15] == "x" and own[37] == "+"
        assert legend == "x divergence  ‖ pause  + checkpoint  = epoch"


async def test_a_low_pane_has_no_legend_and_a_run_without_events_no_lane():
    app = Lanes()
    async with app.run_test(size=(80, 10)) as pilot:
        app.lane.show(MARKS, (0.0, 100.0), SECTIONS[:1], ROOM_FOR_LEGEND - 1)
        await pilot.pause()
        assert len(app.rows()) == 1 and app.lane.display
        app.lane.show([], (0.0, 100.0), SECTIONS, 40)
        await pilot.pause()
        assert not app.lane.display


async def test_charts_without_labels_on_the_y_axis_have_signs_alone():
    app = Lanes()
    async with app.run_test(size=(80, 10)) as pilot:
        app.lane.show(MARKS, (0.0, 100.0), [LaneSection(0, 15), LaneSection(17, 15)], ROOM_FOR_LEGEND - 1)
        await pilot.pause()
        assert [row.replace(" ", "") for row in app.rows()] == ["=x‖+=x‖+"]


def test_every_kind_has_a_sign_and_a_name():
    assert set(SIGNS) == set(NAMES)
