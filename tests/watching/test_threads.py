"""A watched loop whose calls come from several threads."""

from __future__ import annotations

import threading

import pytest

import jem_tui
from jem_tui.errors import StopTraining
from jem_tui.events.commands import Pause
from jem_tui.events.run import Note, StepDone
from tests.wait_until import PATIENCE, wait_until
from tests.watching.loops import pictures, recorded, status, take_steps


def test_other_threads_may_take_part(tmp_path):
    with jem_tui.watch(tmp_path / "run", samples_every=7) as run:

        def work() -> None:
            for _ in range(50):
                run.step(loss=1.0)
                run.samples(pictures())
                run.note("x")

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [step.step for step in recorded(tmp_path / "run", StepDone)] == list(range(1, 201))
    assert len(recorded(tmp_path / "run", Note)) == 200


def test_the_end_does_not_wait_for_a_thread_that_is_paused(tmp_path):
    run = jem_tui.watch(tmp_path / "run")
    stopped = threading.Event()

    def loop() -> None:
        with pytest.raises(StopTraining):
            take_steps(run, 100, Pause())
        stopped.set()

    thread = threading.Thread(target=loop)
    thread.start()
    wait_until(lambda: run.steps == 1, "no step was taken")
    run.close()
    assert stopped.wait(PATIENCE)
    assert status(tmp_path / "run") == "stopped"
