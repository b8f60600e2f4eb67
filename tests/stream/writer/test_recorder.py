"""Files that a recorded run leaves on disk, for every way to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.errors import JemError
from jem_tui.events.run import Event, Loading, Note, Paused, Saving, Stopped
from jem_tui.stream.fan_out import fan_out
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.stream_events import evaluated, record, samples, small_run, started, step_done, stopped

LOADING = Loading(step=0, images=0, time=1.0, text="torch")


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def emitted(run_dir: Path) -> list[str]:
    return [type(event).__name__ for event in read_events(run_dir)]


def test_before_a_checkpoint_everything_is_on_the_disk(tmp_path: Path):
    recorder = Recorder(tmp_path / "run", ["jem-tui"], Clock())
    recorder(started())
    for step in (1, 2):
        recorder(step_done(step))
    assert emitted(tmp_path / "run") == ["RunStarted"]
    recorder(Saving(step=2, images=128, time=1.0))
    assert emitted(tmp_path / "run") == ["RunStarted", "StepDone", "StepDone"]
    recorder(stopped(2))
    assert "Saving" not in emitted(tmp_path / "run")


def test_a_run_leaves_an_event_file_and_run_json(tmp_path: Path):
    run_dir = record(tmp_path / "deep" / "run", small_run(5))
    names = sorted(path.name for path in run_dir.iterdir())
    assert [name.partition(".tfevents")[0] for name in names] == [".lock", ".writer", "events.out", "run.json"]
    run = read_run_file(run_dir)
    assert (run.status, run.step, run.images, run.seed, run.device) == ("finished", 5, 320, 7, "cpu")
    assert run.config == started().config
    assert run.argv == ("jem-tui", "train")
    assert {"jem-tui", "python", "numpy"} <= set(run.versions)


def test_a_run_that_fails_while_loading_leaves_nothing(tmp_path: Path):
    recorder = Recorder(tmp_path / "run", [])
    recorder(LOADING)
    recorder(stopped(0, reason="failed", details="Traceback"))
    assert not list(tmp_path.iterdir())


def test_samples_drawn_on_request_are_not_recorded(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), samples(1, requested=True), samples(1), stopped(1)])
    assert emitted(run_dir) == ["RunStarted", "Samples", "Stopped"]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("interrupted", "interrupted"), ("failed", "failed"), ("refused", "failed"), ("diverged", "diverged")],
)
def test_the_status_says_how_it_ended(tmp_path: Path, reason: str, status: str):
    assert read_run_file(record(tmp_path / "run", [started(), stopped(0, reason=reason)])).status == status


def test_a_killed_run_stays_marked_as_running(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(5)[:-1])
    assert read_run_file(run_dir).status == "running"
    assert emitted(run_dir)[-1] == "Evaluated"


def test_a_traceback_goes_to_error_txt(tmp_path: Path):
    end = stopped(0, reason="failed", error="Unexpected KeyError.", details="Traceback: …")
    run_dir = record(tmp_path / "run", [started(), end])
    assert (run_dir / "error.txt").read_text(encoding="utf-8") == "Unexpected KeyError.\n\nTraceback: …"


def test_steps_reach_the_disk_every_two_seconds_and_run_json_every_five(tmp_path: Path):
    clock = Clock()
    recorder = Recorder(tmp_path / "run", [], clock)
    recorder(started())
    recorder(step_done(1))
    clock.seconds += 1.9
    recorder(step_done(2))
    assert emitted(tmp_path / "run") == ["RunStarted"]
    clock.seconds += 0.1
    recorder(step_done(3))
    assert emitted(tmp_path / "run") == ["RunStarted", "StepDone", "StepDone", "StepDone"]
    assert read_run_file(tmp_path / "run").step == 0
    clock.seconds += 3
    recorder(step_done(4))
    assert read_run_file(tmp_path / "run").step == 4


@pytest.mark.parametrize(
    "event", [evaluated(1), Note(step=1, images=64, time=1.0, text="saved"), Paused(step=1, images=64, time=1.0)]
)
def test_notable_events_reach_the_disk_at_once(tmp_path: Path, event: Event):
    recorder = Recorder(tmp_path / "run", [], Clock())
    recorder(started())
    recorder(step_done(1))
    recorder(event)
    assert emitted(tmp_path / "run") == ["RunStarted", "StepDone", type(event).__name__]


def test_a_resumed_run_keeps_how_it_began(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(5))
    first = read_run_file(run_dir)
    recorder = Recorder(run_dir, ["jem-tui", "train", "--resume"])
    for event in (started(5, device="cuda"), step_done(6), stopped(6)):
        recorder(event)
    run = read_run_file(run_dir)
    assert (run.argv, run.started, run.device, run.step) == (first.argv, first.started, "cuda", 6)


def test_an_unusable_place_is_explained(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(JemError, match="cannot be recorded in"):
        Recorder(tmp_path / "file" / "run", [])(started())


def test_fan_out_serves_every_sink_before_it_reports_a_failure():
    seen: list[Event] = []

    def failing(event: Event) -> None:
        raise JemError("Disk full.")

    end: Stopped = stopped(1)
    with pytest.raises(JemError, match="Disk full"):
        fan_out(failing, seen.append)(end)
    assert seen == [end]
