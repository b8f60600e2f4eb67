"""One process of a launcher that has not started the other ranks."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from jem_tui.api import leading_rank
from jem_tui.api.leading_rank import LongWait
from tests.cli.program import SMALL, setting_words
from tests.e2e.forked_program import call_main
from tests.ranks.forked_ranks import ForkedRanks
from tests.wait_until import wait_until

WORDS = ["train", "--no-ui", *setting_words(*SMALL)]


def call_as_rank_1(words: list[str]) -> None:
    """Call the program as rank 1, which names soon what it waits for."""
    os.environ["RANK"] = "1"
    leading_rank.SILENT_WAIT = 0.2
    call_main(words)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "waits"), [(call_main, "waiting for the other ranks"), (call_as_rank_1, "still waits for rank 0 at")]
)
def test_a_signal_ends_the_wait_of_a_rank_at_once(tmp_path: Path, call: Callable[[list[str]], None], waits: str):
    with ForkedRanks(tmp_path, *WORDS, "--run-dir", tmp_path / "run", ranks=1, call=call, WORLD_SIZE="2") as run:
        wait_until(lambda: waits in run.printed(), run.printed)
        run.signal(0, signal.SIGTERM)
        assert run.end() == [130], run.printed()
    assert "Saving" not in run.printed() and "Traceback" not in run.printed()
    assert run.printed().count(waits) == 1
    assert not (tmp_path / "run").exists()


def test_a_long_wait_is_announced_once(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"RANK": "3", "WORLD_SIZE": "4", "MASTER_ADDR": "node1", "MASTER_PORT": "29500"}.items():
        monkeypatch.setenv(name, value)
    notices: list[str] = []
    waits = LongWait(notices.append)
    waits()
    assert not notices
    monkeypatch.setattr(leading_rank, "SILENT_WAIT", 0.0)
    waits = LongWait(notices.append)
    waits()
    waits()
    assert notices == ["Rank 3 of 4 still waits for rank 0 at node1:29500. Start all ranks, or press Ctrl-C."]
