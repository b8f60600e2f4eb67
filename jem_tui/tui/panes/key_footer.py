"""The footer, which lists keys that work now: those of the focused pane first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from jem_tui.tui.repaint.changed_content import show_content

PINNED = (
    *("keys", "help", "quit", "draw-help", "draw-back"),
    *("browser-help", "browser-quit", "compare-help", "compare-close"),
)
"""Names of the keys that are displayed at every width."""
ROOM_FOR_GAPS = 100
"""Minimum width with wide gaps and the key of the palette, in columns."""
PALETTE = "ctrl+p"
KEY, WORD = "bold $footer-key-foreground", "$footer-description-foreground"


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterItem:
    """Keys with one word, such as two keys for both directions."""

    keys: tuple[tuple[str, str], ...]
    """Textual's name and the glyph of each key."""
    word: str
    tooltip: str
    pinned: bool = False

    @property
    def content(self) -> Content:
        """The keys and the word."""
        return Content.assemble(("".join(glyph for _, glyph in self.keys), KEY), (f" {self.word}", WORD))

    def key_at(self, column: int) -> str:
        """Return the key in a column of the item; the word stands for the first key."""
        end = 0
        for name, glyph in self.keys:
            end += cell_len(glyph)
            if column < end:
                return name
        return self.keys[0][0]


PALETTE_ITEM = FooterItem(keys=((PALETTE, "^p"),), word="palette", tooltip="Search all commands.")


def footer_items(active: Mapping[str, ActiveBinding], display: Mapping[str, str]) -> Iterator[FooterItem]:
    """Yield the shown bindings in order, those of one group as one item; `display` has glyphs by the names of keys."""
    shown: dict[str, tuple[str, ActiveBinding]] = {}
    for name, each in active.items():
        if each.binding.show:
            shown.setdefault(each.binding.action, (name, each))
    for group, members in groupby(shown.values(), lambda named: named[1].binding.group):
        found = list(members)
        for together in [[member] for member in found] if group is None else [found]:
            first = together[0][1]
            yield FooterItem(
                keys=tuple((name, display[name]) for name, _ in together),
                word=group.description if group is not None and len(together) > 1 else first.binding.description,
                tooltip=" ".join(dict.fromkeys(each.tooltip or each.binding.description for _, each in together)),
                pinned=first.binding.id in PINNED,
            )


def as_displayed(
    active: Mapping[str, ActiveBinding], display: Mapping[str, str], *, typing: bool
) -> dict[str, ActiveBinding]:
    """Return the bindings `active` whose displayed key runs them: not one that another binding holds, or that an input types."""
    return {name: each for name, each in active.items() if _runs(each, active, typing and _is_typed(display[name]))}


def _runs(binding: ActiveBinding, active: Mapping[str, ActiveBinding], typed: bool) -> bool:
    holder = active.get(binding.binding.key.partition(",")[0])
    return not typed and holder is not None and holder.binding.action == binding.binding.action


def _is_typed(glyph: str) -> bool:
    """Return whether a key that is displayed as `glyph` is a character. Textual itself leaves out those of its names, but not `slash`."""
    return len(glyph) == 1 and glyph.isascii()


def fitted(items: Sequence[FooterItem], width: int, gap: int) -> list[FooterItem]:
    """Return the items that fit into `width` columns, in order: all pinned ones, and as many of the others from the start."""
    pinned = [item for item in items if item.pinned]
    room = width - sum(item.content.cell_length + gap for item in pinned)
    found = []
    for item in (item for item in items if not item.pinned):
        room -= item.content.cell_length + gap
        if room < 0:
            break
        found.append(item)
    return found + pinned


class KeyFooter(Static):
    """One row of keys with a word each; a click on a key presses it, and the pointer shows its sentence."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        width: 1fr;
        background: $footer-background;
        color: $footer-foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._places: list[tuple[range, FooterItem]] = []
        """Columns of each item."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def on_resize(self) -> None:
        self.draw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        item, _ = self._item_at(event.x)
        self.tooltip = item.tooltip if item is not None else None

    def on_click(self, event: events.Click) -> None:
        item, column = self._item_at(event.x)
        if item is not None:
            self.app.simulate_key(item.key_at(column))

    def draw(self) -> None:
        """Draw the keys that work now."""
        width = self.size.width
        if not width or not self.is_attached:
            return
        roomy = width >= ROOM_FOR_GAPS
        active = self.screen.active_bindings
        display = {name: self.app.get_key_display(each.binding) for name, each in active.items()}
        tail = Content.assemble("▏", PALETTE_ITEM.content, " ") if roomy and PALETTE in active else Content("")
        gap = 2 if roomy else 1
        active = as_displayed(active, display, typing=isinstance(self.screen.focused, Input))
        chosen = fitted(list(footer_items(active, display)), width - tail.cell_length - 1, gap)
        self._places = _places(chosen, gap)
        if tail.cell_length:
            self._places.append((range(width - tail.cell_length, width), PALETTE_ITEM))
        row = Content(" " * gap).join([item.content for item in chosen])
        room = " " * max(0, width - 1 - row.cell_length - tail.cell_length)
        content = Content.assemble(" ", row, room, tail)
        show_content(self, content)

    def _item_at(self, x: int) -> tuple[FooterItem | None, int]:
        """Return the item in column `x` of the footer, and the column of the item."""
        found = ((item, x - columns.start) for columns, item in self._places if x in columns)
        return next(found, (None, 0))

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.call_after_refresh(self.draw)


def _places(items: Sequence[FooterItem], gap: int) -> list[tuple[range, FooterItem]]:
    """Return the columns of each item in a row that starts with a space."""
    places, start = [], 1
    for item in items:
        end = start + item.content.cell_length
        places.append((range(start, end), item))
        start = end + gap
    return places
