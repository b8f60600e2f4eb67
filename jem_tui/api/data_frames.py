"""Curves as one data frame of pandas or polars, with a row for each point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.api.curve import Curve
from jem_tui.errors import InputError
from jem_tui.stream.export.scalar_tables import storable

if TYPE_CHECKING:
    import pandas
    import polars


def pandas_frame(curves: Mapping[str, Curve]) -> pandas.DataFrame:
    """Return the points of all curves as a data frame of pandas. Raises InputError without pandas."""
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise _missing("pandas") from None
    tags, codes, columns = _columns(curves)
    return pd.DataFrame({"tag": pd.Categorical.from_codes(codes, categories=tags), **columns})


def polars_frame(curves: Mapping[str, Curve]) -> polars.DataFrame:
    """Return the points of all curves as a data frame of polars. Raises InputError without polars."""
    try:
        import polars as pl
    except ModuleNotFoundError:
        raise _missing("polars") from None
    tags, codes, columns = _columns(curves)
    names = pl.Series("tag", tags, dtype=pl.Enum(tags))
    return pl.DataFrame({"tag": names.gather(codes), **columns})


def _columns(curves: Mapping[str, Curve]) -> tuple[list[str], NDArray[np.int32], dict[str, NDArray[Any]]]:
    """Return the tags, the index of each row's tag, and the other columns, named as in the CSV of `jem-tui export`."""
    found = [curve for _, curve in sorted(curves.items())]
    columns = {
        "step": _joined([curve.steps for curve in found], np.int64),
        "images": _joined([curve.images for curve in found if curve.images is not None], np.int64),
        "wall_time": _joined([curve.times for curve in found], np.float64),
        "value": _joined([curve.values for curve in found], np.float64),
    }
    if len(columns["images"]) != len(columns["step"]):
        del columns["images"]
    codes = np.repeat(np.arange(len(found), dtype=np.int32), [len(curve) for curve in found])
    return [storable(curve.tag) for curve in found], codes, columns


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts])


def _missing(package: str) -> InputError:
    return InputError(f"The data frame needs {package}.", f"Install it: pip install {package}.")
