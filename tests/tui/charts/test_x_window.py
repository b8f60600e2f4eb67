from __future__ import annotations

from jem_tui.tui.charts.x_window import Extent, XWindow


def test_zooming_out_shows_the_whole_axis_of_a_grown_run():
    window = XWindow().zoomed(0.5, Extent(0, 1000, 1000))
    assert window == XWindow(500)
    assert window.zoomed(2, Extent(0, 1100, 1100)) == XWindow()
    assert window.zoomed(2, Extent(0, 4000, 4000)) == XWindow(1000)


def test_one_wheel_event_zooms_into_the_whole_axis():
    window = XWindow().zoomed(0.8, Extent(0, 1000, 1000))
    assert window == XWindow(800)
    assert window.zoomed(1 / 0.8, Extent(0, 1000, 1000)) == XWindow()


def test_zooming_around_a_position_keeps_the_position():
    extent = Extent(0, 1000, 1000)
    window = XWindow().zoomed(0.5, extent, at=250)
    assert window.limits(extent) == (125, 625)
