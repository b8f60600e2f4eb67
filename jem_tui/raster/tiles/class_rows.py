"""Tiles by their class: one row of the grid for each class, its name before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.tiles.encode import Encoding, tile_cells
from jem_tui.raster.tiles.grid import Corners, Label
from jem_tui.raster.tiles.zoom import TileSize, scaled_pixels, tile_sizes

GAP = 1
ENOUGH = 3
"""Tiles of a class that are worth a size of tiles, if smaller ones are to be had."""
BETWEEN = 2
"""Columns between two blocks of rows."""
LONGEST = 10
"""Columns of a class's name."""
SHORTER = (4, 2, 1)
"""Columns of names where longer ones leave no room for tiles."""


@dataclass(frozen=True, slots=True)
class ClassRows:
    """`blocks` side by side of rows of at most `across` tiles; each class has the next row, down the first block, then the next."""

    rung: TileSize
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
    """Places among the tiles, in the order of `corners`."""
    captions: bool = False

    @property
    def encoding(self) -> Encoding:
        """How a cell shows pixels."""
        return self.rung.encoding

    @property
    def shown(self) -> int:
        """How many tiles."""
        return len(self.chosen)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many rows, blocks and tiles a size of tiles gives."""

    rung: TileSize
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
    """Place tiles of `pixels` whose classes are `predicted`, shape (n,), in a row for each of `names`, as they come.

    The largest size that shows three tiles of every class, and so many rungs above it as `zoom` says, as far as one tile of
    each fits, with shorter names where it takes that; nothing where not even that is to be had.
    """
    longest = min(LONGEST, max(map(len, names), default=0))
    for label in (longest + 1, *(short + 1 for short in SHORTER if short < longest)):
        plans = [_plan(rung, pixels, len(names), label, width, height) for rung in tile_sizes(pixels, encoding)]
        possible = [plan for plan in plans if plan.across]
        if possible:
            break
    else:
        return _placed(plans[0], predicted, names, label, width, height)
    usual = max((at for at, plan in enumerate(possible) if plan.across >= ENOUGH), default=0)
    plan = possible[max(0, min(len(possible) - 1, usual + zoom))]
    return _placed(plan, predicted, names, label, width, height)


def _plan(rung: TileSize, pixels: tuple[int, int], classes: int, label: int, width: int, height: int) -> _Plan:
    """As few blocks as hold all classes, and what is then left for tiles."""
    rows, columns = tile_cells(rung.encoding, *scaled_pixels(pixels, rung.scale))
    most = max(1, (height + GAP) // (rows + GAP)) if height >= rows else 0
    blocks = -(-classes // most) if most and classes else 0
    room = (width - (blocks - 1) * BETWEEN) // blocks - label if blocks else 0
    down = -(-classes // blocks) if blocks else 0
    return _Plan(rung, rows, columns, blocks, down, max(0, (room + GAP) // (columns + GAP)))


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
        plan.rung,
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
    """Against the tiles, and cut off where it is too long."""
    return (name if len(name) <= width else name[: width - 1] + "…").rjust(width)
