"""Training on two ranks through the command line: equal weights, equal repetitions, and other numbers of ranks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jem_tui.events.run import StepDone
from jem_tui.stream.replay.replayer import read_events
from tests.jem.test_golden import GOLDEN, machine
from tests.ranks.forked_ranks import finished
from tests.ranks.small_run import DIGESTING, WORDS, digests

pytestmark = pytest.mark.slow
STEPS, HALF = 50, 25


def trained(folder: Path, ranks: int, steps: int, *words: object) -> Path:
    """Train on some ranks with digests of the weights in `folder`; return the run folder. Without words, the run begins."""
    run_dir = folder / "run"
    begun = words or (*WORDS, "--run-dir", run_dir)
    finished(folder, *begun, *DIGESTING, "--max-steps", steps, ranks=ranks, DIGESTS=str(folder))
    return run_dir


def resumed(source: Path, folder: Path, ranks: int, steps: int) -> Path:
    """Resume a copy of a run on some ranks."""
    shutil.copytree(source, folder / "run")
    return trained(folder, ranks, steps, "train", "--no-ui", "--resume", folder / "run")


def metrics(run_dir: Path) -> list[dict[str, float]]:
    """Return the recorded metrics of each step."""
    return [dict(event.metrics) for event in read_events(run_dir) if isinstance(event, StepDone)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a run of 50 steps, and one of 25 steps, on two ranks each."""
    folder = tmp_path_factory.mktemp("ranks")
    trained(folder / "whole", 2, STEPS)
    trained(folder / "half", 2, HALF)
    return folder


def test_weights_are_equal_on_both_ranks_at_every_step(folder: Path):
    first, second = (digests(folder / "whole", rank) for rank in (0, 1))
    assert [step for step, _ in first] == list(range(STEPS))
    assert first == second
    assert len({digest for _, digest in first}) == STEPS


def test_a_repetition_is_bit_identical(folder: Path):
    assert digests(folder / "half", 1) == digests(folder / "whole", 1)[:HALF]
    assert metrics(folder / "half" / "run") == metrics(folder / "whole" / "run")[:HALF]


def test_a_resumed_run_continues_as_if_not_interrupted(folder: Path, tmp_path: Path):
    run_dir = resumed(folder / "half" / "run", tmp_path, 2, STEPS)
    for rank in (0, 1):
        assert digests(tmp_path, rank) == digests(folder / "whole", rank)[HALF:]
    assert metrics(run_dir) == metrics(folder / "whole" / "run")


def test_a_run_continues_on_one_rank(folder: Path, tmp_path: Path):
    run_dir = resumed(folder / "half" / "run", tmp_path, 1, STEPS)
    continued = digests(tmp_path, 0)
    assert [step for step, _ in continued] == list(range(HALF, STEPS))
    assert continued[0] == digests(folder / "whole", 0)[HALF]
    assert [len(step) for step in metrics(run_dir)] == [len(step) for step in metrics(folder / "whole" / "run")]


def test_a_run_of_one_rank_continues_on_two(tmp_path: Path):
    alone = trained(tmp_path / "alone", 1, HALF)
    resumed(alone, tmp_path / "one", 1, HALF + 1)
    resumed(alone, tmp_path / "two", 2, STEPS)
    first, second = (digests(tmp_path / "two", rank) for rank in (0, 1))
    assert first == second and len(first) == STEPS - HALF
    assert first[0] == digests(tmp_path / "one", 0)[0]


def test_one_rank_of_a_launcher_gives_the_golden_values(tmp_path: Path):
    golden = json.loads(GOLDEN.read_text())
    settings = ("network.width=8", "sgld.steps=3", "train.max_steps=50")
    finished(tmp_path, *golden_words(settings), "--run-dir", tmp_path / "run", ranks=1)
    tags = ("JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy")
    found = [[step[tag] for tag in tags] for step in metrics(tmp_path / "run")]
    expected = [[float.fromhex(value) for value in step] for step in golden["steps"]]
    if golden["machine"] == machine():
        assert found == expected
    assert found[0] == pytest.approx(expected[0], rel=1e-3, abs=1e-3)


def golden_words(settings: tuple[str, ...]) -> list[str]:
    """Return the words of the run that has the golden values."""
    from tests.cli.program import setting_words
    from tests.jem.runs import SMALL

    return ["train", "--no-ui", *setting_words(*SMALL, *settings)]
