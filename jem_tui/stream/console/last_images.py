"""Printing of the last image of every tag, with its tag and its step in the log."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from jem_tui.events.recording import Picture
from jem_tui.events.run import X_HAT, RunStarted, Samples
from jem_tui.printable import printable
from jem_tui.stream.console.text_plots import shortened
from jem_tui.stream.console.tile_text import picture_lines
from jem_tui.stream.log_data.entries import DeferredEvent, Entry
from jem_tui.watched_settings import is_watched

MOST_PICTURES = 4
MOST_NAMES = 20
LONGEST_NAME = 60
"""Maximum columns of the name of a tag whose image is not printed."""


def is_picture(entry: Entry) -> bool:
    """Return whether an entry is a deferred image."""
    return isinstance(entry, DeferredEvent) and issubclass(entry.kind, Samples)


def print_pictures(console: Console, entries: Sequence[Entry]) -> None:
    """Print the last image of each tag, as many tiles as fit in three rows; tags without room are only named."""
    name = "samples" if any(isinstance(entry, RunStarted) and is_watched(entry.config) for entry in entries) else X_HAT
    last = {entry.tag: entry for entry in entries if isinstance(entry, DeferredEvent) and is_picture(entry)}
    for entry in list(last.values())[:MOST_PICTURES]:
        _print_picture(console, entry, _name(entry, name))
    others = list(last.values())[MOST_PICTURES:]
    if others:
        named = ", ".join(
            f"{shortened(printable(entry.tag), LONGEST_NAME)} at step {entry.images}" for entry in others[:MOST_NAMES]
        )
        rest = f" and {len(others) - MOST_NAMES:,} more" if len(others) > MOST_NAMES else ""
        _print_line(console, f"\nnot shown here: the images of {named}{rest}")


def _print_picture(console: Console, entry: DeferredEvent, name: str) -> None:
    """Print the tiles of one event below its `name`, or the reason why there are none."""
    event = entry.load()
    if not isinstance(event, Samples):
        _print_line(console, f"\n{name}: it cannot be decoded")
        return
    if isinstance(event, Picture) and event.flaw:
        _print_line(console, f"\n{name}: {event.flaw}")
        return
    lines, shown = picture_lines(event.tiles, console)
    count = "" if isinstance(event, Picture) and len(event.tiles) == 1 else f": {shown} of {len(event.tiles)}"
    _print_line(console, f"\n{name}{count}\n")
    for line in lines:
        console.print(line, highlight=False, no_wrap=True, crop=True)


def _name(entry: DeferredEvent, own: str) -> str:
    """Return tag and step, or the name `own` of samples and their step; the step of a foreign log is in `images`."""
    if entry.kind is Picture:
        return f"{printable(entry.tag)} at step {entry.images}"
    return f"{own} at step {entry.step}"


def _print_line(console: Console, line: str) -> None:
    console.print(Text(line), highlight=False, soft_wrap=True)
