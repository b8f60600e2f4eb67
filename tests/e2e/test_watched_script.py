"""`jem-tui watch` in a real terminal: the run and output of a script, the ways to end it, and its exit code."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.launch.console_log import CONSOLE_FILE
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.tui.terminal.terminal_signals import RESTORE_TITLE, SAVE_TITLE
from tests.e2e.emulated_terminal import RESTORED, Terminal
from tests.launch.scripts import python, watched
from tests.wait_until import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path / "preferences"))
    yield {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(tmp_path)),
    }


def start(words: list[str], environment: dict[str, str], size: tuple[int, int] = (30, 110)) -> Terminal:
    return Terminal("watch", "--", *words, size=size, **environment)


def restored(terminal: Terminal) -> bool:
    """Return whether the terminal was restored; a title is saved, set and restored only where a run was displayed."""
    raw = terminal.raw
    titled = "\x1b]2;" in raw
    restored_title = raw.count(SAVE_TITLE) == raw.count(RESTORE_TITLE) == titled
    return restored_title and all(sequence in raw for sequence in RESTORED if sequence != RESTORE_TITLE)


def test_a_run_and_its_output_are_displayed_and_a_stop_saves(tmp_path: Path, environment: dict[str, str]):
    terminal = start(watched(tmp_path / "run", code=3), environment)
    terminal.wait(lambda text: "TRAINING" in text and "loading" in text and "console" in text)
    terminal.send("q")
    terminal.wait(lambda text: "Stop the script?" in text)
    terminal.send("s")
    assert terminal.end() == 3 and restored(terminal)
    assert (tmp_path / "run/saved").exists() and read_run_file(tmp_path / "run").status == "stopped"
    assert (tmp_path / "run" / CONSOLE_FILE).read_text() == "loading\nafter the run\n"


def test_a_script_that_ends_leaves_its_run_on_the_screen(tmp_path: Path, environment: dict[str, str]):
    terminal = start(watched(tmp_path / "run", steps=300), environment)
    terminal.wait(lambda text: "FINISHED" in text and "after the run" in text)
    terminal.send("q")
    assert terminal.end() == 0


def test_a_script_that_fails_during_its_run_is_reported_with_its_output(tmp_path: Path, environment: dict[str, str]):
    words = watched(tmp_path / "run")
    words[-1] = words[-1].replace("time.sleep(0.005)", "time.sleep(0.005)\n        if step == 300: 1 / 0")
    terminal = start(words, environment)
    terminal.wait(lambda text: "The run failed" in text and "ZeroDivisionError" in text)
    terminal.send("\x1b")
    terminal.wait(lambda text: "Traceback" in text and "The run failed" not in text)
    terminal.send("q")
    assert terminal.end() == 1


def test_a_script_without_a_run_prints_its_output_in_the_end(environment: dict[str, str]):
    text = "import os, time\nprint('words')\nwhile not os.path.exists('end'): time.sleep(0.02)\nraise SystemExit(5)"
    terminal = start(python(text), environment)
    terminal.wait(lambda text: "words" in text and "waiting for the first step" in text)
    Path("end").touch()
    assert terminal.end() == 5 and restored(terminal)
    assert "words" in terminal.raw.rpartition("\x1b[?1049l")[2]


def test_a_script_that_never_watches_is_explained(environment: dict[str, str]):
    terminal = start(python("print('words')"), environment)
    assert terminal.end() == 0
    assert "ended without recording a step" in terminal.raw and "run.step(loss=loss)" in terminal.raw


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_saves_and_ends_the_script(name: str, tmp_path: Path, environment: dict[str, str]):
    terminal = start(watched(tmp_path / "run"), environment)
    terminal.wait(lambda text: "TRAINING" in text)
    os.kill(terminal.process.pid, getattr(signal, name))
    assert terminal.end() == 130
    assert (tmp_path / "run/saved").exists() and read_run_file(tmp_path / "run").status == "interrupted"


def test_the_loss_of_the_terminal_saves_and_ends_the_script(tmp_path: Path, environment: dict[str, str]):
    terminal = start(watched(tmp_path / "run"), environment)
    terminal.wait(lambda text: "TRAINING" in text)
    os.close(terminal.process.child_fd)
    wait_until(lambda: read_run_file(tmp_path / "run").status == "interrupted", "the run has not ended")
    assert (tmp_path / "run/saved").exists()


def test_stop_now_interrupts_a_script_that_does_not_end(environment: dict[str, str]):
    text = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nprint('ready')\ntime.sleep(60)"
    terminal = start(python(text), environment)
    terminal.wait(lambda text: "ready" in text)
    terminal.send("q")
    terminal.wait(lambda text: "Stop the script?" in text)
    terminal.send("x")
    assert terminal.end() == 128 + signal.SIGTERM and restored(terminal)


def test_ctrl_c_asks_and_twice_interrupts(environment: dict[str, str]):
    terminal = start(python("import time\nprint('ready')\ntime.sleep(60)"), environment)
    terminal.wait(lambda text: "ready" in text)
    terminal.send("\x03")
    terminal.wait(lambda text: "Stop the script?" in text)
    terminal.send("\x03")
    assert terminal.end() == 128 + signal.SIGINT


def test_a_killed_launcher_leaves_the_run_to_be_attached(tmp_path: Path, environment: dict[str, str]):
    terminal = start(watched(tmp_path / "run"), environment)
    terminal.wait(lambda text: "TRAINING" in text)
    os.kill(terminal.process.pid, signal.SIGKILL)
    terminal.process.wait()
    viewer = Terminal("attach", tmp_path / "run", **environment)
    viewer.wait(lambda text: "TRAINING" in text and "attached" in text and "console" in text and "loading" in text)
    viewer.send("q")
    viewer.wait(lambda text: "Stop and save" in text)
    viewer.send("s")
    assert viewer.end() == 0
    console = tmp_path / "run" / CONSOLE_FILE
    wait_until(lambda: console.read_text().endswith("after the run\n"), "the script has not ended")
