"""Scripts and their output, exit codes and ends, with and without a run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.events.commands import Pause, Resume, Stop
from jem_tui.events.run import Event, Paused, RunStarted, StepDone, Stopped
from jem_tui.events.viewing import Printed
from jem_tui.launch import console_log
from jem_tui.launch.console_log import CONSOLE_FILE, ConsoleLog
from jem_tui.launch.console_viewer import ConsoleViewer
from jem_tui.launch.script import Script
from jem_tui.launch.script_worker import MOST_READS, MOST_WAITING, ScriptWorker
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.runs.run_dir import read_run_file
from tests.launch.scripts import Followed, join, python, watched
from tests.stream.attach.displayed import state_of
from tests.wait_until import wait_until


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return tmp_path


def test_output_of_both_streams_is_kept_in_the_order_of_writing(folder: Path):
    followed = Followed(python("import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('é')"))
    assert followed.end() == 0
    assert followed.output == "one\ntwo\né\n"
    kept = followed.script.close()
    os.umask(mask := os.umask(0))
    assert kept.stat().st_mode & 0o777 == 0o666 & ~mask
    assert kept.read_text() == "one\ntwo\né\n" and kept.parent == folder / "cache/jem-tui"
    assert [path.name for path in folder.iterdir()] == ["cache"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("raise SystemExit(7)", 7), ("1 / 0", 1), ("import os; os.kill(os.getpid(), 9)", 128 + 9), ("input()", 1)],
)
def test_the_exit_code_is_that_of_the_script(text: str, code: int):
    followed = Followed(python(text))
    assert followed.end() == code
    ended = followed.worker.ended
    assert ended is not None and ended.reason == "failed" and f"exit code {code}" in ended.error


def test_a_script_that_cannot_be_started_leaves_one_sentence_and_no_file(folder: Path):
    with pytest.raises(InputError, match=r"Could not start nosuch\.py: .*Write jem-tui watch -- python"):
        Script(["nosuch.py"])
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_more_output_than_is_read_at_once_is_complete():
    followed = Followed(python("for n in range(100_000): print(n, 'x' * 20)"), display=False)
    assert followed.end() == 0
    assert followed.output.count("\n") == 100_000 and followed.output.startswith("0 xx")


def test_output_that_no_reader_takes_stays_in_its_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console_log, "AT_ONCE", 1 << 10)
    size = 1 << 20
    script = Script(python(f"print('x' * {size}, end='')"))
    worker = ScriptWorker(script, join, display=False)
    wait_until(lambda: script.exit_code is not None, "the script does not end")
    for _ in range(10):
        assert worker._follow()
    assert MOST_WAITING < len(worker._inbox) <= MOST_WAITING + MOST_READS
    worker.start()
    assert sum(len(event.text) for event in worker.until_stopped() if isinstance(event, Printed)) == size
    script.close()


def test_a_second_session_appends_to_the_output_of_the_first(folder: Path):
    run_dir = folder / "run"
    run_dir.mkdir()
    (run_dir / CONSOLE_FILE).write_text("first\n")
    log = ConsoleLog()
    os.write(log.fileno(), b"a\n")
    assert log.read() == b"a\n"
    log.move_to(run_dir)
    os.write(log.fileno(), b"b\n")
    assert log.read() == b"b\n" and log.close() == run_dir / CONSOLE_FILE
    assert (run_dir / CONSOLE_FILE).read_text() == "first\na\nb\n"
    assert [path.name for path in folder.iterdir()] == ["run"]


def test_a_script_without_a_run_is_interrupted_by_a_stop():
    followed = Followed(python("import time\nprint('ready')\ntime.sleep(60)"))
    wait_until(lambda: "ready" in followed.output, "no output")
    followed.worker.send(Stop(save=True))
    assert followed.end() == 128 + signal.SIGINT
    ended = followed.worker.ended
    assert ended is not None and ended.reason == "stopped"


@pytest.mark.slow
def test_a_script_that_ignores_signals_is_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jem_tui.launch.script_worker.PATIENCE", (0.1, 0.1, 0.1))
    text = "import signal, time\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\nprint('ready')\ntime.sleep(60)"
    followed = Followed(python(text))
    wait_until(lambda: "ready" in followed.output, "no output")
    followed.worker.send(Stop(save=False))
    assert followed.end() == 128 + signal.SIGKILL


def test_a_run_is_displayed_steered_saved_and_stopped_and_the_script_continues_to_its_end(folder: Path):
    followed = Followed(watched(folder / "run", code=3))
    wait_until(lambda: followed.has(RunStarted) and followed.has(StepDone), "no run")
    followed.worker.send(Pause())
    wait_until(lambda: followed.has(Paused), "no pause")
    followed.worker.send(Resume())
    followed.worker.send(Stop(save=True))
    assert followed.end() == 3
    assert sum(isinstance(event, Stopped) for event in followed.events) == 1
    assert followed.output.startswith("loading\n") and followed.output.endswith("after the run\n")
    assert followed.script.close() == folder / "run" / CONSOLE_FILE
    assert (folder / "run/saved").exists() and read_run_file(folder / "run").status == "stopped"


@pytest.mark.slow
def test_a_run_after_one_that_was_stopped_in_a_pause_is_not_paused(folder: Path):
    first, second = (watched(folder / name, steps)[-1] for name, steps in (("first", 100_000), ("second", 50)))
    followed = Followed(python(first.replace("sys.exit(0)", "") + second))
    wait_until(lambda: followed.has(StepDone), "no run")
    followed.worker.send(Pause())
    wait_until(lambda: followed.has(Paused), "no pause")
    followed.worker.send(Stop(save=True))
    assert followed.end() == 0
    assert sum(isinstance(event, RunStarted) for event in followed.events) == 2
    assert not state_of(followed.events).paused


@pytest.mark.slow
def test_a_run_that_is_not_displayed_is_saved_and_stopped(folder: Path):
    followed = Followed(watched(folder / "run"), display=False)
    wait_until(lambda: followed.worker.run_dir is not None, "no run")
    followed.worker.send(Stop(save=True, reason="interrupted"))
    assert followed.end() == 0 and (folder / "run/saved").exists()
    assert read_run_file(folder / "run").status == "interrupted"


@pytest.mark.slow
def test_a_killed_launcher_does_not_end_the_script(folder: Path):
    launcher = python(
        f"import os\nfrom tests.launch.scripts import *\nFollowed({watched(folder / 'run', 200)!r})\nos._exit(1)"
    )
    followed = Followed(launcher)
    assert followed.end() == 1
    wait_until(lambda: (folder / "run/run.json").exists(), "no run")
    wait_until(lambda: read_run_file(folder / "run").status == "finished", "the script did not finish")


@pytest.mark.slow
def test_a_viewer_from_elsewhere_displays_the_output_too(folder: Path):
    followed = Followed(watched(folder / "run"))
    wait_until(lambda: followed.worker.run_dir is not None and followed.has(RunStarted), "no run")
    door = followed.script.door
    assert door is not None
    viewer = ConsoleViewer(lambda: connect_socket(Path(door.socket)), run_dir=folder / "run", author="alice@laptop")
    viewer.start()
    events: list[Event] = []

    def received(kind: type[Event]) -> bool:
        events.extend(viewer.received())
        return any(isinstance(event, kind) for event in events)

    wait_until(lambda: received(RunStarted) and received(Printed), "no output")
    viewer.send(Stop(save=True))
    assert followed.end() == 0
    wait_until(
        lambda: "after the run" in "".join(e.text for e in events if received(Printed) and isinstance(e, Printed)), "?"
    )
    assert viewer.close(5)


def test_output_in_something_other_than_a_file_is_left_out(folder: Path):
    (folder / "run").mkdir()
    os.mkfifo(folder / "run" / CONSOLE_FILE)
    viewer = ConsoleViewer(lambda: connect_socket(folder / "none"), run_dir=folder / "run")
    assert list(viewer.received()) == []
