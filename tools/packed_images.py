"""A folder or tar archive of class folders, packed into one file that a run reads at once.

    python tools/packed_images.py SOURCE FILE.npz
    jem-tui train --data tools.packed_images:load -s data.args.path=FILE.npz

SOURCE holds `train/` and `test/` of class folders with images of one size. Decoding sixty thousand images takes seconds of each program
that reads them; a packed file takes a fraction of one.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PLUGIN = "tools.packed_images:load"
"""Name of `load` as a data set of a run; it is resolved from the root of the repository."""
SPLITS = ("train", "test")


class Split(tuple[NDArray[np.uint8], NDArray[np.int64]]):
    """Images (n, height, width, channels) and labels (n,) of a split, with the names of the classes."""

    classes: tuple[str, ...] = ()


def load(path: str) -> tuple[Split, Split]:
    """Return the images of a packed file for training and for tests."""
    with np.load(path, allow_pickle=False) as arrays:
        train, test = (Split((arrays[f"{split}_images"], arrays[f"{split}_labels"])) for split in SPLITS)
        train.classes = tuple(map(str, arrays["classes"]))
    return train, test


def data_words(path: Path) -> list[str]:
    """Return the words of `jem-tui train`, `eval` and `sample` for the images of a packed file."""
    return ["--data", PLUGIN, "-s", f"data.args.path={path}"]


def pack(source: Path, target: Path) -> None:
    """Write the images of a folder or tar archive, in the order of their names, into a packed file."""
    files = {path: content for path, content in found(source) if path.parts[0] in SPLITS}
    classes = sorted({path.parts[1] for path in files})
    arrays: dict[str, NDArray[np.generic]] = {"classes": np.array(classes)}
    with ThreadPoolExecutor() as pool:
        for split in SPLITS:
            paths = sorted(path for path in files if path.parts[0] == split)
            arrays[f"{split}_images"] = np.stack(list(pool.map(lambda path: decoded(files[path]), paths)))
            arrays[f"{split}_labels"] = np.array([classes.index(path.parts[1]) for path in paths], np.int64)
    unfinished = target.with_suffix(".tmp.npz")
    np.savez(unfinished, **arrays)  # type: ignore[arg-type]
    unfinished.replace(target)


def found(source: Path) -> Iterator[tuple[PurePath, bytes]]:
    """Yield the path SPLIT/CLASS/NAME and the content of every image file."""
    if source.is_dir():
        for path in source.glob("*/*/*"):
            yield path.relative_to(source), path.read_bytes()
        return
    with tarfile.open(source) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield PurePath(*PurePath(member.name).parts[-3:]), content.read()


def decoded(content: bytes) -> NDArray[np.uint8]:
    """Return the pixels (height, width, channels) of an image file."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def main() -> None:
    """Pack the images that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    asked = parser.parse_args()
    pack(asked.source, asked.target)


if __name__ == "__main__":
    main()
