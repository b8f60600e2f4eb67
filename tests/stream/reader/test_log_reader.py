"""Finding event files, and making one run of what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.events.run import RunStarted, Samples, StepDone
from jem_tui.stream.replay.replayer import Replayer, read_events
from jem_tui.stream.tfevents import png_grid
from tests.stream.stream_events import (
    all_equal,
    energies,
    record,
    resumed_run,
    samples,
    small_run,
    started,
    step_done,
    stopped,
)


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run(10))


def test_a_resumed_run_voids_the_steps_that_it_repeats(tmp_path: Path):
    emitted = list(read_events(resumed_run(tmp_path)))
    steps = [(event.step, event.metrics["JEM/total"]) for event in emitted if isinstance(event, StepDone)]
    assert steps == [(step, pytest.approx(1 / step)) for step in range(1, 7)] + [(7, 9.0), (8, 9.0)]
    assert [event.step for event in emitted if isinstance(event, Samples)] == [5]


def test_a_recording_without_a_start_gets_one(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(5))
    path = next(run_dir.glob("*tfevents*"))
    content = bytearray(path.read_bytes())
    content[content.index(b'"RunStarted"')] ^= 1
    path.write_bytes(content)
    start = next(read_events(run_dir))
    assert isinstance(start, RunStarted)
    assert (start.total_steps, start.tile_shape) == (5, (4, 3, 1))


def test_undecodable_samples_become_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run_dir = record(tmp_path / "run", [started(), samples(1), energies(1), step_done(2), stopped(2)])
    monkeypatch.setattr(png_grid, "MAX_PIXELS", 4)
    events = list(read_events(run_dir))
    names = [type(event).__name__ for event in events]
    assert names == ["RunStarted", "Note", "Energies", "StepDone", "Stopped"]
    assert events[1].kind == "warning"


def test_one_event_file_can_be_named_instead_of_its_folder(run_dir: Path):
    assert all_equal(list(read_events(next(run_dir.glob("*tfevents*")))), list(read_events(run_dir)))


def test_a_folder_with_one_run_is_accepted_and_one_with_several_refused(tmp_path: Path):
    record(tmp_path / "first", small_run(5))
    assert len(list(read_events(tmp_path))) == len(small_run(5))
    record(tmp_path / "second", small_run(5))
    with pytest.raises(InputError, match="holds 2 runs") as caught:
        read_events(tmp_path)
    assert str(tmp_path / "second") in caught.value.hint


def test_a_folder_without_a_recording_is_explained(tmp_path: Path):
    cases = {
        "missing": "There is no folder",
        "text": "not a readable TensorBoard event log",
        "empty": "no TensorBoard event files",
    }
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("this is only text, but long enough for a header")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "events.out.tfevents.1.host").touch()
    for name, words in {**cases, "new": "no events yet"}.items():
        with pytest.raises(InputError, match=words) as caught:
            Replayer(tmp_path / name)
        assert caught.value.hint
