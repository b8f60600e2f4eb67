"""Signals to the process of a watched loop, and the processes that it forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import jem_tui
from jem_tui.events.run import StepDone
from jem_tui.stream.runs.run_dir import read_run_file
from tests.wait_until import PATIENCE, wait_until
from tests.watching.loops import recorded, status, take_steps

SCRIPT = """
import sys, time, jem_tui
run = jem_tui.watch(sys.argv[1])
if "save" in sys.argv: run.on(jem_tui.SaveNow, lambda: print("saved", flush=True))
try:
    with run:
        while True:
            run.step(loss=1.0)
            print("step", flush=True)
            if "pause" in sys.argv: run.send(__import__("jem_tui.events.commands").events.commands.Pause())
            time.sleep(0.01)
finally:
    print("left", flush=True)
"""


def signalled(folder: Path, number: int, *words: str) -> tuple[int, list[str]]:
    """Run the loop, send a signal after its first step, and return the exit code and the lines after it."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), *words], stdout=-1, stderr=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "step\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, [line for line in out.splitlines() if line != "step"]


@pytest.fixture
def default_handlers() -> Iterator[None]:
    """Give the process of the tests the handlers that a program starts with, which earlier tests may have replaced."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


INT, TERM = (signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 130)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (INT, ("save",)),
        (TERM, ("pause",)),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in ((INT, ()), (TERM, ()), (INT, ("save", "pause")))),
    ],
    ids=str,
)
def test_a_signal_saves_and_then_ends_the_program_as_python_does(tmp_path, end, words):
    number, code = end
    assert signalled(tmp_path / "run", number, *words) == (code, [*(["saved"] if "save" in words else []), "left"])
    assert status(tmp_path / "run") == "interrupted"


@pytest.mark.usefixtures("default_handlers")
def test_handlers_of_the_program_stay(tmp_path):
    kept = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with jem_tui.watch(tmp_path / "run"):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, kept)
    before = signal.getsignal(signal.SIGTERM)
    with jem_tui.watch(tmp_path / "run", signals=False):
        assert signal.getsignal(signal.SIGTERM) is before
    with jem_tui.watch(tmp_path / "run"):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.usefixtures("default_handlers")
def test_a_signal_ends_a_forked_child_as_if_there_were_no_run(tmp_path):
    with jem_tui.watch(tmp_path / "run") as run:
        take_steps(run, 1)
        child = os.fork()
        if not child:
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == signal.SIGTERM
        take_steps(run, 1)
    assert read_run_file(tmp_path / "run").status == "finished"


def test_a_forked_child_leaves_the_run_to_its_parent(tmp_path):
    with jem_tui.watch(tmp_path / "run") as run:
        take_steps(run, 2)
        child = os.fork()
        if not child:
            code = 1
            try:
                take_steps(run, 5)
                run.close()
                code = int(run.active)
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        take_steps(run, 1)
    assert [step.step for step in recorded(tmp_path / "run", StepDone)] == [1, 2, 3]
    assert read_run_file(tmp_path / "run").status == "finished"


def test_a_killed_loop_is_continued(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path / "run")], stdout=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "step\n"
    wait_until((tmp_path / "run" / "run.json").exists, "the run has no folder")
    process.kill()
    process.communicate()
    with jem_tui.watch(tmp_path / "run", resume=True) as run:
        first = run.steps
        take_steps(run, 2)
    assert [step.step for step in recorded(tmp_path / "run", StepDone)][-2:] == [first + 1, first + 2]
