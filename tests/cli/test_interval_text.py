from __future__ import annotations

import pytest

from jem_tui.cli.interval_text import with_both_ends, with_interval, with_margin


@pytest.mark.parametrize(
    ("value", "interval", "decimals", "scale", "expected"),
    [
        (0.981, (0.975, 0.987), 2, 100, "98.10 ± .60"),
        (0.981, None, 2, 100, "98.10"),
        (1.0, (0.97, 1.0), 3, 1, "1.000 (0.970 to 1.000)"),
        (1.0, (1.0, 1.0), 3, 1, "1.000 ± .000"),
        (12.5, (10.0, 15.0), 1, 1, "12.5 ± 2.5"),
        (0.95, (0.91, 0.96), 2, 1, "0.95 (0.91 to 0.96)"),
    ],
)
def test_an_interval_is_shown_as_half_its_length_where_it_is_even(value, interval, decimals, scale, expected):
    assert with_interval(value, interval, decimals, scale) == expected


def test_a_narrow_column_shows_the_larger_half():
    assert with_margin(0.942, (0.93, 0.95), 1, 100) == "94.2 ± 1.2"
    assert with_margin(1.0, (1.0, 1.0), 1, 100) == "100.0 ± .0"


def test_a_column_can_have_both_ends_in_every_row():
    assert with_both_ends(0.98, (0.97, 0.99), 1, 100) == "98.0 (97.0 to 99.0)"
    assert with_both_ends(0.0, (0.0, 0.008), 1, 100) == "0.0 (0.0 to 0.8)"
