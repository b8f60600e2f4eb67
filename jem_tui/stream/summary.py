"""A run on one page: its curves, its final numbers, and the last samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from jem_tui.events import ACCURACY, NRG, TOTAL, X_HAT, XE
from jem_tui.stream.curves import Curve, CurveCollector, Point
from jem_tui.stream.index import read_recording
from jem_tui.stream.items import resolve, without_superseded
from jem_tui.stream.printable import printable
from jem_tui.stream.tfevents import Damage

PLOT_HEIGHT = 12
"""Rows of a plot, title and ticks included."""

_STYLES = {TOTAL: "cyan", NRG: "magenta", XE: "yellow", ACCURACY: "green"}
_NARROWEST_PLOT = 36
_MAX_FOREIGN_CURVES = 8
_BOX_TO_ASCII = str.maketrans("┌┐└┘┤├┬┴┼─│", "+++++++++-|")


def once(logdir: Path, console: Console) -> Damage:
    """Print the final curves, numbers and samples of a recording; raises InputError as `read_recording`. Returns what it lacks."""
    recording = read_recording(logdir)
    collector = CurveCollector()
    for event in resolve(without_superseded(recording.items)):
        collector(event)
    print_summary(console, collector)
    print_samples(console, collector)
    return recording.damage


def print_summary(console: Console, collector: CurveCollector) -> None:
    """Print the curves as plots, two in a row where there is room, and a table of the final numbers."""
    tags = _tags(collector)
    columns = 2 if console.width >= 2 * _NARROWEST_PLOT + 1 and len(tags) > 1 else 1
    width = (console.width - columns + 1) // columns
    draw = _plot_in_braille if console.encoding.lower().startswith("utf") else _plot_in_ascii
    for start in range(0, len(tags), columns):
        plots = [_plot(tag, collector.curves[tag], width, draw) for tag in tags[start : start + columns]]
        for parts in zip(*plots, strict=True):
            _print(console, Text(" ").join(parts))
    _print(console, _numbers(collector, tags))


def print_samples(console: Console, collector: CurveCollector) -> None:
    """Print the last samples, as many as fit in three rows; nothing if there are none."""
    from jem_tui.stream.pictures import picture_lines

    if collector.samples is None:
        return
    lines, shown = picture_lines(collector.samples.tiles, console)
    of = f"{shown} of {len(collector.samples.tiles)}"
    _print(console, Text(f"\n{X_HAT} at step {collector.samples.step:,}: {of}\n"))
    for line in lines:
        _print(console, line)


def _print(console: Console, content: RenderableType) -> None:
    console.print(content, highlight=False, no_wrap=True, crop=True)


def _tags(collector: CurveCollector) -> list[str]:
    """The curves of JEM, or the first ones of a foreign log."""
    own = [tag for tag in _STYLES if tag in collector.curves]
    return own or list(collector.curves)[:_MAX_FOREIGN_CURVES]


def _plot(tag: str, curve: Curve, width: int, draw: Callable[[str, list[Point], int], str]) -> list[Text]:
    """The lines of one plot, all `width` wide; plotext draws without colours, Rich adds them if the console has any."""
    lines = draw(printable(tag), curve.points(), width).splitlines()
    return [Text(line.ljust(width), style=_STYLES.get(tag, "cyan")) for line in lines]


def _plot_in_braille(title: str, points: list[Point], width: int) -> str:
    return _plot_text(title, points, width, "braille")


def _plot_in_ascii(title: str, points: list[Point], width: int) -> str:
    """For consoles that are not Unicode."""
    return _plot_text(title, points, width, "*").translate(_BOX_TO_ASCII)


def _plot_text(title: str, points: list[Point], width: int, marker: str) -> str:
    figure = _figure()
    figure.plot_size(width, PLOT_HEIGHT)
    figure.theme("colorless")
    figure.title(title)
    if points:
        x, y = [point.images for point in points], [point.value for point in points]
        figure.draw(figure.signal(x, y, marker=marker).lines(True))
        _set_ticks(figure, x, width)
    return str(figure.build().string(colorless=True))


def _figure() -> Any:
    """A figure of its own, not bound to the size of the terminal; plotext's shared one would keep what was drawn before."""
    import plotext

    terminal = type(plotext.terminal)().limit(False, False)
    return type(plotext.figure)(parent=terminal)


def _set_ticks(figure: Any, images: list[float], width: int) -> None:
    """Few ticks on the x-axis, as 1.5k or 2M training images."""
    count = max(2, min(5, width // 12))
    ticks = [images[0] + (images[-1] - images[0]) * position / (count - 1) for position in range(count)]
    figure.ruler("x").ticks(ticks, labels=[_short(tick) for tick in ticks])


def _short(number: float) -> str:
    for divisor, unit in ((1e6, "M"), (1e3, "k")):
        if number >= divisor:
            return f"{number / divisor:.3g}{unit}"
    return f"{number:.0f}"


def _numbers(collector: CurveCollector, tags: list[str]) -> Table:
    """The last point of each curve, the newest evaluation of each split, and how far the run came."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for tag in tags:
        if points := collector.curves[tag].points():
            table.add_row(printable(tag), _number(tag, points[-1].value))
    for split, evaluated in collector.evaluations.items():
        for name, score in evaluated.scores.items():
            table.add_row(f"{split} {name}", _number(name, score))
    for name, value in _progress(collector):
        table.add_row(name, value)
    return table


def _progress(collector: CurveCollector) -> list[tuple[str, str]]:
    last = collector.last_step
    if last is None:
        return [("steps", "0")]
    rows = [("steps", f"{last.step:,}"), ("training images", f"{last.images:,}")]
    if collector.seconds > 0:
        rows.append(("seconds", f"{collector.seconds:,.1f}"))
    if collector.stopped is not None:
        rows.append(("ended", collector.stopped.reason))
    return rows


def _number(name: str, value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    return f"{value:.2%}" if name.endswith("accuracy") else f"{value:.4f}"
