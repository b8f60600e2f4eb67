"""A batch of 64 images on one rank and its halves on two ranks give the same steps, with the hinge active."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.events.run import StepDone
from jem_tui.stream.replay.replayer import read_events
from tests.cli.program import setting_words
from tests.ranks.forked_ranks import finished

pytestmark = pytest.mark.slow

SAME_ROWS = setting_words(
    "network.width=4",
    "train.batch_size=64",
    "train.threads=1",
    "train.pretrain_epochs=0",
    "buffer.size=64",
    "buffer.explorers=0",
    "data.noise_scale=0",
    "data.translate=0",
    "objective.adversarial=0",
    "objective.hinge=0.0001",
    "optimizer.warmup=0",
    "record.evaluate_images=50",
)
"""Settings under which the rows of a batch depend on the order of images alone."""


def trained(folder: Path, ranks: int, *settings: str) -> list[dict[str, float]]:
    """Train ten steps on chains that are known; return the metrics of every step."""
    words = (
        "train",
        "--no-ui",
        "--device",
        "cpu",
        *SAME_ROWS,
        *setting_words(*settings),
        "--sampler",
        "tests.ranks.rank_code:numbered_chains",
    )
    finished(folder, *words, "--max-steps", 10, "--run-dir", folder / "run", ranks=ranks)
    return [dict(event.metrics) for event in read_events(folder / "run") if isinstance(event, StepDone)]


def test_two_halves_of_a_batch_train_like_the_whole(tmp_path: Path):
    whole, halves = trained(tmp_path / "one", 1), trained(tmp_path / "two", 2)
    assert len(whole) == len(halves) == 10
    for one, two in zip(whole, halves, strict=True):
        assert two.keys() == one.keys()
        assert {tag: two[tag] for tag in one} == pytest.approx(one, rel=1e-5, abs=1e-5)
    assert whole[0]["JEM/xe"] != pytest.approx(whole[-1]["JEM/xe"], abs=1e-3), "the run learns nothing"
