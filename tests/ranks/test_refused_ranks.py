"""Runs of which one rank cannot begin, while the remaining ranks create their group."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.program import SMALL, setting_words
from tests.e2e.forked_program import call_main
from tests.ranks.forked_ranks import ForkedRanks

pytestmark = pytest.mark.slow

WORDS = ["train", "--no-ui", "--seed", "1", *setting_words(*SMALL)]


def call_with_unusable_device(words: list[str]) -> None:
    """Call the program, on rank 1 with a device that does not exist."""
    os.environ["JEM_TUI_DEVICE"] = "tpu" if os.environ["RANK"] == "1" else "cpu"
    call_main(words)


def call_with_hidden_folder(words: list[str]) -> None:
    """Call the program, on rank 1 without sight of new files in the run folder."""
    if os.environ["RANK"] == "1":
        from jem_tui.jem.trainer import open_on_ranks

        open_on_ranks._is_visible = lambda path: False
    call_main(words)


def test_an_error_of_one_rank_before_it_joins_ends_all_ranks(tmp_path: Path):
    with ForkedRanks(tmp_path, *WORDS, "--run-dir", tmp_path / "run", call=call_with_unusable_device) as run:
        assert run.end() == [2, 2], run.printed()
    assert re.search(r"Rank 1 on \S+ \(process \d+\): JEM_TUI_DEVICE names no device", run.printed())
    assert run.printed().count("names no device") == 1
    assert not (tmp_path / "run").exists()


def test_a_run_folder_that_one_rank_does_not_see_is_refused(tmp_path: Path):
    with ForkedRanks(tmp_path, *WORDS, "--run-dir", tmp_path / "run", call=call_with_hidden_folder) as run:
        assert run.end() == [2, 2], run.printed()
    assert f"The folder {tmp_path} of rank 0 is not visible on rank 1." in run.printed()
    assert run.printed().count("is not visible on rank 1") == 1
    assert not list(tmp_path.glob(".jem-tui-ranks-*"))
