"""Make the MNIST subset that ships in the package from the four original IDX files.

    python tools/make_mnist_mini.py FOLDER_WITH_IDX_GZ_FILES

Takes 1,000 training images a class from the training set and 200 a class from the test set, by a fixed permutation, and
writes `jem_tui/jem/data/mnist_mini/mnist_mini.npz`. The archive's bytes depend on nothing but the input.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).parent.parent / "jem_tui" / "jem" / "data" / "mnist_mini" / "mnist_mini.npz"
SEED = 1912_03263


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes: the last of four magic bytes counts the dimensions, then their sizes follow."""
    raw = gzip.decompress(path.read_bytes())
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def pick(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], per_class: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return `per_class` images of each class in the order of a fixed permutation, with their labels."""
    order = np.random.default_rng(SEED).permutation(len(labels))
    rank = np.zeros(len(labels), int)
    for label in range(10):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    chosen = order[rank[order] < per_class]
    return images[chosen], labels[chosen]


def main(folder: Path) -> None:
    """Write the archive and say how large it came out."""
    arrays: dict[str, Any] = {}
    for split, prefix, per_class in (("train", "train", 1000), ("test", "t10k", 200)):
        images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")
        labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz")
        arrays[f"{split}_images"], arrays[f"{split}_labels"] = pick(images, labels, per_class)
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET}: {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
