"""Pictures of energies: histograms of images of several kinds, and images in the order of their energy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input, as_pixels, to_tensors
from jem_tui.jem.evaluation.ood_sets import make_ood_sets
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.saved_run.load_run import OpenedRun
from results.drawing import Numbers
from results.page_pictures import BLUE, GREEN, INK, ORANGE, PURPLE, TEAL, new_figure, plain, save

SEED, COUNT = 0, 1000
KINDS = {
    "digits": TEAL,
    "chains": PURPLE,
    "letters": ORANGE,
    "inverted": BLUE,
    "noise": GREEN,
}
"""Kinds of images with their colours."""
COLUMNS = 16
"""Images in the ordered row."""


def image_kinds(run: OpenedRun) -> dict[str, Tensor]:
    """Return images of each kind, in [−1, 1], shape (n, channels, height, width)."""
    pixels, labels = (part[:COUNT] for part in to_tensors(run.data.test, run.device))
    others = make_ood_sets(pixels, labels, SEED, COUNT)
    found = {
        "digits": pixels,
        "letters": others["letters"],
        "inverted": others["inverted"],
        "noise": others["uniform noise"],
    }
    return {name: as_input(images) for name, images in found.items()} | {"chains": run.chains[:COUNT]}


def energies(run: OpenedRun, images: Tensor) -> Numbers:
    """Return E(x) of images in [−1, 1]."""
    with torch.no_grad():
        return energy(logits_in_chunks(run.network, images)).double().numpy()


def draw_energies(run: OpenedRun, path: Path) -> None:
    """Write histograms of the energies of each kind of images."""
    found = {name: energies(run, images) for name, images in image_kinds(run).items()}
    joined = np.concatenate(list(found.values()))
    low, high = np.percentile(joined, (0.2, 99.8))
    edges: list[float] = np.linspace(low - 1, high + 1, 90).tolist()
    figure = new_figure(8.4, 3.1)
    axes = plain(figure.subplots())
    for name, colour in KINDS.items():
        axes.hist(np.clip(found[name], edges[0], edges[-1]), edges, color=colour, alpha=0.45, label=name)
        axes.hist(np.clip(found[name], edges[0], edges[-1]), edges, color=colour, histtype="step", linewidth=1.2)
    axes.set(xlabel="energy E(x), nats: low energy = high density", ylabel="images of 1,000")
    axes.set_yscale("symlog", linthresh=50)
    axes.set_yticks([0, 25, 50, 100, 200, 500], ["0", "25", "50", "100", "200", "500"])
    axes.legend(frameon=False, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.14))
    save(figure, path)


def draw_ordered_images(run: OpenedRun, path: Path) -> None:
    """Write a row of images of all kinds, ordered and labelled by energy, evenly spaced in rank."""
    picked: list[tuple[float, str, Tensor]] = []
    for name, images in image_kinds(run).items():
        if name != "chains":
            values = energies(run, images)
            ranks = np.argsort(values)[np.linspace(0, len(values) - 1, COLUMNS // 4).round().astype(int)]
            picked += [(float(values[row]), name, images[row]) for row in ranks]
    draw_labelled(sorted(picked, key=lambda each: each[0]), path)


def draw_labelled(picked: Sequence[tuple[float, str, Tensor]], path: Path) -> None:
    """Write images in two rows, each with its energy below in the colour of its kind."""
    columns = -(-len(picked) // 2)
    figure = new_figure(8.8, 3.0)
    grid = figure.subplots(2, columns)
    for axes, (value, name, image) in zip(grid.flat, picked, strict=True):
        axes.imshow(as_pixels(image)[0].numpy(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color=KINDS[name], linewidth=2)
        axes.set_xlabel(f"{value:+.1f}\n{name.removesuffix('s')}".replace("-", "−"), color=INK, fontsize=8.5)
    save(figure, path)
