from __future__ import annotations

from jem_tui.tui.charts.x_window import Extent, XWindow


def test_zooming_out_again_shows_everything_although_the_run_has_grown():
    window = XWindow().zoomed(0.5, Extent(0, 1000, 1000))
    assert window == XWindow(500)
    assert window.zoomed(2, Extent(0, 1100, 1100)) == XWindow()
    assert window.zoomed(2, Extent(0, 4000, 4000)) == XWindow(1000)


def test_a_notch_of_the_wheel_zooms_in_from_everything():
    window = XWindow().zoomed(0.8, Extent(0, 1000, 1000))
    assert window == XWindow(800)
    assert window.zoomed(1 / 0.8, Extent(0, 1000, 1000)) == XWindow()


def test_around_a_place_it_stays_where_it_is():
    extent = Extent(0, 1000, 1000)
    window = XWindow().zoomed(0.5, extent, at=250)
    assert window.limits(extent) == (125, 625)
