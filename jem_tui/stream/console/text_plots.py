"""Curves as text: plots in braille dots, or in ASCII where the console has no Unicode."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from jem_tui.printable import printable
from jem_tui.stream.console.downsample import DownsampledCurve

PLOT_HEIGHT = 12
"""Rows of a plot with title and ticks."""

_BOX_TO_ASCII = str.maketrans("┌┐└┘┤├┬┴┼─│", "+++++++++-|")
_LARGEST_DRAWN = 1e100
"""Largest value on a plot: beyond it the arithmetic of the axes overflows."""


def plot(tag: str, curve: DownsampledCurve, width: int, style: str, console: Console) -> list[Text]:
    """Draw one plot below its title, each line `width` wide; Rich adds the colours if the console has any."""
    unicode = console.encoding.lower().startswith("utf")
    drawing = _drawing(curve, width, "braille" if unicode else "*")
    lines = drawing if unicode else drawing.translate(_BOX_TO_ASCII)
    title = shortened(printable(tag), width)
    centred = " " * ((width - cell_len(title)) // 2) + title
    return [Text(set_cell_size(line, width), style=style) for line in (centred, *lines.splitlines())]


def shortened(text: str, width: int) -> str:
    """Cut `text` in its middle to at most `width` columns: tags differ at their end."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    tail = text[-(width // 2) :]
    while cell_len(tail) > width // 2:
        tail = tail[1:]
    return set_cell_size(text[:width], width - 1 - cell_len(tail)) + "…" + tail


def _drawing(curve: DownsampledCurve, width: int, marker: str) -> str:
    figure = _figure()
    figure.plot_size(width, PLOT_HEIGHT - 1)
    figure.theme("colorless")
    drawn = [point for point in curve.points() if abs(point.value) <= _LARGEST_DRAWN]
    if drawn and curve.span is not None:
        x, y = [point.images for point in drawn], [point.value for point in drawn]
        figure.draw(figure.signal(x, y, marker=marker).lines(True))
        _set_ticks(figure, curve.span, width)
        # plotext would label values that the curve does not have
        if min(y) == max(y):
            figure.ruler("y").ticks(y[:1], labels=[f"{y[0]:.4g}"])
    return str(figure.build().string(colorless=True))


def _figure() -> Any:
    """Make a figure that is independent of the terminal's size; plotext's shared figure would keep earlier curves."""
    import plotext

    terminal = type(plotext.terminal)().limit(False, False)
    return type(plotext.figure)(parent=terminal)


def _set_ticks(figure: Any, span: tuple[float, float], width: int) -> None:
    """Set a few ticks on the x axis, such as 1.5k or 2M, from the first to the last value, finite or not."""
    first, last = span
    count = max(2, min(5, width // 12))
    ticks = sorted({round(first + (last - first) * position / (count - 1)) for position in range(count)})
    if last > first:
        figure.ruler("x").lim(first, last)
    figure.ruler("x").ticks(ticks, labels=[_short(tick) for tick in ticks])


def _short(number: float) -> str:
    for divisor, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= divisor:
            return f"{number / divisor:.3g}{unit}"
    return f"{number:.0f}"
