"""Sentences about a run whose process has died."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.events.event import At
from jem_tui.events.run import Stopped
from jem_tui.stream.attach.lost_run import LostRun
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.watched_settings import as_watched
from tests.stream.stream_events import record, rewound, samples, started, step_done


@pytest.mark.parametrize(
    ("config", "expected", "unexpected"),
    [
        ({"train": {"epochs": 2}}, "Resume it with jem-tui train --resume", "resume=True"),
        (as_watched({"rate": 0.1}), "Start its script again with resume=True", "--resume"),
    ],
)
def test_the_hint_names_what_can_continue_the_run(tmp_path: Path, config: dict, expected: str, unexpected: str):
    run_dir = record(tmp_path / "run", [started(config=config), step_done(1)])
    last = list(LostRun(run_dir, RunLog(run_dir)).last_events(At(0, 0, 0.0)))[-1]
    assert isinstance(last, Stopped) and last.step == 1
    assert expected in last.error and unexpected not in last.error


def test_the_end_after_a_rollback_is_the_last_valid_step(tmp_path: Path):
    lost = [step_done(step) for step in range(1, 9)]
    entries = [started(), *lost, rewound(8, 2), step_done(3), samples(3), step_done(4)]
    run_dir = record(tmp_path / "run", entries)
    last = list(LostRun(run_dir, RunLog(run_dir)).last_events(At(0, 0, 0.0)))[-1]
    assert isinstance(last, Stopped) and (last.step, last.images) == (4, 256)


def test_a_run_without_a_log_has_no_hint_to_resume_it(tmp_path: Path):
    (last,) = LostRun(tmp_path, RunLog(tmp_path)).last_events(At(3, 192, 1.0))
    assert isinstance(last, Stopped) and last.step == 3
    assert "its log cannot be read" in last.error and "Resume" not in last.error
