"""Text that is copied from a pane: tables of its values with tabs between columns, or the path of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jem_tui.printable import printable
from jem_tui.raster.plot.cursor import nearest_index
from jem_tui.raster.plot.scales.axis import Axis
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_view import RunView


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
        rows = list(_rows(pane, state, run, cursor))
        if len(rows) > 1:
            return Copied(f"{len(rows) - 1:,} rows of the {pane}", _table(rows))
    return Copied("the path of the run", run_dir or (run.info.run_dir if run is not None else ""))


def _rows(pane: str, state: RunState, run: RunView, cursor: ChartCursor) -> Iterable[tuple[object, ...]]:
    match pane:
        case "curves":
            return _of_curves(run, cursor)
        case "samples" | "chain":
            return _of_chains(run)
        case "distributions":
            return _of_energies(run)
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


def _of_energies(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "from", "to", "data", "samples"
    found = run.energies
    if found is not None:
        edges = [f"{edge:.6g}" for edge in found.edges]
        yield from zip(edges[:-1], edges[1:], map(int, found.data), map(int, found.samples), strict=True)


def _of_ranks(run: RunView) -> Iterator[tuple[object, ...]]:
    yield "rank", "host", "device", "images/s", "energy", "waiting"
    states = run.ranks
    if states is not None:
        columns = states.hosts, states.devices, states.images_per_second, states.energy, states.waiting
        yield from ((rank, *values) for rank, values in enumerate(zip(*columns, strict=True)))


def _table(rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join("\t".join(printable(str(cell)) for cell in row) for row in rows) + "\n"
