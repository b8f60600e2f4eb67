"""Colours of the runs of a replay, constant over panes and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

PALETTE = (
    "#5b9bf0",
    "#e8973a",
    "#5fbf6b",
    "#e5596b",
    "#a884e8",
    "#35bccb",
    "#c8b83a",
    "#dd8acb",
)
"""Eight colours that are distinguishable on dark and on light backgrounds."""


def run_colours(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name: chosen by a checksum of the name, or the next free colour of the palette."""
    colours: dict[str, str] = {}
    for name in names:
        start = crc32(name.encode(errors="surrogatepass")) % len(PALETTE)
        wanted = [PALETTE[(start + step) % len(PALETTE)] for step in range(len(PALETTE))]
        taken = set(colours.values())
        colours[name] = next((colour for colour in wanted if colour not in taken), wanted[0])
    return colours
