"""Sample tiles as PNG sheets and GIF animations."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from jem_tui.stream.export.image_sheets import (
    FIRST_MS,
    FRAME_MS,
    FRAMES,
    GAP,
    GRAYS,
    LAST_MS,
    frame_steps,
    save_gif,
    save_png,
    sheet,
)


def tiles(n: int, channels: int = 1, size: int = 28, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, channels), dtype=np.uint8)


def cell(picture: NDArray[np.uint8], row: int, column: int, size: int, scale: int) -> NDArray[np.uint8]:
    top, left = ((GAP + position * (size + GAP)) * scale for position in (row, column))
    return picture[top : top + size * scale : scale, left : left + size * scale : scale]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("n", "columns", "expected"), [(10, 0, (3, 4)), (9, 0, (3, 3)), (10, 5, (2, 5)), (1, 0, (1, 1))]
)
def test_tiles_lie_row_by_row_with_gaps(n, columns, expected, channels):
    given = tiles(n, channels)
    picture = sheet(given, columns)
    rows, across = expected
    assert picture.shape == ((rows * 30 + GAP) * 2, (across * 30 + GAP) * 2, channels)
    for i in range(n):
        assert (cell(picture, i // across, i % across, 28, 2) == given[i]).all()
    assert len(np.unique(picture[: GAP * 2])) == 1


def test_large_tiles_are_not_enlarged():
    assert sheet(tiles(1, size=64)).shape == (64 + 2 * GAP, 64 + 2 * GAP, 1)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_png_holds_the_sheet_without_loss(tmp_path, channels, mode):
    given = tiles(5, channels)
    save_png(tmp_path / "x.png", given)
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.mode == mode
        pixels = np.asarray(picture)
    assert (pixels.reshape(*pixels.shape[:2], channels) == sheet(given)).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_shows_every_state_loops_and_rests_at_both_ends(tmp_path, channels):
    frames = [tiles(4, channels, seed=i) for i in range(6)]
    save_gif(tmp_path / "x.gif", frames)
    with Image.open(tmp_path / "x.gif") as animation:
        assert animation.n_frames == 6
        assert animation.info["loop"] == 0
        durations = []
        for i, frame in enumerate(frames):
            animation.seek(i)
            durations.append(animation.info["duration"])
            shown = np.asarray(animation.convert("RGB")).astype(int)
            expected = np.broadcast_to(sheet(frame), shown.shape)
            worst = 255 / (GRAYS - 1) / 2 + 1 if channels == 1 else 60
            assert np.abs(shown - expected).mean() < worst
    assert durations == [FIRST_MS, *[FRAME_MS] * 4, LAST_MS]


@pytest.mark.parametrize("steps", [0, 1, 5, 100, 5000])
def test_frames_begin_at_the_start_end_at_the_end_and_are_denser_early(steps):
    shown = frame_steps(steps)
    assert (shown[0], shown[-1]) == (0, steps)
    assert len(shown) <= FRAMES
    gaps = np.diff(shown)
    assert (gaps > 0).all()
    if steps >= 100:
        assert gaps[: len(gaps) // 2].sum() < gaps[len(gaps) // 2 :].sum()


def test_an_animation_of_one_state_is_a_still_picture(tmp_path):
    save_gif(tmp_path / "x.gif", [tiles(4)])
    with Image.open(tmp_path / "x.gif") as animation:
        assert animation.n_frames == 1
