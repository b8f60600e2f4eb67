"""The reference classifier, a small network other than the evaluated one, whose features and predictions measure samples.

For digits of 28×28 the package contains its weights, trained by `tools/make_reference.py` on all 60,000 training images. For
other data it is trained on the run's training images when first needed, and stored in the user's cache.
"""

from __future__ import annotations

import hashlib
import io
from importlib import resources
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import DataSet, ImageSet, as_input, shift, to_tensors
from jem_tui.jem.evaluation.digit_classes import digits_of
from jem_tui.user_folders import cache_folder

FEATURES = 64
CHUNK = 500
BATCH = 128
RATE = 2e-3
MOST_STEPS = 1500
"""Optimizer steps of a reference trained on demand: two minutes of one core at most, on 28 × 28 pixels."""


class Reference(nn.Module):
    """Four convolutions and a linear layer to 64 features, and a linear layer to the logits, with SiLU activations."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        """Create a classifier for images of `shape`: channels, height, width."""
        super().__init__()
        channels, height, width = shape
        sides = -(-height // 8) * -(-width // 8)
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 48, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(48, 64, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(64 * sides, FEATURES),
            nn.SiLU(),
        )
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (n, channels, height, width) in [−1, 1] to logits (n, classes)."""
        logits: Tensor = self.head(self.body(x))
        return logits

    @torch.no_grad()
    def features_and_probabilities(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return activated features (n, 64) and p(y|x) (n, classes) of images that are uint8 or in [−1, 1]."""
        features = []
        for start in range(0, len(images), CHUNK):
            chunk = images[start : start + CHUNK]
            features.append(self.body(as_input(chunk) if chunk.dtype == torch.uint8 else chunk))
        found = torch.cat(features)
        return found, self.head(found).softmax(1)


def load_reference(data: DataSet, device: torch.device, report: ReportProgress) -> Reference:
    """Return the reference classifier of a data set in eval mode on the device: shipped, cached, or trained now."""
    _, height, width, channels = data.train.images.shape
    with torch.random.fork_rng(devices=[]):
        reference = Reference((channels, height, width), len(data.class_names))
    digits = digits_of(data)
    if digits and (channels, height, width) == (1, 28, 28):
        reference = reference_of_digits(digits)
    else:
        cached = cache_file(data)
        content = kept(cached)
        if content is not None:
            set_weights(reference, content)
        else:
            reference.to(device)
            train(reference, data.train, MOST_STEPS, 0, report)
            keep(cached, weights(reference))
    return reference.to(device).eval().requires_grad_(False)


def reference_of_digits(digits: str) -> Reference:
    """Return the shipped classifier with the logits of some digits alone, in their order."""
    with torch.random.fork_rng(devices=[]):
        reference = Reference((1, 28, 28), 10)
    set_weights(reference, resources.files("jem_tui.jem.evaluation").joinpath("reference.npz").read_bytes())
    rows = [int(digit) for digit in digits]
    head = reference.head
    head.weight, head.bias = nn.Parameter(head.weight[rows].detach()), nn.Parameter(head.bias[rows].detach())
    return reference


def train(reference: Reference, images: ImageSet, steps: int, seed: int, report: ReportProgress) -> None:
    """Train with Adam on cross-entropy, one cycle of the rate, and images shifted by up to two pixels."""
    device = next(reference.parameters()).device
    pixels, labels = to_tensors(images, device)
    generator = torch.Generator(device).manual_seed(seed)
    redraw(reference, generator)
    optimizer = torch.optim.Adam(reference.parameters(), lr=RATE, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps)
    for step in range(steps):
        if step % 20 == 0:
            report("training a reference classifier for this data", step / steps)
        rows = torch.randint(len(labels), (BATCH,), generator=generator, device=device)
        loss = F.cross_entropy(reference(shift(as_input(pixels[rows]), 2, generator)), labels[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()


def redraw(reference: Reference, generator: torch.Generator) -> None:
    """Draw new weights from the generator with PyTorch's distribution, but without its global stream."""
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter.zero_()
            if parameter.ndim > 1:
                bound = (3 / parameter[0].numel()) ** 0.5
                parameter.uniform_(-bound, bound, generator=generator)


def weights(reference: Reference) -> bytes:
    """Return the weights in half precision as an npz archive."""
    content = io.BytesIO()
    arrays = {name: value.detach().cpu().numpy().astype(np.float16) for name, value in reference.named_parameters()}
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def set_weights(reference: Reference, content: bytes) -> None:
    """Load weights from an archive made by `weights`."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        reference.load_state_dict({name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files})


def cache_file(data: DataSet) -> Path | None:
    """Return the path of the cached weights for a data set; None for a user without a home folder."""
    folder = cache_folder()
    return folder / "references" / f"{fingerprint(data.train)}.npz" if folder else None


def kept(path: Path | None) -> bytes | None:
    """Return the content of a cache file; None if it cannot be read."""
    try:
        return path.read_bytes() if path else None
    except OSError:
        return None


def keep(path: Path | None, content: bytes) -> None:
    """Write a cache file atomically; do nothing if the cache cannot be written."""
    if path is None:
        return
    unfinished = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError:
        return


def fingerprint(images: ImageSet) -> str:
    """Return a hash of the images, the labels and the network."""
    digest = hashlib.blake2b(f"{FEATURES} {MOST_STEPS} {images.images.shape}".encode(), digest_size=12)
    digest.update(np.ascontiguousarray(images.images).data)
    digest.update(np.ascontiguousarray(images.labels).data)
    return digest.hexdigest()
