"""A recording as files for other programs: tables of its curves, plots, and its samples over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jem_tui.errors import InputError
from jem_tui.events import Evaluated, Samples
from jem_tui.stream.history import Points
from jem_tui.stream.index import read_recording
from jem_tui.stream.items import Deferred, resolve
from jem_tui.stream.layout import lay_out
from jem_tui.stream.printable import printable
from jem_tui.stream.sheets import save_gif, save_png
from jem_tui.stream.smoothing import Smoother
from jem_tui.stream.timeline import Timeline

HEADER = "tag,step,images,time,value,smoothed\n"
MOST_FRAMES = 120
"""Sheets in an animation; of more, some are left out evenly."""
FEW = 50
"""Values of a curve that is plotted as it is, with its points."""
CHUNK = 100_000
"""Rows that are written at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: where it was recorded, its values, and these smoothed; arrays of shape (n,)."""

    points: Points
    smoothed: NDArray[np.float64]


def read_timeline(logdir: Path) -> Timeline:
    """The recording in a folder. Raises InputError."""
    return lay_out(read_recording(logdir), logdir, complete=True)


def lines(timeline: Timeline, weight: float) -> dict[str, Line]:
    """Every metric and every score by tag, without what a rewind made void; `weight` in [0, 1) is that of the smoothing."""
    found = {**timeline.points(), **_scores(timeline)}
    return {tag: Line(points, Smoother(weight).extend(points.values)) for tag, points in sorted(found.items())}


def write_csv(path: Path, curves: Mapping[str, Line]) -> int:
    """One row for each value of each curve, times in Unix seconds; returns how many. Raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for tag, line in curves.items():
            for start in range(0, len(line.points), CHUNK):
                file.write("".join(_rows(tag, line, slice(start, start + CHUNK))))
    return sum(len(line.points) for line in curves.values())


def write_parquet(path: Path, curves: Mapping[str, Line]) -> int:
    """The same table as Parquet; returns the number of rows. Raises InputError without pyarrow, OSError."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise InputError("Parquet needs pyarrow.", "Install it: pip install 'jem-tui[parquet]'.") from None
    parts = [
        pa.table(
            {
                "tag": pa.DictionaryArray.from_arrays(np.zeros(len(line.points), np.int32), [tag]),
                "step": line.points.steps,
                "images": line.points.images,
                "time": line.points.times,
                "value": line.points.values,
                "smoothed": line.smoothed,
            }
        )
        for tag, line in curves.items()
    ]
    table = pa.concat_tables(parts).unify_dictionaries()
    parquet.write_table(table, path)
    return int(table.num_rows)


def write_samples(folder: Path, timeline: Timeline) -> list[Path]:
    """A PNG sheet of the last samples, one of each recorded time, and a GIF of all. Raises OSError; [] without samples."""
    frames = [(sample.step, sample.tiles) for sample in _samples(timeline)]
    if not frames:
        return []
    sheets = folder / "samples"
    sheets.mkdir(exist_ok=True)
    written = [sheets / f"step_{step:07d}.png" for step, _ in frames]
    for path, (_, tiles) in zip(written, frames, strict=True):
        save_png(path, tiles)
    animation = folder / "samples.gif"
    save_gif(animation, [tiles for _, tiles in _thinned(frames)])
    return [*written, animation]


def write_plots(path: Path, curves: Mapping[str, Line], title: str) -> None:
    """All curves as one PNG, a panel each: the values faint, the smoothed line on top. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = 1 if len(curves) == 1 else 2
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(6 * columns, 2.6 * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(printable(title).replace("$", r"\$"), fontsize=11)
    for axes, (tag, line) in zip(figure.subplots(rows, columns, squeeze=False).flat, curves.items(), strict=False):
        if len(line.points) < FEW:
            axes.plot(line.points.images, line.points.values, ".-", color="tab:blue", linewidth=1.4)
        else:
            axes.plot(line.points.images, line.points.values, color="tab:blue", alpha=0.25, linewidth=0.8)
            axes.plot(line.points.images, line.smoothed, color="tab:blue", linewidth=1.4)
        axes.set_title(tag.replace("$", r"\$"), fontsize=10)
        axes.set_xlabel("images seen", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.2)
    for axes in figure.axes[len(curves) :]:
        axes.remove()
    figure.savefig(path, dpi=120)


def _rows(tag: str, line: Line, part: slice) -> Iterator[str]:
    """Lines of the table with every digit that a number needs."""
    points = line.points[part]
    quoted = '"' + tag.replace('"', '""') + '"' if any(sign in tag for sign in ',"\n\r') else tag
    columns = (points.steps, points.images, points.times, points.values, line.smoothed[part])
    for step, images, time, value, smoothed in zip(*(column.tolist() for column in columns), strict=True):
        yield f"{quoted},{step},{images},{time!r},{value!r},{smoothed!r}\n"


def _scores(timeline: Timeline) -> dict[str, Points]:
    """The scores of every split, by "split/name"."""
    told = [item for item in timeline.others if isinstance(item, Evaluated)]
    tags = dict.fromkeys(f"{event.split}/{name}" for event in told for name in event.scores)
    return {tag: _points([e for e in told if tag.startswith(f"{e.split}/")], tag) for tag in tags}


def _points(told: Sequence[Evaluated], tag: str) -> Points:
    having = [e for e in told if tag.removeprefix(f"{e.split}/") in e.scores]
    return Points(
        np.array([e.step for e in having], dtype=np.int64),
        np.array([e.images for e in having], dtype=np.int64),
        np.array([e.time for e in having], dtype=np.float64),
        np.array([e.scores[tag.removeprefix(f"{e.split}/")] for e in having], dtype=np.float64),
    )


def _samples(timeline: Timeline) -> Iterator[Samples]:
    """Every recorded picture, read one after the other."""
    for item in timeline.others:
        if isinstance(item, Deferred) and item.kind is Samples:
            yield from (event for event in resolve([item]) if isinstance(event, Samples) and event.tiles.size)


def _thinned(frames: Sequence[tuple[int, NDArray[np.uint8]]]) -> list[tuple[int, NDArray[np.uint8]]]:
    kept = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).round().astype(int))
    return [frames[i] for i in kept]
