"""A small run whose steps, evaluations, samples and checkpoints take milliseconds, and the digests of its weights on each rank."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import setting_words

WORDS = (
    "train",
    "--no-ui",
    "--device",
    "cpu",
    "--seed",
    "1",
    *setting_words(
        "network.width=4",
        "buffer.size=64",
        "buffer.explorers=4",
        "train.batch_size=16",
        "train.threads=1",
        "sgld.steps=2",
        "optimizer.warmup=5",
        "optimizer.decay=none",
        "record.tiles=9",
        "record.evaluate_images=50",
        "record.samples_every=10",
        "record.evaluate_every=20",
        "record.checkpoint_every=10",
    ),
)
DIGESTING = ("--metric", "tests.ranks.rank_code:weight_digest")
"""Words that let each rank write the digest of its weights at every step, into the folder that DIGESTS names."""


def digests(folder: Path, rank: int) -> list[tuple[int, str]]:
    """Return the steps of a rank in the order in which it took them, each with the digest of the weights before its update."""
    lines = (folder / f"rank{rank}.txt").read_text().splitlines()
    return [(int(step), digest) for step, digest in (line.split() for line in lines)]
