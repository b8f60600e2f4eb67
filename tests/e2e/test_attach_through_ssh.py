"""A run on another machine, played by a real ssh server on the loopback."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forked import ForkedProgram
from tests.cli.program import SMALL, jem_tui, setting_words
from tests.e2e.emulated_terminal import SIZE, Terminal, steps_shown
from tests.e2e.loopback_sshd import LoopbackSshd
from tests.e2e.watched_loop import WatchedLoop
from tests.wait_until import PATIENCE, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REMOTE = f"env PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)} -m jem_tui"
"""The program on the other side, which starts in the home folder of the user."""


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[LoopbackSshd]:
    folder = tmp_path / "ssh"
    folder.mkdir()
    server = LoopbackSshd(folder)
    yield server
    server.close()


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[WatchedLoop]:
    """Return a run whose path needs quotes in a shell."""
    folder = tmp_path / "a run; 'quoted'"
    loop = WatchedLoop(folder)
    yield loop
    loop.end()


def environment(sshd: LoopbackSshd) -> dict[str, str]:
    return {"PATH": f"{sshd.bin}:/usr/bin:/bin", "JEM_TUI_REMOTE": REMOTE}


def attached(sshd: LoopbackSshd, folder: Path, *words: str, size: tuple[int, int] = SIZE) -> Terminal:
    terminal = Terminal("attach", *words, f"{sshd.address}{folder}", size=size, **environment(sshd))
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 10)
    return terminal


def test_a_run_is_steered_through_ssh_and_survives_the_loss_of_the_connection(sshd: LoopbackSshd, loop: WatchedLoop):
    terminal = attached(sshd, loop.folder)
    terminal.wait(lambda text: "● attached · 127.0.0.1" in text)
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    sshd.stop()
    terminal.wait(lambda text: "connection lost, reconnecting" in text)
    sshd.start_again()
    terminal.wait(lambda text: "● attached" in text and "PAUSED" in text)
    terminal.send("p")
    step = steps_shown(terminal.wait(lambda text: "TRAINING" in text))
    terminal.wait(lambda text: steps_shown(text) > step + 20)
    terminal.send("q")
    terminal.wait(lambda text: "Detach" in text)
    terminal.send("d")
    assert terminal.end() == 0
    again = terminal.raw.partition("Attach again with: ")[2].splitlines()[0]
    assert shlex.split(again) == ["jem-tui", "attach", f"{sshd.address}{loop.folder}"]
    assert loop.continues()


def test_a_training_run_is_stopped_through_ssh(sshd: LoopbackSshd, tmp_path: Path):
    run_dir = tmp_path / "run"
    training = ForkedProgram("train", "--no-ui", "--run-dir", run_dir, *setting_words(*SMALL, "train.epochs=400"))
    wait_until((run_dir / "door.json").exists, "the run has no door")
    terminal = attached(sshd, run_dir)
    terminal.send("q")
    terminal.wait(lambda text: "Stop and save" in text)
    terminal.send("s")
    assert terminal.end() == 0
    training.communicate(timeout=PATIENCE)
    assert training.returncode == 0
    assert list((run_dir / "checkpoints").glob("step_*.pt"))


def test_a_run_that_ends_while_the_connection_is_lost_is_displayed_to_its_end(sshd: LoopbackSshd, tmp_path: Path):
    loop = WatchedLoop(tmp_path / "run", steps=500)
    terminal = attached(sshd, loop.folder)
    sshd.stop()
    terminal.wait(lambda text: "connection lost, reconnecting" in text)
    loop.finish()
    assert loop.process.wait(PATIENCE) == 0
    sshd.start_again()
    terminal.wait(lambda text: "FINISHED" in text and steps_shown(text) == 500)
    terminal.send("q")
    assert terminal.end() == 0
    assert "finished at step 500" in terminal.raw
    loop.end()


def test_the_death_of_a_run_is_reported_through_ssh(sshd: LoopbackSshd, loop: WatchedLoop):
    terminal = attached(sshd, loop.folder)
    loop.end()
    terminal.wait(lambda text: "connection lost, reconnecting" in text)
    terminal.wait(lambda text: "The process of the run has died. Resume it within 60 s" in text)
    terminal.send("q")
    assert terminal.end() == 0


def test_each_failure_of_ssh_is_one_sentence(sshd: LoopbackSshd, tmp_path: Path):
    known = {**os.environ, **environment(sshd)}
    missing = jem_tui("attach", f"{sshd.address}{tmp_path}/none", env=known)
    assert missing.returncode == 2 and "There is no run" in missing.stderr
    (tmp_path / "ended").mkdir()
    ended = jem_tui("attach", f"{sshd.address}{tmp_path}/ended", env=known)
    assert ended.returncode == 2 and "no live run" in ended.stderr
    absent = jem_tui("attach", f"{sshd.address}{tmp_path}", env={**known, "JEM_TUI_REMOTE": "no-such-program"})
    assert absent.returncode == 2 and "no-such-program" in absent.stderr and "JEM_TUI_REMOTE" in absent.stderr
    chatty = jem_tui("attach", f"{sshd.address}{tmp_path}", env={**known, "JEM_TUI_REMOTE": "echo Welcome; true"})
    assert chatty.returncode == 2 and "“Welcome”" in chatty.stderr
    sshd.stop()
    gone = jem_tui("attach", f"{sshd.address}{tmp_path}", env=known)
    assert gone.returncode == 2 and "Connection refused" in gone.stderr
    for done in (missing, ended, absent, chatty, gone):
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1


def test_a_run_answers_questions_about_a_chain_and_a_drawing_through_ssh(sshd: LoopbackSshd, tmp_path: Path):
    run_dir = tmp_path / "run"
    training = ForkedProgram("train", "--no-ui", "--run-dir", run_dir, *setting_words(*SMALL, "train.epochs=4000"))
    wait_until((run_dir / "door.json").exists, "the run has no door")
    terminal = attached(sshd, run_dir, size=(48, 140))
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    terminal.send("\t\t\r")
    terminal.wait(lambda text: "p(y|x)" in text and "nearest training image: " in text and "at distance" in text)
    terminal.send("\x1b")
    terminal.wait(lambda text: "nearest training image" not in text)
    terminal.send("D")
    terminal.wait(lambda text: "Nothing drawn yet" in text and "Threshold" in text)
    terminal.send(" " + "\x1b[C" * 4 + "\x1b[B" * 4)
    terminal.wait(
        lambda text: re.search(r"class \d +\d", text) is not None and re.search(r"E\(x\) −?\d", text) is not None
    )
    terminal.send("\x03")
    assert terminal.end() == 130
    training.send_signal(signal.SIGTERM)
    training.communicate(timeout=PATIENCE)
    assert training.returncode == 130
