"""Layout of the tables of `jem-tui eval`."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from jem_tui.cli.eval_tables.layout import new_table, print_heading, print_table
from jem_tui.cli.eval_tables.samples import short_number


def printed(width: int, *columns: str, title: str = "title", caption: str = "") -> list[str]:
    out = StringIO()
    console = Console(file=out, width=width, highlight=False)
    table = new_table(title, *columns)
    table.add_row(*columns)
    table.caption = caption
    print_heading(console, "Part")
    print_table(console, table)
    assert console.width == width
    return out.getvalue().splitlines()


def test_a_table_wider_than_the_console_is_not_cut_off():
    columns = [f"column {number} of many" for number in range(9)]
    lines = printed(80, *columns)
    assert sum(all(column in line for column in columns) for line in lines) == 2
    assert "…" not in "".join(lines)
    assert len(lines[1]) == 80  # The heading has the width of the console.


def test_titles_and_captions_are_broken_at_eighty_columns():
    text = "eleven chars " * 12
    lines = printed(120, "a", "b", title=text, caption=f"first\n{text}")
    assert "first" in lines
    assert max(len(line) for line in lines[2:]) <= 80
    assert " ".join(" ".join(lines).split()).count(text.strip()) == 2


def test_numbers_of_any_size_are_short():
    numbers = (0.001234567, 12.345678, 21345.67, -4321.0, 2.5e9)
    assert [short_number(number, 3) for number in numbers] == ["0.00123", "12.3", "21,346", "-4,321", "2.5e+09"]
