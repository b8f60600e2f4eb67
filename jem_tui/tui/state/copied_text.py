"""Text that is copied from a pane or a screen: tables of values with tabs between columns, or the path of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jem_tui.printable import printable
from jem_tui.raster.plot.cursor import nearest_index
from jem_tui.raster.plot.scales.axis import Axis
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.sampler_tags import SHOWN

Rows = Iterable[Sequence[object]]
"""Rows of a table, the first of which names the columns; an empty row separates two tables."""


class Copied(NamedTuple):
    """A text for the clipboard, and what it is in a few words."""

    what: str
    text: str


class ChartCursor(NamedTuple):
    """A place on the x axis of the charts; `at` is None without a cursor."""

    axis: Axis
    at: float | None


def copied_from(pane: str, cursor: ChartCursor, state: RunState, run_dir: str) -> Copied:
    """Return what is copied while `pane` has the focus, "" for none: the path of the run where a pane has no values."""
    run = state.run
    if run is not None:
        table = copied_table(f"the {pane}", _rows(pane, state, run, cursor))
        if table is not None:
            return table
    return Copied("the path of the run", run_dir or (run.info.run_dir if run is not None else ""))


def copied_table(what: str, rows: Rows) -> Copied | None:
    """Return a table with tabs between columns, and what it shows; None for a table without a row below the names of its columns."""
    lines = ["\t".join(printable(str(cell)) for cell in row) for row in rows]
    count = len(lines) - 1
    return Copied(f"{count:,} row{'s' if count != 1 else ''} of {what}", "\n".join(lines) + "\n") if count > 0 else None


def _rows(pane: str, state: RunState, run: RunView, cursor: ChartCursor) -> Rows:
    match pane:
        case "curves":
            return _of_curves(run, cursor)
        case "samples" | "chain":
            return _of_chains(run)
        case "distributions":
            return _of_distributions(run)
        case "sampler":
            return _of_newest(run, SHOWN)
        case "notes":
            return [("step", "kind", "text"), *((note.step, note.kind, note.text) for note in run.notes)]
        case "ranks":
            return _of_ranks(run)
        case "console":
            return [("output",), *((line,) for line in state.console.newest(len(state.console)))]
    return []


def _of_curves(run: RunView, cursor: ChartCursor) -> Iterator[tuple[object, ...]]:
    """Yield the value of every metric at the cursor, or the newest one."""
    yield "metric", "step", "images", "value"
    for tag, series in run.series.items():
        if len(series):
            along = series.positions_along(cursor.axis, run.began)
            at = len(series) - 1 if cursor.at is None else nearest_index(along, cursor.at)
            yield tag, int(series.steps[at]), int(series.images[at]), f"{series.values[at]:.9g}"


def _of_chains(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "chain", "energy", "age", "class", "confidence", "restarts"
    samples = run.samples
    for row in range(len(samples.energy) if samples is not None else 0):
        assert samples is not None
        name = class_name(run.info.class_names, int(samples.predicted[row]))
        numbers = f"{samples.energy[row]:.6g}", int(samples.age[row])
        yield row + 1, *numbers, name, f"{samples.confidence[row]:.4g}", int(samples.reseeds[row])


def _of_newest(run: RunView, tags: Iterable[str]) -> Iterator[tuple[object, ...]]:
    """Yield the newest value of each metric that the run logs."""
    yield "metric", "step", "value"
    for tag in tags:
        series = run.series.get(tag)
        if series is not None and len(series):
            yield tag, int(series.steps[-1]), f"{series.values[-1]:.9g}"


def _of_distributions(run: RunView) -> Iterator[Sequence[object]]:
    """Yield the histograms of energies, the AUROC scores and the bins of the reliability diagram, or the histograms of a foreign log."""
    tables = _of_energies(run), _of_auroc(run), _of_reliability(run), _of_histograms(run)
    filled = (rows for rows in map(list, tables) if len(rows) > 1)
    for number, rows in enumerate(filled):
        yield from [()] * (number > 0)
        yield from rows


def _of_energies(run: RunView) -> Iterator[tuple[object, ...]]:
    found = run.energies
    if found is not None:
        named = {"data": found.data, "samples": found.samples, "train": found.train}
        counts = {name: values for name, values in named.items() if values is not None}
        yield "from", "to", *counts
        edges = [f"{edge:.6g}" for edge in found.edges]
        yield from zip(edges[:-1], edges[1:], *(map(int, values) for values in counts.values()), strict=True)


def _of_auroc(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "OOD set", "AUROC of log p(x)"
    if run.assessment is not None:
        yield from ((name, f"{value:.6g}") for name, value in run.assessment.auroc.items())


def _of_reliability(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "confidence", "accuracy", "share of images"
    found = run.assessment
    if found is not None:
        bins = zip(found.confidence, found.accuracy, found.share, strict=False)
        yield from (tuple(f"{value:.6g}" for value in row) for row in bins)


def _of_histograms(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "tag", "from", "to", "count"
    for tag, found in sorted(run.histograms.items()):
        for low, high, number in zip(found.edges[:-1], found.edges[1:], found.counts, strict=False):
            yield tag, f"{low:.6g}", f"{high:.6g}", f"{number:.9g}"


def _of_ranks(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "rank", "host", "device", "images/s", "energy", "waiting"
    states = run.ranks
    if states is not None:
        columns = states.hosts, states.devices, states.images_per_second, states.energy, states.waiting
        yield from ((rank, *values) for rank, values in enumerate(zip(*columns, strict=True)))
