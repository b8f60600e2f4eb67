"""Outages: on a full disk, with a file that may not grow, or without its folder, the run and its recording continue."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.errors import JemError
from jem_tui.events.run import Note, RunStarted, StepDone
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs import run_dir
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.writer import event_log
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.outages import Run, steps
from tests.stream.stream_events import all_equal, evaluated, samples, small_run, started, step_done, stopped


@pytest.mark.parametrize("room", [0, 1, 11, 100, 500, 2000])
def test_after_a_full_disk_nothing_is_missing(tmp_path: Path, room: int):
    run = Run(tmp_path / "run")
    run.record(*steps(1, 2))
    disk = run.disk(room)
    (first,) = run.record(*steps(*range(3, 40)), samples(39))
    assert (first.kind, "No space left on device" in first.text, str(run.run_dir) in first.text) == (
        "outage",
        True,
        True,
    )
    assert "No space left" in run.recorder.loss_summary
    disk.room = 1 << 30
    (again,) = run.record(*steps(40))
    assert (again.step, again.kind, again.text) == (40, "recorded", "The run is recorded again; nothing is missing.")
    run.record(evaluated(40), stopped(40))
    assert all_equal(run.recorded(), run.emitted)
    assert len(list(run.run_dir.glob("*tfevents*"))) == 1
    assert run.recorder.loss_summary.endswith("nothing is missing.")
    assert read_run_file(run.run_dir).status == "finished"


def test_steps_lost_for_lack_of_memory_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(event_log, "MOST_KEPT", 3000)
    run = Run(tmp_path / "run")
    disk = run.disk(0)
    run.record(*steps(*range(1, 50)))
    disk.room = 1 << 30
    (again,) = run.record(*steps(50))
    run.record(*steps(51), stopped(51))
    kept = [event.step for event in run.recorded() if isinstance(event, StepDone)]
    gap = sorted(set(range(1, 52)) - set(kept))
    assert gap == list(range(gap[0], gap[-1] + 1)) and 3 < gap[0] < gap[-1] <= 50
    assert f"missing steps: {gap[0]} to {gap[-1]}" in again.text
    assert f"missing steps: {gap[0]} to {gap[-1]}" in run.recorder.loss_summary


def test_a_disk_that_stays_full_is_reported_at_the_end(tmp_path: Path):
    run = Run(tmp_path / "run")
    run.record(*steps(1, 2))
    run.disk(30)
    assert len(run.record(*steps(3, 4), evaluated(4), stopped(4))) == 1
    assert run.recorder.loss_summary.startswith("From step 3 on the run could not be written to")
    assert all_equal(run.recorded(), run.emitted[:3])
    run.recorder(step_done(5))


def test_a_file_that_may_not_grow_is_followed_by_another(tmp_path: Path):
    run = Run(tmp_path / "run")
    run.record(*steps(1, 2))
    run.disk(100, errno.EFBIG)
    run.record(*steps(3))
    run.seconds += 1  # another second in the name: files are read in the order of these
    run.record(*steps(4, 5), stopped(5))
    assert all_equal(run.recorded(), run.emitted)
    assert len(list(run.run_dir.glob("*tfevents*"))) == 2


def test_a_removed_folder_is_made_again(tmp_path: Path):
    run = Run(tmp_path / "run")
    run.record(*steps(1, 2, 3))
    shutil.rmtree(run.run_dir)
    (note,) = run.record(*steps(4, 5))
    assert "was removed and continues in a new file; missing steps: 0 to 3." in note.text
    run.record(stopped(5))
    found = run.recorded()
    assert isinstance(found[0], RunStarted) and all_equal(found, [run.emitted[0], *run.emitted[4:]])
    assert read_run_file(run.run_dir).step == 5
    assert "0 to 3" in run.recorder.loss_summary


def test_a_folder_that_comes_back_has_everything(tmp_path: Path):
    run = Run(tmp_path / "run")
    run.record(*steps(1, 2))
    away = run.run_dir.rename(tmp_path / "away")
    run.run_dir.write_text("a file where the folder was")
    (note,) = run.record(*steps(3, 4))
    assert "cannot be recorded" in note.text and "a file is in its place" in note.text
    run.run_dir.unlink()
    away.rename(run.run_dir)
    (again,) = run.record(*steps(5))
    assert again.text == "The run is recorded again; nothing is missing."
    run.record(stopped(5))
    assert all_equal(run.recorded(), run.emitted)


def test_a_folder_with_another_run_is_left_untouched(tmp_path: Path):
    run = Run(tmp_path / "run")
    shutil.rmtree(run.run_dir)
    other = Run(run.run_dir)
    (note,) = run.record(*steps(1))
    assert "Another run is writing into" in note.text
    run.record(stopped(1))
    other.record(stopped(0))
    assert all_equal(other.recorded(), other.emitted)


def test_a_folder_where_nothing_can_be_made_keeps_the_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As in a folder without write permission: the open file can still be written, run.json not be replaced."""

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    run = Run(tmp_path / "run")
    monkeypatch.setattr(event_log, "write_run_file", refused)
    (note,) = run.record(*steps(1, 2, 3), stopped(3))
    assert "Permission denied" in note.text and "Permission denied" in run.recorder.loss_summary
    assert [event.step for event in run.recorded() if isinstance(event, StepDone)] == [1, 2, 3]


def test_an_unwritable_folder_at_the_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(event_log, "write_run_file", full)
    with pytest.raises(JemError, match=r"cannot be recorded in .*No space left"):
        Recorder(tmp_path / "run", [])(started())


def test_the_run_file_says_how_a_run_ended_on_a_disk_without_any_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = Run(tmp_path / "run")
    run.disk(0)
    monkeypatch.setattr(run_dir, "replace_file", full)
    run.record(*steps(1, 2), stopped(2))
    found = read_run_file(run.run_dir)
    assert (found.status, found.step) == ("finished", 2)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from tests.stream.stream_events import small_run
from jem_tui.stream.writer.recorder import Recorder

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
clock = iter(range(1000, 100000, 3))
recorder = Recorder(Path(sys.argv[1]), ["test"], lambda: float(next(clock)))
for event in small_run(40):
    recorder(event)
print(recorder.loss_summary)
"""


@pytest.mark.parametrize("limit", [4000, 9000])
def test_a_real_limit_on_the_size_of_files(tmp_path: Path, limit: int):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])}
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "run"), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout and done.stdout.strip().endswith("nothing is missing.")
    found = [event for event in read_events(tmp_path / "run") if not isinstance(event, Note)]
    assert all_equal(found, small_run(40))
    assert not read_recording(tmp_path / "run").damage


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_real_full_disk_that_gets_room_again(small_disk: Path):
    ballast = small_disk / "ballast"
    run = Run(small_disk / "run")
    run.record(*steps(1, 2))
    with ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 12)) == 1 << 12:
            if os.statvfs(small_disk).f_bfree == 0:
                break
    (note,) = run.record(*steps(*range(3, 100)))
    assert "No space left" in note.text
    ballast.unlink()
    (again,) = run.record(*steps(100))
    assert again.text == "The run is recorded again; nothing is missing."
    run.record(stopped(100))
    assert all_equal(run.recorded(), run.emitted)
