"""Train the reference classifier that ships with the package: `python tools/make_reference.py DATA_DIR`.

Needs all of MNIST in DATA_DIR (downloaded there if absent), 5 minutes of one core, and writes jem_tui/jem/evaluation/reference.npz.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from jem_tui.config.schema import DataConfig
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.evaluation.reference_classifier import Reference, set_weights, train, weights

TARGET = Path(__file__).parents[1] / "jem_tui" / "jem" / "evaluation" / "reference.npz"
STEPS = 6000


def main(folder: str) -> None:
    """Train, round to half precision, measure what was kept."""
    torch.set_num_threads(1)
    data = load_data(DataConfig(name="mnist", dir=folder), 0, report)
    reference = Reference((1, 28, 28), 10)
    train(reference, data.train, STEPS, 0, report)
    content = weights(reference)
    set_weights(reference, content)
    pixels, labels = to_tensors(data.test, torch.device("cpu"))
    _, probabilities = reference.features_and_probabilities(pixels)
    accuracy = float((probabilities.argmax(1) == labels).double().mean())
    TARGET.write_bytes(content)
    print(f"{accuracy:.2%} on the test images, {len(content) / 1000:.0f} kB")


def report(text: str, fraction: float | None) -> None:
    """Print one line to stderr."""
    print(f"\r{text} {fraction or 0:4.0%}", end="", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
