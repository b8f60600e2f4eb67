"""Every signal, in every phase of a run without a screen: saved, ended with 130, and what was over stays as it was."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jem_tui import signals
from jem_tui.cli import headless
from jem_tui.errors import EXIT_CODES
from jem_tui.events.commands import Command, SaveNow
from jem_tui.events.run import Event, Note, ReportProgress, Sampling, StepDone, Stopped, Wait
from jem_tui.signals import AT_ONCE, ENDING, INTERRUPTED, handle, heeded
from tests.cli.handlers import kept_handlers
from tests.stream.stream_events import evaluated, started, step_done

FACES = {"json": headless.run_json, "plain": headless.run_plain, "progress": headless.run_progress}
STEPS = 4


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    with kept_handlers():
        yield


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Yield two streams that take everything."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace"))
    yield


class Training:
    """A source that sends its process a signal in the phase of that name, and saves as a trainer does."""

    def __init__(self, run_dir: Path, phase: str, number: int) -> None:
        self._run_dir = run_dir
        self._phase = phase
        self._number = number
        self._step = 0

    def open(self, report: ReportProgress) -> Training:
        report("importing torch", None)
        self._reach("importing")
        report("reading", 0.5)
        return self

    def events(self) -> Generator[Event | Wait, None, None]:
        self._reach("before the first event")
        yield started(total_steps=STEPS)
        for step in range(1, STEPS + 1):
            self._reach(f"before step {step}")
            for k in range(3):
                yield Sampling(step=step - 1, images=0, time=0.0, k=k, of=3)
                self._reach(f"within step {step}")
            self._step = step
            yield step_done(step)
            self._reach(f"evaluating at step {step}")
            yield evaluated(step)
            self._reach(f"saving at step {step}")
            yield self._save()
            yield Wait(0.0)

    def apply(self, command: Command) -> Iterable[Event]:
        assert isinstance(command, SaveNow)
        yield self._save()

    def _save(self) -> Note:
        folder = self._run_dir / "checkpoints"
        folder.mkdir(exist_ok=True)
        (folder / f"step_{self._step:06d}.pt").touch()
        return Note(step=self._step, images=0, time=0.0, text="checkpoint saved", kind="checkpoint")

    def _reach(self, phase: str) -> None:
        if phase == self._phase:
            self._phase = ""
            signal.raise_signal(self._number)


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
"""And the step that is saved; None before there is anything to save."""


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
    code = FACES[face](Training(run_dir, phase, number).open, run_dir, "label")
    assert code == INTERRUPTED == EXIT_CODES["interrupted"]
    step = PHASES[phase]
    if step is None:
        assert not run_dir.exists()
        return
    known = json.loads((run_dir / "run.json").read_text())
    assert (known["status"], known["step"]) == ("interrupted", step)
    assert (run_dir / "checkpoints" / f"step_{step:06d}.pt").exists()


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_run_that_is_over_ends_as_it_did(number: int, tmp_path: Path, terminal: None):
    def signalled_at_the_end(event: Event) -> None:
        if isinstance(event, Stopped):
            signal.raise_signal(number)

    outlet = headless.on_stdout(signalled_at_the_end)
    stopped = headless.run(Training(tmp_path / "run", "", 0).open, tmp_path / "run", outlet)
    assert stopped.reason == "finished"
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"
    signal.raise_signal(number)


def test_what_the_parent_had_ignored_stays_ignored(tmp_path: Path, terminal: None):
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    assert heeded(by_run=False) == tuple(n for n in AT_ONCE if not signals.ignored(n))
    stopped = headless.run(Training(tmp_path / "run", "within step 2", signal.SIGHUP).open, tmp_path / "run")
    assert stopped.reason == "finished"
    # a script's shell has these ignored for what it starts in the background
    stopped = headless.run(Training(tmp_path / "again", "within step 2", signal.SIGINT).open, tmp_path / "again")
    assert stopped.reason == "interrupted"


def test_signals_that_come_in_numbers_hurry_nothing(tmp_path: Path, terminal: None):
    def often(event: Event) -> None:
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

    stopped = headless.run(Training(tmp_path / "run", "", 0).open, tmp_path / "run", headless.on_stdout(often))
    assert (stopped.reason, stopped.step) == ("interrupted", 2)
    assert (tmp_path / "run" / "checkpoints" / "step_000002.pt").exists()


class LeftError(BaseException):
    """Raised in place of the end of the process."""


def leave(code: int) -> None:
    raise LeftError(code)


@pytest.mark.parametrize(
    ("first", "second"), [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT), (0, signal.SIGQUIT)]
)
def test_the_second_signal_and_sigquit_leave_at_once_and_are_recorded(
    first: int, second: int, tmp_path: Path, terminal: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "_exit", leave)

    def twice(event: Event) -> None:
        if isinstance(event, Sampling) and event.step == 1:
            if first:
                signal.raise_signal(first)
            signal.raise_signal(second)

    with pytest.raises(LeftError, match="130"):
        headless.run(Training(tmp_path / "run", "", 0).open, tmp_path / "run", headless.on_stdout(twice))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"


def test_a_command_that_is_interrupted_cleans_up_first_and_leaves_at_the_second_signal(monkeypatch):
    monkeypatch.setattr(os, "_exit", leave)
    handle(signals.Interruption())
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGUSR1)
    with pytest.raises(LeftError, match="130"):
        signal.raise_signal(signal.SIGTERM)
    handle(signals.Leaving(3))
    signal.raise_signal(signal.SIGHUP)
    with pytest.raises(LeftError, match="3"):
        signal.raise_signal(signal.SIGHUP)


def test_a_reader_that_does_not_read_holds_up_no_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reading, writing = os.pipe()
    monkeypatch.setattr("jem_tui.stream.fan_out.PATIENCE", 0.0)
    with open(writing, "w") as stuck, open(reading, "rb"):  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", stuck)

        def fill(event: Event) -> None:
            if isinstance(event, StepDone):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                stuck.write("x" * 1_000_000)
                stuck.flush()

        stopped = headless.run(Training(tmp_path / "run", "", 0).open, tmp_path / "run", headless.on_stdout(fill))
        with suppress(OSError):
            stuck.close()
    assert stopped.reason == "interrupted"
    assert (tmp_path / "run" / "checkpoints" / "step_000001.pt").exists()


INTERRUPTING = """
import os, signal, sys, threading, time
from jem_tui.cli import main

