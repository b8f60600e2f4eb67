"""The model file `model.npz`: evaluated weights and some chains of a run, for run folders that are passed on.

A checkpoint is far larger, because it holds everything for resuming. A model file contains no pickles, and its content is
checked against the run's settings before it is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.config.schema import NetworkConfig
from jem_tui.errors import InputError, JemError
from jem_tui.jem.checkpoint.zip_digest import check_entries
from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import Shape, energy, make_network
from jem_tui.regular_file import open_regular
from jem_tui.run_files import MODEL_FILE as MODEL_FILE

MOST_CHAINS = 2_000
MOST_BYTES = 1 << 29
"""Largest unpacked size of a model file in bytes; a wide residual network has 150 MB."""
TOLERANCE = 0.01
"""Largest mean change of E(x), in nats, with which weights are stored in half precision."""
WEIGHT = "weight/"


@dataclass(frozen=True, kw_only=True)
class Model:
    """The weights and chains of a run after `step` optimizer steps."""

    step: int
    """Optimizer steps done."""
    network: nn.Module
    """The evaluated network, in eval mode, without gradients of weights."""
    chains: Tensor
    """Shape (n, channels, height, width), in [−1, 1]."""
    labels: Tensor | None = None
    """The class that each chain follows, shape (n,); None if chains follow p(x), and in model files, which have no classes."""


def save_model(path: Path, model: Model, config: NetworkConfig, pixels: Tensor, most_chains: int = MOST_CHAINS) -> None:
    """Write a model whose network is one of `config`, with its first `most_chains` chains as uint8 pixels.

    Weights are stored in half precision if that changes no predicted class of the uint8 images `pixels` (n, channels, height,
    width), and their energies by at most `TOLERANCE` in the mean. Raises JemError if the file cannot be written.
    """
    weights = model.network.state_dict()
    halved = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    rounded = build(
        config, halved, shape_of(pixels), logits_in_chunks(model.network, pixels[:1]).shape[1], pixels.device
    )
    kept = halved if agree(model.network, rounded, pixels) else weights
    arrays: dict[str, NDArray[Any]] = {WEIGHT + name: value.cpu().numpy() for name, value in kept.items()}
    arrays["chains"] = as_pixels(model.chains[:most_chains]).cpu().numpy()
    arrays["step"] = np.array([model.step], np.int64)
    try:
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise JemError(f"Cannot write the model {path}: {error.strerror}.", "Choose another folder.") from None


def load_model(path: Path, config: NetworkConfig, shape: Shape, classes: int, device: torch.device) -> Model:
    """Return the model in a file without executing code from it.

    Raises InputError if it cannot be read, is damaged or does not fit the settings, or if a network of the user cannot be created.
    """
    try:
        arrays = read_arrays(path)
        weights = {
            name.removeprefix(WEIGHT): torch.from_numpy(a) for name, a in arrays.items() if name.startswith(WEIGHT)
        }
        network = build(config, weights, shape, classes, device)
        chains = torch.from_numpy(arrays["chains"])
        if chains.dtype != torch.uint8 or chains.shape[1:] != shape:
            raise ValueError(f"chains of shape {tuple(chains.shape)}, not images of {shape}")
        return Model(step=int(arrays["step"][0]), network=network, chains=as_input(chains.to(device)))
    except InputError:
        raise
    except (FileNotFoundError, PermissionError) as error:
        raise InputError(
            f"The model {path} cannot be read: {error.strerror}.", "Check the file and its permissions."
        ) from None
    # zipfile, zlib, numpy and torch each raise exceptions of their own on a damaged file.
    except Exception:
        raise InputError(
            f"{path} is damaged, or does not fit the run's settings.", "Download it again, or restore run.json."
        ) from None


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return every array of the file, each verified by its checksum. Raises the errors of zipfile and numpy.

    Content that would unpack to more than `MOST_BYTES` raises ValueError.
    """
    with open_regular(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_entries(file, MOST_BYTES)
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)


def build(
    config: NetworkConfig, weights: Mapping[str, Tensor], shape: Shape, classes: int, device: torch.device
) -> nn.Module:
    """Create a network of `config` with given weights in single precision. Raises RuntimeError or ValueError if they do not fit."""
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError("weights that are not finite")
    with torch.random.fork_rng(devices=[]):
        network = make_network(config, shape, classes)
    network.load_state_dict(weights)
    return network.to(device).eval().requires_grad_(False)


def agree(network: nn.Module, other: nn.Module, pixels: Tensor) -> bool:
    """Return whether two networks predict equal classes, with energies that differ by at most `TOLERANCE` in the mean."""
    mine, others = logits_in_chunks(network, pixels), logits_in_chunks(other, pixels)
    same = bool((mine.argmax(1) == others.argmax(1)).all())
    return same and float((energy(mine) - energy(others)).abs().mean()) <= TOLERANCE


def shape_of(pixels: Tensor) -> Shape:
    """Return channels, height and width of images."""
    _, channels, height, width = pixels.shape
    return channels, height, width
