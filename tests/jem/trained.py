"""One tiny trained model for all tests that open, sample or publish a run."""

from __future__ import annotations

from pathlib import Path

from jem_tui.config.load import make_config
from jem_tui.config.schema import RunConfig
from tests.cli.in_process import call

WORDS = (
    "network.width=8",
    "buffer.size=200",
    "train.batch_size=32",
    "train.threads=1",
    "train.device=cpu",
    "train.max_steps=260",
    "sgld.steps=3",
    "optimizer.warmup=20",
    "buffer.uniform_share=0.2",
    "record.samples_every=100",
    "record.evaluate_images=100",
    "record.tiles=9",
    "buffer.init=mixture",
    "sgld.step_size=1.0",
    "sgld.noise_scale=0.005",
)


def trained_run(folder: Path) -> Path:
    """Train a run that classifies nine of ten digits and whose chains descend in energy."""
    words = (part for word in WORDS for part in ("-s", word))
    done = call("train", "--no-ui", "--run-dir", folder, *words)
    assert done.returncode == 0, done.stderr
    return folder


def trained_config() -> RunConfig:
    return make_config("fast", None, WORDS)
