"""Points of a run of this program, collected only where they are needed."""

from __future__ import annotations

import pytest

from jem_tui.stream.reader import own_points
from jem_tui.stream.reader.log_reader import read_log
from tests.stream.stream_events import record, rewound_run, started, step_done


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One element for each collection."""
    calls: list[object] = []
    collect = own_points._collect
    monkeypatch.setattr(own_points, "_collect", lambda entries: calls.append(entries) or collect(entries))
    return calls


def test_points_are_collected_once_at_the_first_access(tmp_path, collected):
    run_dir = record(tmp_path / "run", [started(), step_done(1), step_done(2)])
    recording = read_log(run_dir)
    assert collected == []
    assert all(len(points) == 2 for points in recording.points.values())
    assert set(recording.points) == set(step_done(1).metrics) and len(recording.points) == len(step_done(1).metrics)
    assert len(collected) == 1


def test_void_points_are_counted_after_a_rollback(tmp_path, collected):
    recording = read_log(record(tmp_path / "run", rewound_run()))
    assert recording.left_out.count("rewound") > 0
    assert len(collected) == 1
