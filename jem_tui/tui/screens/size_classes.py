"""CSS classes for the size of a terminal, which a screen can set before it has widgets."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

Breakpoint = tuple[int, str]
"""The minimum of a width or height in cells, and the CSS class from this minimum on."""


def size_classes(size: Size, widths: Sequence[Breakpoint], heights: Sequence[Breakpoint]) -> dict[str, bool]:
    """Return for the class of each breakpoint whether a screen of `size` has it, as Textual does after a resize."""
    classes = dict.fromkeys((name for _, name in (*widths, *heights)), False)
    for cells, breakpoints in ((size.width, widths), (size.height, heights)):
        reached = max((each for each in breakpoints if each[0] <= cells), default=None)
        if reached is not None:
            classes[reached[1]] = True
    return classes
