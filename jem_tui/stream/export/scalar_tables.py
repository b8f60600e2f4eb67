"""Curves as tables for other programs: every point as logged, none merged, thinned or dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.errors import InputError
from jem_tui.stream.export.smoothing import Smoother
from jem_tui.stream.log_data.points import LoggedPoints

CHUNK = 100_000
"""Rows that are written at once."""


@dataclass(frozen=True, slots=True)
class SmoothedCurve:
    """The points of one curve in the order of writing, and their values smoothed along the steps, shape (n,)."""

    points: LoggedPoints
    smoothed: NDArray[np.float64]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns of the table; `images` only for runs of this program."""
        points = self.points
        images = {} if points.images is None else {"images": points.images}
        return {
            "step": points.step,
            **images,
            "wall_time": points.wall_time,
            "value": points.value,
            "smoothed": self.smoothed,
        }


def lines(points: Mapping[str, LoggedPoints], weight: float) -> dict[str, SmoothedCurve]:
    """Smooth every curve, by tag, with a `weight` in [0, 1)."""
    return {tag: SmoothedCurve(found, _smoothed(found, weight)) for tag, found in sorted(points.items())}


def write_csv(path: Path, curves: Mapping[str, SmoothedCurve], *, foreign: bool) -> int:
    """Write one row for each value of each curve, with times in Unix seconds, and return the number of rows. Raises OSError."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(",".join(_names(foreign)) + "\n")
        for tag, line in curves.items():
            for start in range(0, len(line.points), CHUNK):
                file.write("".join(_rows(tag, line, slice(start, start + CHUNK))))
    return sum(len(line.points) for line in curves.values())


def write_parquet(path: Path, curves: Mapping[str, SmoothedCurve], *, foreign: bool) -> int:
    """Write the rows of `write_csv` as Parquet, and return their number. Raises InputError without pyarrow, OSError."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise InputError("Parquet needs pyarrow.", "Install it: pip install 'jem-tui[parquet]'.") from None
    whole, real = pa.int64(), pa.float64()
    kinds = {"tag": pa.dictionary(pa.int32(), pa.string()), "step": whole, "images": whole}
    schema = pa.schema([(name, kinds.get(name, real)) for name in _names(foreign)])
    parts = [
        pa.table(
            {"tag": pa.DictionaryArray.from_arrays(np.zeros(len(line.points), np.int32), [storable(tag)]), **columns}
        )
        for tag, line in curves.items()
        if (columns := line.columns())
    ]
    table = pa.concat_tables(parts).unify_dictionaries() if parts else schema.empty_table()
    parquet.write_table(table.cast(schema), path)
    return int(table.num_rows)


def _names(foreign: bool) -> list[str]:
    return ["tag", "step", *([] if foreign else ["images"]), "wall_time", "value", "smoothed"]


def _smoothed(points: LoggedPoints, weight: float) -> NDArray[np.float64]:
    """Smooth in the order of steps, as the curve is drawn, and return the averages in the order of writing."""
    order = np.argsort(points.step, kind="stable")
    smoothed = np.empty(len(points))
    smoothed[order] = Smoother(weight).extend(points.value[order])
    return smoothed


def _rows(tag: str, line: SmoothedCurve, part: slice) -> Iterator[str]:
    """Yield lines of the table with every digit that a number needs."""
    tag = storable(tag)
    quoted = '"' + tag.replace('"', '""') + '"' if any(sign in tag for sign in ',"\n\r') else tag
    columns = [column[part].tolist() for column in line.columns().values()]
    for numbers in zip(*columns, strict=True):
        yield f"{quoted},{','.join(map(repr, numbers))}\n"


def storable(tag: str) -> str:
    """Escape what UTF-8 cannot encode."""
    return tag.encode("utf-8", "backslashreplace").decode("utf-8")
