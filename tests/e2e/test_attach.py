"""Screens of a run of another process, in real terminals: none of their endings ends the run."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.cli.program import SMALL, jem_tui, setting_words, start
from tests.e2e.emulated_terminal import Terminal, steps_shown
from tests.e2e.watched_loop import WatchedLoop, loop_in
from tests.wait_until import PATIENCE, wait_until

pytestmark = pytest.mark.slow

AGAIN = "Attach again with: jem-tui attach "
RARE = [pytest.param(name, marks=pytest.mark.exhaustive) for name in ("SIGINT", "SIGHUP", "SIGUSR1")]
"""Signals of which other tests cover the first two: as a key and as a closed window."""


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[WatchedLoop]:
    with loop_in(tmp_path / "run") as loop:
        yield loop


def attached(*words: object) -> Terminal:
    """Start a viewer and wait until it displays the run."""
    terminal = Terminal("attach", *words)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 10)
    return terminal


def test_two_screens_steer_one_run_and_either_can_be_killed(loop: WatchedLoop):
    first, second = attached(loop.folder), attached(loop.folder)
    first.send("p")
    for terminal in (first, second):
        terminal.wait(lambda text: "PAUSED" in text)
    step = steps_shown(second.settled())
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    second.send("n")
    second.wait(lambda text: "PAUSED" in text and steps_shown(text) == step + 1)
    second.send("p")
    second.wait(lambda text: "TRAINING" in text and steps_shown(text) > step + 20)
    second.send("q")
    second.wait(lambda text: "Stop and save" in text and "Detach" in text)
    second.send("d")
    assert second.end() == 0
    assert f"{AGAIN}{loop.folder}" in second.raw
    assert loop.continues()


def test_the_screen_of_train_and_an_attached_one_show_the_same_run(tmp_path: Path):
    run_dir = tmp_path / "run"
    # The pane has two rows, in which other notes would replace those that are awaited.
    few_notes = ("record.evaluate_every=1000000", "record.checkpoint_every=1000000")
    settings = setting_words(*SMALL, *few_notes, "train.epochs=400")
    owner = Terminal("train", "--run-dir", run_dir, *settings)
    owner.wait(lambda text: "TRAINING" in text)
    viewer = attached(run_dir)
    viewer.send("p")
    for terminal in (owner, viewer):
        terminal.wait(lambda text: "PAUSED" in text and "paused by" in text)
    owner.send("p")
    viewer.wait(lambda text: "TRAINING" in text)
    viewer.send("K")
    owner.wait(lambda text: " K 2" in text)
    owner.send("q")
    owner.wait(lambda text: "Stop and save" in text and "Quit without saving" in text)
    owner.send("s")
    assert owner.end() == 0
    viewer.wait(lambda text: "STOPPED" in text)
    viewer.send("q")
    assert viewer.end() == 0
    assert "stopped at step" in viewer.raw and "checkpoint checkpoints/step_" in viewer.raw


@pytest.mark.parametrize("name", ["SIGTERM", *RARE])
def test_a_signal_detaches(loop: WatchedLoop, name: str):
    terminal = attached(loop.folder)
    os.kill(terminal.process.pid, getattr(signal, name))
    assert terminal.end() == 130
    assert AGAIN in terminal.raw and "\x1b[?1049l" in terminal.raw
    assert loop.continues()


def test_ctrl_c_detaches(loop: WatchedLoop):
    terminal = attached(loop.folder)
    terminal.send("\x03")
    assert terminal.end() == 130
    assert loop.continues()


def test_a_closed_window_detaches(loop: WatchedLoop):
    terminal = attached(loop.folder)
    terminal.process.ptyproc.fileobj.close()
    terminal.process.closed = True
    wait_until(lambda: os.waitpid(terminal.process.pid, os.WNOHANG)[0] != 0, "the viewer has not ended")
    assert loop.continues()


def test_stop_and_save_ends_the_run(loop: WatchedLoop):
    terminal = attached(loop.folder)
    terminal.send("q")
    terminal.wait(lambda text: "Stop and save" in text)
    terminal.send("s")
    assert terminal.end() == 0
    assert loop.process.wait(PATIENCE) == 0
    assert "stopped at step" in terminal.raw and AGAIN not in terminal.raw


def test_a_viewer_that_only_watches_steers_nothing(loop: WatchedLoop):
    terminal = attached("--watch", loop.folder)
    assert "view only" in terminal.text and " pause" not in terminal.text
    terminal.send("pppnnn")
    step = steps_shown(terminal.text)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > step + 50)
    terminal.send("q")
    assert terminal.end() == 0
    assert f"{AGAIN}--watch {loop.folder}" in terminal.raw
    assert loop.continues()


def test_the_end_of_a_run_stays_on_the_screen(tmp_path: Path):
    with loop_in(tmp_path / "run", steps=500) as loop:
        terminal = attached(loop.folder)
        loop.finish()
        terminal.wait(lambda text: "FINISHED" in text and steps_shown(text) == 500)
        terminal.send("q")
        assert terminal.end() == 0
        assert "finished at step 500" in terminal.raw


def test_a_killed_run_is_reported(loop: WatchedLoop):
    terminal = attached(loop.folder)
    loop.end()
    terminal.wait(lambda text: "connection lost, reconnecting" in text)
    terminal.wait(lambda text: "The process of the run has died" in text)
    terminal.send("q")
    assert terminal.end() == 0
    assert "whose process has ended" in terminal.raw and "the run continues" not in terminal.raw


def test_without_a_terminal_lines_are_printed_and_ctrl_c_detaches(loop: WatchedLoop):
    viewer = start("attach", loop.folder)
    assert viewer.stdout is not None and viewer.stderr is not None
    for line in viewer.stdout:
        if line.startswith("step"):
            break
    viewer.send_signal(signal.SIGINT)
    _, err = viewer.communicate(timeout=PATIENCE)
    assert viewer.returncode == 130 and AGAIN in err
    assert loop.continues()


def test_a_command_leads_to_the_run(loop: WatchedLoop):
    bridge = shlex.join([sys.executable, "-m", "jem_tui", "bridge", str(loop.folder)])
    terminal = attached("--via", bridge)
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    step = steps_shown(terminal.settled())
    terminal.send("n")
    terminal.wait(lambda text: steps_shown(text) == step + 1)
    terminal.send("q")
    terminal.wait(lambda text: "Detach" in text)
    terminal.send("d")
    assert terminal.end() == 0
    assert "--via" in terminal.raw.partition(AGAIN)[2]
    assert loop.is_running()


def test_a_broken_bridge_is_built_again(loop: WatchedLoop):
    bridge = shlex.join([sys.executable, "-m", "jem_tui", "bridge", str(loop.folder)])
    terminal = attached("--via", bridge)
    subprocess.run(["pkill", "-KILL", "-P", str(terminal.process.pid)], check=True)
    terminal.wait(lambda text: "connection lost, reconnecting" in text)
    step = loop.step
    terminal.wait(lambda text: "TRAINING" in text and "● attached" in text and steps_shown(text) > step)
    terminal.send("\x03")
    assert terminal.end() == 130


def test_the_replay_of_a_live_run_leads_to_the_run(loop: WatchedLoop):
    assert f"jem-tui attach {loop.folder}" in jem_tui("replay", "--once", loop.folder).stderr
    terminal = Terminal("replay", loop.folder)
    terminal.wait(lambda text: "A attach" in text and ("REPLAYING" in text or "ENDED" in text))
    terminal.send("A")
    terminal.wait(lambda text: "● attached" in text and "TRAINING" in text)
    terminal.send("\x03")
    assert terminal.end() == 130
    assert loop.continues()


def test_a_screen_that_keeps_failing_is_replaced_by_lines(loop: WatchedLoop, tmp_path: Path):
    failing = tmp_path / "failing.py"
    failing.write_text(
        "import sys\n"
        "from jem_tui.tui.screens.run_screen import RunScreen\n"
        "def fail(self): raise ValueError('no screen')\n"
        "RunScreen.compose = fail\n"
        "from jem_tui.cli import main\n"
        "sys.argv[0] = 'jem-tui'\n"
        "main()\n"
    )
    process = pexpect.spawn(
        sys.executable,
        [str(failing), "attach", str(loop.folder)],
        encoding="utf-8",
        timeout=PATIENCE,
        env={**os.environ, "TERM": "xterm"},
    )
    process.expect("displayed as plain lines")
    process.expect("step +[0-9,]+ of")
    process.sendintr()
    process.expect(AGAIN)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 130
    assert loop.continues()