def interrupt(seconds):
    while signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        time.sleep(0)
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, args=(float(sys.argv.pop(1)),)).start()
main()
"""


def interrupted_after(seconds: float, *args: object) -> subprocess.CompletedProcess[str]:
    """Run the command; its Ctrl-C comes so many seconds after its first own handler."""
    command = [sys.executable, "-c", INTERRUPTING, str(seconds), *map(str, args)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def commands(run_dir: Path) -> dict[str, list[object]]:
    return {
        "config": ["config"],
        "runs": ["runs", run_dir.parent],
        "once": ["replay", "--once", run_dir],
        "export": ["export", "--only", "csv", "--out", run_dir.parent / "out", run_dir],
        "help": ["train", "--help"],
    }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run_dir = tmp_path_factory.mktemp("recorded") / "run"
    with kept_handlers():
        headless.run(Training(run_dir, "", 0).open, run_dir)
    return run_dir


def check_interrupted(seconds: float, args: Iterable[object]) -> None:
    done = interrupted_after(seconds, *args)
    assert done.returncode in (0, INTERRUPTED), (seconds, done)
    assert done.stderr == "", (seconds, done)


@pytest.mark.parametrize(("name", "seconds"), [("config", 0.02), ("runs", 0.1), ("once", 0.2), ("export", 0.15)])
def test_ctrl_c_at_once_is_130_and_silence(name: str, seconds: float, recorded: Path):
    check_interrupted(seconds, commands(recorded)[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config", "runs", "once", "export", "help"])
def test_ctrl_c_at_any_moment_is_130_or_too_late(name: str, recorded: Path):
    for some in range(12):
        check_interrupted(0.04 * some, commands(recorded)[name])
