"""Files of samples for tools that compute FID: a picture of all samples, an array, or a picture of each sample."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from jem_tui.atomic_file import replace_file
from jem_tui.stream.export.image_sheets import Pixels, save_png


def save_samples(path: Path, tiles: Pixels) -> None:
    """Write tiles (n, height, width, channels) as a picture FILE.png, an array FILE.npz, or into a folder. Raises OSError.

    The array is uint8 and named `arr_0`, as evaluations of generated images expect it.
    """
    match path.suffix.lower():
        case ".png":
            save_png(path, tiles)
        case ".npz":
            content = io.BytesIO()
            np.savez(content, tiles)
            replace_file(path, content.getbuffer())
        case _:
            save_each(path, tiles)


def save_each(folder: Path, tiles: Pixels) -> None:
    """Write every tile as PNG, numbered from 0, into a folder, which is made if it is not there. Raises OSError."""
    folder.mkdir(exist_ok=True)
    digits = len(str(len(tiles) - 1))
    for number, tile in enumerate(tiles):
        gray = tile.shape[2] == 1
        Image.fromarray(tile[:, :, 0] if gray else tile).save(folder / f"{number:0{digits}d}.png", "PNG")
