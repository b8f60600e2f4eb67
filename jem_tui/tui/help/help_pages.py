"""The pages of the help for the current state of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jem_tui.tui.help.curve_help import CurveHelp
from jem_tui.tui.help.help_entry import HelpEntry, HelpPage, HelpSection
from jem_tui.tui.keys import SECTIONS, Focus, Key
from jem_tui.tui.keys.conditions import ON_SCREENS, PLACES, condition

PALETTE = HelpEntry(key="ctrl+p", text="Search all commands, and change the theme.")
HEADINGS = {
    "run": "steer the run",
    "recording": "move in the recording",
    "drawing": "draw screen",
    "browser": "run browser",
}
"""Headings of sections of keys, where they differ from the name of the section."""


def help_pages(
    offered: Sequence[Key], table: Sequence[Key], focus: Focus, display: Iterable[HelpSection]
) -> tuple[HelpPage, ...]:
    """Return the pages of the help.

    `offered` are the keys that work now, and `table` all keys; `focus` is the focused pane, or the screen. `display` explains what is
    displayed.
    """
    return (
        HelpPage(name="keys here", sections=tuple(_keys_here(offered, focus))),
        HelpPage(name="all keys", sections=tuple(_all_keys(offered, table))),
        HelpPage(name="display", sections=tuple(display)),
        HelpPage(name="JEM", sections=tuple(_jem())),
        HelpPage(name="symbols", sections=tuple(_symbols())),
    )


def _keys_here(offered: Sequence[Key], focus: Focus) -> Iterator[HelpSection]:
    own = [key for key in offered if focus and key.focus == focus]
    if own:
        yield section(ON_SCREENS.get(focus, f"in the {PLACES.get(focus, focus)}"), map(_entry, own))
    for name, keys in SECTIONS.items():
        ids = {key.id for key in keys}
        found = [_entry(key) for key in offered if key.id in ids and not key.focus]
        if found:
            extra = [PALETTE] if name == "screen" else []
            yield section(HEADINGS.get(name, name), [*found, *extra])


def _all_keys(offered: Sequence[Key], table: Sequence[Key]) -> Iterator[HelpSection]:
    now = {key.id: key for key in offered}
    for name, keys in SECTIONS.items():
        ids = {key.id for key in keys}
        rows = [_entry(now.get(key.id, key), works=key.id in now, where=True) for key in table if key.id in ids]
        yield section(HEADINGS.get(name, name), rows)


def _entry(key: Key, *, works: bool = True, where: bool = False) -> HelpEntry:
    """Return the row of a key, with the condition under which it works if `where` is requested and it is not met everywhere."""
    place = condition(key).partition(";")[0] if where and (key.focus or not works) else ""
    return HelpEntry(key=key.written, text=f"{key.tooltip} ({place})" if place else key.tooltip, works=works)


def run_display(curves: CurveHelp, *, attached: bool, watched: bool) -> Iterator[HelpSection]:
    """Yield what the screen of a run displays, for a run that may be `attached` or the loop of another program (`watched`)."""
    # Like all modules of events, this one imports more than the first frame waits for
    from jem_tui.tui.help.display_texts import OF_LOOP, OF_RUN, OF_VIEWER

    if curves.maximized is not None:
        yield section("this curve", [curves.maximized])
    texts = (*(OF_VIEWER if attached else ()), *(OF_LOOP if watched else OF_RUN))
    yield paragraphs("the display", texts)
    if curves.panels:
        yield section("the curves", curves.panels)


def _jem() -> Iterator[HelpSection]:
    from jem_tui.events.jem_texts import ONE_PAGE

    yield section("JEM in one page", [HelpEntry(title=title, text=text) for title, text in ONE_PAGE.items()])


def _symbols() -> Iterator[HelpSection]:
    from jem_tui.events.jem_texts import SYMBOLS
    from jem_tui.tui.help.display_texts import SIGNS, WORDS
    from jem_tui.tui.state import note_signs

    yield section("symbols", _meanings(SYMBOLS.items()))
    yield section("words on the screen", _meanings(WORDS.items()))
    yield section("signs on the screen", _meanings(SIGNS.items()))
    yield section("signs of notes", _meanings((note.sign, note.meaning) for note in note_signs.SIGNS.values()))


def _meanings(pairs: Iterable[tuple[str, str]]) -> list[HelpEntry]:
    return [HelpEntry(key=key, text=text) for key, text in pairs]


def section(heading: str, entries: Iterable[HelpEntry]) -> HelpSection:
    """Return entries with a heading."""
    return HelpSection(heading=heading, entries=tuple(entries))


def paragraphs(heading: str, texts: Iterable[str]) -> HelpSection:
    """Return paragraphs with a heading."""
    return section(heading, [HelpEntry(text=text) for text in texts])
