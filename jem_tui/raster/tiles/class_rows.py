"""Tiles by class: one row of the grid for each class, with its name at the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.tiles.encode import Encoding, tile_cells
from jem_tui.raster.tiles.grid import Corners, Label
from jem_tui.raster.tiles.zoom import TileSize, scaled_pixels, tile_sizes

GAP = 1
ENOUGH = 3
"""Tiles of each class that a size must show to be preferred to smaller sizes."""
FEWEST = 2
"""Tiles of each class that rows must show; otherwise a grid shows more."""
BETWEEN = 2
"""Columns between two blocks of rows."""
LONGEST = 10
"""Maximum width of a class name in columns."""
SHORTER = (4, 2, 1)
"""Widths of class names in columns where longer names leave no room for tiles."""


@dataclass(frozen=True, slots=True)
class ClassRows:
    """Layout in `blocks` side by side, whose rows hold at most `across` tiles; the classes fill the rows block by block."""

    size: TileSize
    width: int
    height: int
    tile_rows: int
    tile_columns: int
    blocks: int
    down: int
    across: int
    corners: Corners
    labels: tuple[Label, ...]
    chosen: tuple[int, ...]
    """Indices of the tiles, in the order of `corners`."""
    captions: bool = False

    @property
    def encoding(self) -> Encoding:
        """Encoding of pixels in cells."""
        return self.size.encoding

    @property
    def shown(self) -> int:
        """Number of displayed tiles."""
        return len(self.chosen)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Numbers of rows, blocks and tiles for one size of tiles."""

    size: TileSize
    tile_rows: int
    tile_columns: int
    blocks: int
    down: int
    across: int


def class_rows(
    pixels: tuple[int, int],
    predicted: NDArray[np.int64],
    names: Sequence[str],
    width: int,
    height: int,
    *,
    encoding: Encoding | None = None,
    zoom: int = 0,
) -> ClassRows:
    """Arrange tiles of `pixels` (height, width) whose classes are `predicted`, shape (n,), in a row for each of `names`.

    The size is the largest that shows three tiles of every class, plus `zoom` sizes, limited to sizes that show two tiles of each
    class. Names are shortened if no size fits otherwise; the layout is empty if no size fits at all.
    """
    longest = min(LONGEST, max(map(len, names), default=0))
    for label in (longest + 1, *(short + 1 for short in SHORTER if short < longest)):
        plans = [_plan(size, pixels, len(names), label, width, height) for size in tile_sizes(pixels, encoding)]
        possible = [plan for plan in plans if plan.across >= FEWEST]
        if possible:
            break
    else:
        return _placed(replace(plans[0], across=0), predicted, names, label, width, height)
    usual = max((at for at, plan in enumerate(possible) if plan.across >= ENOUGH), default=0)
    plan = possible[max(0, min(len(possible) - 1, usual + zoom))]
    return _placed(plan, predicted, names, label, width, height)


def spread_over_classes(predicted: NDArray[np.int64], count: int) -> tuple[int, ...]:
    """Return the indices of `count` tiles by class, as equally many of each of the classes `predicted`, shape (n,), as there are."""
    order = np.argsort(predicted, kind="stable")
    classes = predicted[order]
    rank = np.arange(len(order)) - np.searchsorted(classes, classes)
    first = np.lexsort((classes, rank))[:count]
    return tuple(order[np.sort(first)].tolist())


def _plan(size: TileSize, pixels: tuple[int, int], classes: int, label: int, width: int, height: int) -> _Plan:
    """Return the plan with the fewest blocks that hold all classes, and the room for tiles that they leave."""
    rows, columns = tile_cells(size.encoding, *scaled_pixels(pixels, size.scale))
    most = max(1, (height + GAP) // (rows + GAP)) if height >= rows else 0
    blocks = -(-classes // most) if most and classes else 0
    room = (width - (blocks - 1) * BETWEEN) // blocks - label if blocks else 0
    down = -(-classes // blocks) if blocks else 0
    return _Plan(size, rows, columns, blocks, down, max(0, (room + GAP) // (columns + GAP)))


def _placed(
    plan: _Plan, predicted: NDArray[np.int64], names: Sequence[str], label: int, width: int, height: int
) -> ClassRows:
    block = label + plan.across * (plan.tile_columns + GAP) - GAP
    used = plan.blocks * (block + BETWEEN) - BETWEEN
    left = max(0, width - used) // 2
    top = max(0, height - plan.down * (plan.tile_rows + GAP) + GAP) // 2
    corners: list[tuple[int, int]] = []
    chosen: list[int] = []
    labels: list[Label] = []
    for number, name in enumerate(names if plan.across else ()):
        row = top + number % plan.down * (plan.tile_rows + GAP)
        start = left + number // plan.down * (block + BETWEEN)
        labels.append(Label(row + plan.tile_rows // 2, start, _short(name, label - 1)))
        for place, index in enumerate(np.flatnonzero(predicted == number)[: plan.across].tolist()):
            corners.append((row, start + label + place * (plan.tile_columns + GAP)))
            chosen.append(index)
    return ClassRows(
        plan.size,
        width,
        height,
        plan.tile_rows,
        plan.tile_columns,
        plan.blocks,
        plan.down,
        plan.across,
        np.array(corners, dtype=np.intp).reshape(-1, 2),
        tuple(labels),
        tuple(chosen),
    )


def _short(name: str, width: int) -> str:
    """Align a name to the right of `width` columns, cut off where it is too long."""
    return (name if len(name) <= width else name[: width - 1] + "…").rjust(width)
