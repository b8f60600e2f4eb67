"""Layout of the tables: columns, titles, captions and percentages."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 80
"""Columns of a title and a caption."""
UNLIMITED = 10_000


def print_heading(console: Console, heading: str) -> None:
    """Print the heading of the tables of one part."""
    console.print()
    console.rule(Text(heading, "bold"), align="left", style="dim")


def print_table(console: Console, table: Table) -> None:
    """Print a table with its title and caption, which Rich would wrap to the width of the table."""
    title, caption = wrapped(str(table.title or "")), wrapped(str(table.caption or ""))
    table.title = table.caption = None
    console.print()
    console.print(Text(title, "bold"), soft_wrap=True)
    print_whole(console, table)
    if caption:
        console.print(Text(caption, "dim"), soft_wrap=True)


def print_whole(console: Console, table: Table) -> None:
    """Print a table at its full width, which the terminal may wrap, because Rich cuts off what is beyond the width of the console."""
    width = console.width
    needed = console.measure(table, options=console.options.update(width=UNLIMITED)).maximum
    console.width = max(width, needed)
    console.print(table)
    console.width = width


def wrapped(text: str) -> str:
    """Return a text whose lines are broken at `WIDTH` columns, with an indent after each break."""
    return "\n".join(part for line in text.splitlines() for part in wrap(line, WIDTH, subsequent_indent="  "))


def new_table(title: str, *columns: str) -> Table:
    """Return a table without borders, with the first column aligned left and all others aligned right."""
    table = Table(title=title, box=None, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def value_columns(runs: Sequence[object]) -> list[str]:
    """Return the column headings of a table with one number for each run."""
    return ["run", "against"][: len(runs)]


def percent(fraction: float) -> str:
    """Format a fraction as a percentage, such as `98.16 %`."""
    return f"{fraction:.2%}".replace("%", " %")
