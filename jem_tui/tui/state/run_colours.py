"""A colour for every run of a replay: the same one wherever the run is shown, in this session and the next."""

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
"""Eight colours that stay apart on a dark and on a light ground."""


def run_colours(names: Iterable[str]) -> dict[str, str]:
    """By name: what its checksum leads to, or the next one in the palette that no run named before it has."""
    colours: dict[str, str] = {}
    for name in names:
        start = crc32(name.encode(errors="surrogatepass")) % len(PALETTE)
        wanted = [PALETTE[(start + step) % len(PALETTE)] for step in range(len(PALETTE))]
        taken = set(colours.values())
        colours[name] = next((colour for colour in wanted if colour not in taken), wanted[0])
    return colours
