"""Agreements of the ranks of a run before its first step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jem_tui.errors import InputError
from jem_tui.jem.learner.own_execution import agreed_execution
from jem_tui.jem.ranks.ranks import Ranks
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import opened

pytestmark = pytest.mark.slow


def refusal(ranks: Ranks, folder: Path, data: Path) -> str:
    """Return the error of a run that reads a folder of images of its own on each rank."""
    try:
        opened(ranks, small_config(f"data.name={data / f'rank_{ranks.rank}'}"), folder)
    except InputError as error:
        return str(error)
    return ""


def test_ranks_that_read_other_images_are_refused(tmp_path: Path):
    generator = np.random.default_rng(0)
    for rank in range(2):
        for label in ("a", "b"):
            folder = tmp_path / f"rank_{rank}" / label
            folder.mkdir(parents=True)
            for number in range(20):
                pixels = generator.integers(0, 255, (12, 12), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    first, second = on_ranks(refusal, tmp_path / "run", tmp_path)
    assert first.startswith("Rank 1 has read other images from ")
    assert second.startswith("Rank 1 has read other images from ")


def fallen_back(ranks: Ranks) -> tuple[str, list[str]]:
    """Return the precision on which the ranks agree where only that of rank 1 must change."""
    config = small_config("train.precision=bfloat16")
    notes = ["bfloat16 does not work here"] if ranks.rank else []
    if ranks.rank:
        config = replace(config, train=replace(config.train, precision="float32"))
    config, notes = agreed_execution(config, notes, ranks)
    return config.train.precision, notes


def test_settings_that_one_rank_cannot_work_with_change_on_all():
    assert on_ranks(fallen_back) == [("float32", ["bfloat16 does not work here"])] * 2


def order_of_work(ranks: Ranks, path: Path) -> None:
    """Write the number of each rank when its turn comes, as rank 0 and the first ranks of two machines of two ranks."""
    placed = replace(ranks, local_rank=ranks.rank % 2, local_size=2)
    with placed.one_by_one(), path.open("a") as file:
        file.write(f"{ranks.rank} ")


def test_downloads_begin_on_rank_0_then_on_the_first_rank_of_each_machine(tmp_path: Path):
    on_ranks(order_of_work, tmp_path / "order", size=4)
    done = (tmp_path / "order").read_text().split()
    assert done[:2] == ["0", "2"]
    assert set(done[2:]) == {"1", "3"}
