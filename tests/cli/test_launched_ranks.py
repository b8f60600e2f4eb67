"""The options and signals of several ranks, without a process of any other rank."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

import pytest

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.cli import finish_on_signals, launched_ranks
from jem_tui.cli.finish_on_signals import SAVING, SAVING_TOGETHER, STOPPING, Finishing, StopNotice
from jem_tui.cli.launched_ranks import FollowerSignals, ending_all_ranks, ranks_to_launch
from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event
from jem_tui.launch.elastic_ranks import code_of
from tests.cli.handlers import kept_handlers
from tests.cli.in_process import refused_here
from tests.stream.stream_events import started


class Left(Exception):  # noqa: N818
    """An exit at once."""


def leave(number: int) -> None:
    raise Left


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that a test sets, with exits that raise."""
    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    for module in (finish_on_signals, launched_ranks):
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(module, "leave_at_once", leave)
    return clock


def test_a_signal_that_a_launcher_passes_on_counts_as_the_same_one(clock: SimpleNamespace):
    commands: SimpleQueue[Command] = SimpleQueue()
    finish = Finishing(commands, lambda: None, same_within=2.0)
    finish(signal.SIGTERM, None)
    clock.now += 0.5
    finish(signal.SIGTERM, None)
    assert (commands.get(), commands.empty()) == (Stop(save=True, reason="interrupted"), True)
    clock.now += 2.0
    with pytest.raises(Left):
        finish(signal.SIGINT, None)


def test_a_run_of_one_process_is_left_at_the_second_signal(clock: SimpleNamespace):
    finish = Finishing(SimpleQueue(), lambda: None)
    finish(signal.SIGINT, None)
    with pytest.raises(Left):
        finish(signal.SIGINT, None)


def test_a_follower_requests_the_end_and_is_left_later(clock: SimpleNamespace):
    process = SimpleNamespace(watch=SimpleNamespace(interrupted=False))
    handler = FollowerSignals(process)  # type: ignore[arg-type]
    handler(signal.SIGUSR1, None)
    assert process.watch.interrupted
    clock.now += 1.0
    handler(signal.SIGTERM, None)
    clock.now += 2.0
    handler(signal.SIGUSR1, None)
    with pytest.raises(Left):
        handler(signal.SIGTERM, None)


@pytest.mark.parametrize(
    ("lead", "disconnected", "text"), [(False, False, SAVING), (True, False, SAVING_TOGETHER), (True, True, STOPPING)]
)
def test_a_signal_announces_a_checkpoint_only_of_a_run_that_can_save_one(lead: bool, disconnected: bool, text: bytes):
    received: list[Event] = []
    notice = StopNotice(
        received.append, cast(LeadingRank, SimpleNamespace(disconnected=disconnected)) if lead else None
    )
    assert notice.text() == STOPPING
    notice(started())
    assert (notice.text(), len(received)) == (text, 1)


def test_ranks_are_launched_unless_a_launcher_has_started_them(monkeypatch: pytest.MonkeyPatch):
    assert [ranks_to_launch(asked, make_config("fast")) for asked in (None, 1, 8)] == [1, 1, 8]
    monkeypatch.setenv("WORLD_SIZE", "8")
    monkeypatch.setenv("RANK", "0")
    assert [ranks_to_launch(asked, make_config("fast")) for asked in (None, 8)] == [1, 1]
    with pytest.raises(InputError, match="--ranks 4 contradicts the launcher, which has started 8 ranks"):
        ranks_to_launch(4, make_config("fast"))


def test_more_ranks_than_images_in_a_batch_are_not_launched(tmp_path: Path):
    words = ("train", "--no-ui", "--ranks", 100_000, "-s", "train.batch_size=16", "--run-dir", tmp_path / "run")
    assert "100,000 ranks cannot share train.batch_size=16 in equal parts. Start at most 16 ranks." in refused_here(
        *words
    )


def test_sizes_that_ranks_cannot_share_are_refused_before_a_rank_is_launched(tmp_path: Path):
    words = ("train", "--no-ui", "--ranks", 3, "-s", "train.batch_size=64", "--run-dir", tmp_path / "run")
    with patch("os.execv", side_effect=AssertionError("ranks were launched")):
        stderr = refused_here(*words)
    assert "3 ranks cannot share" in stderr and "-s train.batch_size=72" in stderr


def test_a_signal_ends_the_wait_of_a_rank_that_reports_an_error_to_the_others(monkeypatch: pytest.MonkeyPatch):
    waited: list[bool] = []

    class Waiting:
        def __init__(self, meanwhile: Callable[[], None]) -> None:
            meanwhile()
            signal.raise_signal(signal.SIGTERM)
            waited.append(True)
            meanwhile()
            waited.append(True)

    monkeypatch.setattr("jem_tui.jem.ranks.rank_process.RankProcess", Waiting)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    with kept_handlers(), pytest.raises(InputError, match="a bad setting"), ending_all_ranks():
        raise InputError("a bad setting")
    assert waited == [True]


def test_the_screen_of_several_ranks_needs_a_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jem_tui.cli.train.attended_terminal", lambda: True)
    assert "needs the door of the run. Leave out --no-door" in refused_here(
        "train", "--ranks", 2, "--no-door", "--run-dir", tmp_path / "run"
    )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [({0: 3, 1: 3}, 3), ({1: 130}, 130), ({0: -9, 1: 1}, 1), ({1: -9}, 1), ({0: -6, 1: 2}, 2), ({0: 77}, 1)],
)
def test_the_exit_code_of_ranks_is_one_that_the_program_gives(codes: dict[int, int], expected: int):
    assert code_of({rank: SimpleNamespace(exitcode=code) for rank, code in codes.items()}) == expected


@pytest.mark.slow
def test_the_launcher_leaves_no_file_and_prints_nothing(tmp_path: Path):
    command = [sys.executable, "-m", "jem_tui.launch.elastic_ranks", "2", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert len(set(done.stdout.splitlines())) == 1
    assert not list(tmp_path.iterdir())
