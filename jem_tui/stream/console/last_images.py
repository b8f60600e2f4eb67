"""The last picture of every tag, named by its tag and its step in the log."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from jem_tui.events.recording import Picture
from jem_tui.events.run import X_HAT, Samples
from jem_tui.printable import printable
from jem_tui.stream.console.text_plots import shortened
from jem_tui.stream.console.tile_text import picture_lines
from jem_tui.stream.log_data.entries import Deferred, Item

MOST_PICTURES = 4
MOST_NAMES = 20
LONGEST_NAME = 60
"""Columns of the name of a tag whose picture is not shown."""


def is_picture(item: Item) -> bool:
    """Return whether an item is a picture that waits in its file."""
    return isinstance(item, Deferred) and issubclass(item.kind, Samples)


def print_pictures(console: Console, items: Sequence[Item]) -> None:
    """Print the last picture of each tag, as many tiles as fit in three rows; tags without room are named."""
    last = {item.tag: item for item in items if isinstance(item, Deferred) and is_picture(item)}
    for item in list(last.values())[:MOST_PICTURES]:
        _print_picture(console, item)
    others = list(last.values())[MOST_PICTURES:]
    if others:
        named = ", ".join(
            f"{shortened(printable(item.tag), LONGEST_NAME)} at step {item.images}" for item in others[:MOST_NAMES]
        )
        rest = f" and {len(others) - MOST_NAMES:,} more" if len(others) > MOST_NAMES else ""
        _print_line(console, f"\nnot shown here: the pictures of {named}{rest}")


def _print_picture(console: Console, item: Deferred) -> None:
    """Print one event's tiles below its name, or say why there is nothing to print."""
    event = item.load()
    if not isinstance(event, Samples):
        _print_line(console, f"\n{_name(item)}: it cannot be decoded")
        return
    if isinstance(event, Picture) and event.flaw:
        _print_line(console, f"\n{_name(item)}: {event.flaw}")
        return
    lines, shown = picture_lines(event.tiles, console)
    count = "" if isinstance(event, Picture) and len(event.tiles) == 1 else f": {shown} of {len(event.tiles)}"
    _print_line(console, f"\n{_name(item)}{count}\n")
    for line in lines:
        console.print(line, highlight=False, no_wrap=True, crop=True)


def _name(item: Deferred) -> str:
    """Return tag and step; a log of another program has one count of steps, which is in `images`."""
    return f"{printable(item.tag)} at step {item.images}" if item.kind is Picture else f"{X_HAT} at step {item.step}"


def _print_line(console: Console, line: str) -> None:
    console.print(Text(line), highlight=False, soft_wrap=True)
