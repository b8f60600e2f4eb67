"""One run with viewers on this machine, through ssh and in a browser at once: each steers, all are killed, and no number changes."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest

import jem_tui
from tests.cli.program import SMALL, setting_words, start
from tests.cli.program import jem_tui as call
from tests.e2e.emulated_terminal import Terminal, steps_shown
from tests.e2e.served import Server
from tests.e2e.test_attach_through_ssh import environment
from tests.e2e.test_attach_through_ssh import sshd as sshd
from tests.e2e.test_browser import CHROMIUM, as_bytes, wait_for_frame
from tests.wait_until import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium"),
    pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh"),
]

WORDS = ["train", "--no-ui", "--seed", "4", "--device", "cpu", "--max-steps", "400"]
WORDS += setting_words(*SMALL, "train.epochs=10", "record.samples_every=50", "record.evaluate_every=100")


def test_viewers_everywhere_steer_one_run_and_their_death_changes_no_number(sshd, tmp_path: Path):
    playwright = pytest.importorskip("playwright.sync_api")
    training = start(*WORDS, "--run-dir", tmp_path / "run")
    wait_until((tmp_path / "run" / "door.json").exists, "the run has no door")
    here = Terminal("attach", tmp_path / "run")
    here.wait(lambda text: "TRAINING" in text)
    here.send("p")
    here.wait(lambda text: "PAUSED" in text)
    there = Terminal("attach", f"{sshd.address}{tmp_path / 'run'}", **environment(sshd))
    there.wait(lambda text: "PAUSED" in text)
    server = Server("attach", tmp_path / "run")
    with playwright.sync_playwright() as running:
        page = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_page()
        frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(as_bytes(data))))
        page.goto(server.link)
        wait_for_frame(page, frames, b"PAUSED")
        step = steps_shown(here.settled())
        page.keyboard.press("n")
        for terminal in (here, there):
            terminal.wait(lambda text: "PAUSED" in text and steps_shown(text) == step + 1)
        there.send("n")
        here.wait(lambda text: "PAUSED" in text and steps_shown(text) == step + 2)
        here.send("p")
        there.wait(lambda text: "TRAINING" in text)
        for process in (server.process, here.process, there.process):
            kill_with_children(process.pid)
    assert training.wait(60) == 0
    assert call(*WORDS, "--run-dir", tmp_path / "reference").returncode == 0
    assert_equal_curves(tmp_path / "run", tmp_path / "reference")
    assert not (tmp_path / "run" / "door.json").exists()


def kill_with_children(pid: int) -> None:
    """Kill a process and all of its descendants with SIGKILL."""
    for process in (*psutil.Process(pid).children(recursive=True), psutil.Process(pid)):
        os.kill(process.pid, signal.SIGKILL)


def assert_equal_curves(one: Path, other: Path) -> None:
    """Compare the metrics of two runs at every step, apart from the speed."""
    first, second = jem_tui.open_run(one).curves, jem_tui.open_run(other).curves
    assert first.keys() == second.keys() and "JEM/total" in first
    for tag in first.keys() - {"images/s"}:
        np.testing.assert_array_equal(first[tag].steps, second[tag].steps)
        np.testing.assert_array_equal(first[tag].values, second[tag].values, err_msg=tag)
