"""Checks and measurements of a session before it trains: tests that need CUDA, the training step, the screen, other libraries."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import packed_images
from PIL import Image
from timed_session import ROOT, Session

SUBSET = {"train": 500, "test": 50}
"""Images of each class that benchmarks read."""
PEERS = ("ebm", "torchebm")
"""Modules of the other libraries that `benchmarks.peers` measures."""
NEEDS_CUDA = "torch.cuda.is_available()"
"""Condition by which tests skip on other machines."""


def check(session: Session) -> None:
    """Run every test file in which a test needs CUDA."""
    files = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if NEEDS_CUDA in path.read_text("utf-8")]
    chosen = files[:1] if session.asked.small else files
    session.run("checks.txt", ["-m", "pytest", "-q", "-n", "0", "-s", *chosen], session.left() / 3)


def benchmark(session: Session) -> None:
    """Measure the training step against its floor."""
    images = [] if session.asked.small else ["--images", subset(session)]
    short = ["--short"] if session.asked.small else []
    words = ["-m", "benchmarks", "--device", session.asked.device, *images, *short]
    session.run("benchmarks.txt", words, session.left() / 3)


def watch(session: Session) -> None:
    """Measure the speed of training with a screen over the speed without one."""
    steps = 60 if session.asked.small else 4000
    session.run("watching.txt", ["-m", "benchmarks.watching", 1, steps, session.asked.device], session.left() / 3)


def compare(session: Session) -> None:
    """Measure the training steps of other libraries, where they are installed."""
    if not all(find_spec(module) for module in PEERS):
        session.say("ebmkit and torchebm are not installed: no comparison")
        return
    size = ["--batch", 16, "--rounds", 1, "--steps", 2] if session.asked.small else ["--batch", 64, "--rounds", 1]
    words = ["-m", "benchmarks.peers", "--device", session.asked.device, *size]
    session.run("peers.txt", words, session.left() / 3)


def subset(session: Session) -> Path:
    """Make a folder with the first images of each class, which is read quickly."""
    target = session.work / "subset"
    for split, part in zip(packed_images.SPLITS, packed_images.load(str(session.images())), strict=True):
        pixels, labels = part
        for number in range(int(labels.max()) + 1):
            into = target / split / f"class-{number:02d}"
            into.mkdir(parents=True, exist_ok=True)
            for row, image in enumerate(pixels[labels == number][: SUBSET[split]]):
                Image.fromarray(image).save(into / f"{row:04d}.png")
    return target
