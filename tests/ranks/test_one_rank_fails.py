"""Failures of one rank, to which all ranks react together: NaN, divergence, a signal, and the end of a process."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jem_tui.events.run import Diverged, Rewound, StepDone
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file
from tests.cli.program import setting_words
from tests.ranks.forked_ranks import ForkedRanks, finished
from tests.ranks.small_run import DIGESTING, WORDS, digests
from tests.ranks.steering_viewer import steering

pytestmark = pytest.mark.slow

ENDLESS = ("--max-steps", 100_000)
DIVERGING = setting_words("optimizer.rate=1000", "optimizer.warmup=0", "objective.hinge=0", "stability.tries=1")


def test_nan_on_one_rank_rolls_all_ranks_back(tmp_path: Path):
    run_dir = tmp_path / "run"
    failing = ("--network", "tests.ranks.rank_code:FailingNetwork", *setting_words("stability.snapshot_every=4"))
    finished(tmp_path, *WORDS, *failing, *DIGESTING, "--max-steps", 40, "--run-dir", run_dir, DIGESTS=str(tmp_path))
    events = list(read_events(run_dir))
    diverged, rewound = (next(e for e in events if isinstance(e, kind)) for kind in (Diverged, Rewound))
    assert sum(isinstance(event, Rewound) for event in events) == 1
    assert 0 <= rewound.step <= diverged.step < 40
    first, second = (digests(tmp_path, rank) for rank in (0, 1))
    assert first == second
    taken = [step for step, _ in first]
    assert taken == [*range(diverged.step), *range(rewound.step, 40)]
    assert read_run_file(run_dir).status == "finished"


def test_a_diverged_run_ends_with_3_and_is_not_continued(tmp_path: Path):
    run_dir = tmp_path / "run"
    words = [*WORDS, *DIVERGING, "--max-steps", 200, "--run-dir", run_dir, "--continue"]
    for attempt in ("first", "again"):
        with ForkedRanks(tmp_path / attempt, *words) as run:
            assert run.end() == [3, 3], run.printed()
        assert "Traceback" not in run.printed()
        assert read_run_file(run_dir).status == "diverged"
    sessions = list(run_dir.glob("events.out.tfevents.*"))
    assert len(sessions) == 1, "a diverged run has trained again"


def test_a_signal_to_all_ranks_saves_the_run_which_continues(tmp_path: Path):
    run_dir = tmp_path / "run"
    with ForkedRanks(tmp_path, *WORDS, *ENDLESS, "--run-dir", run_dir) as run:
        with steering(run_dir) as viewer:
            viewer.until_step(12)
        for rank in (1, 0):
            run.signal(rank, signal.SIGTERM)
        assert run.end() == [130, 130], run.printed()
    assert "Traceback" not in run.printed()
    state = read_run_file(run_dir)
    assert state.status == "interrupted"
    finished(tmp_path, *WORDS, "--max-steps", state.step + 2, "--run-dir", run_dir, "--continue")
    steps = [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]
    assert steps == list(range(1, state.step + 3))


def test_the_end_of_rank_0_ends_the_others(tmp_path: Path):
    run_dir = tmp_path / "run"
    with ForkedRanks(tmp_path, *WORDS, *ENDLESS, "--run-dir", run_dir) as run:
        with steering(run_dir) as viewer:
            viewer.until_step(12)
        run.signal(0, signal.SIGKILL)
        assert run.end() == [-signal.SIGKILL, 1], run.printed()
    assert "Traceback" not in run.printed()
    assert "rank 0 has ended" in run.printed()


@pytest.mark.parametrize(("size", "hint"), [(17, "train.batch_size=1"), (0, "train.batch_size")])
def test_sizes_that_are_impossible_or_cannot_be_shared_are_refused(tmp_path: Path, size: int, hint: str):
    words = [*WORDS, "-s", f"train.batch_size={size}", "--run-dir", tmp_path / "run"]
    with ForkedRanks(tmp_path, *words) as run:
        assert run.end() == [2, 2], run.printed()
    assert hint in run.printed() and run.printed().count("jem-tui: ") in (1, 2)
    assert "Traceback" not in run.printed()
    assert not (tmp_path / "run" / "run.json").exists()
