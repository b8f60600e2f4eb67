"""Signals in every phase of a run without a screen: the run is saved and ends with 130; a finished run is not changed."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jem_tui import signals
from jem_tui.cli import headless
from jem_tui.errors import EXIT_CODES
from jem_tui.events.run import Event, Sampling, StepDone, Stopped
from jem_tui.signals import AT_ONCE, ENDING, INTERRUPTED, handle, heeded
from tests.cli.handlers import kept_handlers
from tests.cli.signalled_training import STEPS, SignalledTraining

FACES = {"json": headless.run_json, "plain": headless.run_plain, "progress": headless.run_progress}


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    with kept_handlers():
        yield


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace stdout and stderr by streams in memory."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace"))
    yield


PHASES = {
    "importing": None,
    "before the first event": 0,
    "before step 1": 1,
    "within step 1": 1,
    "before step 3": 3,
    "within step 3": 3,
    "evaluating at step 2": 2,
    "saving at step 2": 2,
    f"saving at step {STEPS}": STEPS,
}
"""Phases with the step that is saved; None before the run folder exists."""


MATRIX = [
    pytest.param(
        face,
        phase,
        number,
        marks=[] if number is signal.SIGHUP or (face, phase) == ("json", "within step 3") else pytest.mark.slow,
        id=f"{number.name}-{phase}-{face}",
    )
    for face in FACES
    for phase in PHASES
    for number in ENDING
]


@pytest.mark.parametrize(("face", "phase", "number"), MATRIX)
def test_a_signal_saves_and_ends_the_run(face: str, phase: str, number: int, tmp_path: Path, terminal: None):
    run_dir = tmp_path / "run"
    code = FACES[face](SignalledTraining(run_dir, phase, number).open, run_dir)
    assert code == INTERRUPTED == EXIT_CODES["interrupted"]
    step = PHASES[phase]
    if step is None:
        assert not run_dir.exists()
        return
    content = json.loads((run_dir / "run.json").read_text())
    assert (content["status"], content["step"]) == ("interrupted", step)
    assert (run_dir / "checkpoints" / f"step_{step:06d}.pt").exists()


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_after_the_end_changes_no_status(number: int, tmp_path: Path, terminal: None):
    def signal_at_the_end(event: Event) -> None:
        if isinstance(event, Stopped):
            signal.raise_signal(number)

    outlet = headless.on_stdout(signal_at_the_end)
    stopped = headless.run(SignalledTraining(tmp_path / "run").open, tmp_path / "run", outlet)
    assert stopped.reason == "finished"
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"
    signal.raise_signal(number)


def test_a_signal_that_the_parent_ignored_stays_ignored(tmp_path: Path, terminal: None):
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    assert heeded(by_run=False) == tuple(n for n in AT_ONCE if not signals.ignored(n))
    stopped = headless.run(SignalledTraining(tmp_path / "run", "within step 2", signal.SIGHUP).open, tmp_path / "run")
    assert stopped.reason == "finished"
    # a shell without job control starts background jobs with SIGINT ignored; the program handles it nevertheless
    stopped = headless.run(
        SignalledTraining(tmp_path / "again", "within step 2", signal.SIGINT).open, tmp_path / "again"
    )
    assert stopped.reason == "interrupted"


def test_many_signals_in_one_step_still_save_it(tmp_path: Path, terminal: None):
    def raise_many(event: Event) -> None:
        if isinstance(event, Sampling) and event.step == 1 and event.k == 0:
            for number in (
                signal.SIGXCPU,
                signal.SIGXCPU,
                signal.SIGHUP,
                signal.SIGTERM,
                signal.SIGHUP,
                signal.SIGUSR1,
            ):
                signal.raise_signal(number)

    stopped = headless.run(SignalledTraining(tmp_path / "run").open, tmp_path / "run", headless.on_stdout(raise_many))
    assert (stopped.reason, stopped.step) == ("interrupted", 2)
    assert (tmp_path / "run" / "checkpoints" / "step_000002.pt").exists()


class ExitError(BaseException):
    """The end of the process, as an exception with the exit code."""


def raise_exit(code: int) -> None:
    """Raise instead of ending the process, as `os._exit` would."""
    raise ExitError(code)


@pytest.mark.parametrize(
    ("first", "second"), [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT), (0, signal.SIGQUIT)]
)
def test_a_second_signal_and_sigquit_exit_immediately_and_are_recorded(
    first: int, second: int, tmp_path: Path, terminal: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "_exit", raise_exit)

    def raise_both(event: Event) -> None:
        if isinstance(event, Sampling) and event.step == 1:
            if first:
                signal.raise_signal(first)
            signal.raise_signal(second)

    with pytest.raises(ExitError, match="130"):
        headless.run(SignalledTraining(tmp_path / "run").open, tmp_path / "run", headless.on_stdout(raise_both))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"


def test_an_interrupted_command_cleans_up_and_exits_at_the_second_signal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "_exit", raise_exit)
    handle(signals.Interruption())
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGUSR1)
    with pytest.raises(ExitError, match="130"):
        signal.raise_signal(signal.SIGTERM)
    handle(signals.Leaving(3))
    signal.raise_signal(signal.SIGHUP)
    with pytest.raises(ExitError, match="3"):
        signal.raise_signal(signal.SIGHUP)


def test_a_full_pipe_does_not_delay_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reading, writing = os.pipe()
    monkeypatch.setattr("jem_tui.stream.fan_out.PATIENCE", 0.0)
    with open(writing, "w") as stuck, open(reading, "rb"):  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", stuck)

        def fill(event: Event) -> None:
            if isinstance(event, StepDone):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                stuck.write("x" * 1_000_000)
                stuck.flush()

        stopped = headless.run(SignalledTraining(tmp_path / "run").open, tmp_path / "run", headless.on_stdout(fill))
        with suppress(OSError):
            stuck.close()
    assert stopped.reason == "interrupted"
    assert (tmp_path / "run" / "checkpoints" / "step_000001.pt").exists()
