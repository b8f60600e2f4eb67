"""`replay --follow` in a real terminal, on a log that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.events.run import TOTAL, XE, RunStarted, StepDone, Stopped
from jem_tui.stream.writer.recorder import Recorder
from tests.e2e.emulated_terminal import Terminal


def started(step: int) -> RunStarted:
    return RunStarted(
        step=step,
        images=step * 64,
        time=float(step),
        config={},
        device="cpu",
        seed=7,
        parameters=1234,
        tile_shape=(28, 28, 1),
        class_names=(),
        total_steps=100,
        steps_per_epoch=50,
        run_dir="runs/somewhere",
    )


def write(recorder: Recorder, first: int, last: int) -> None:
    for step in range(first, last + 1):
        recorder(
            StepDone(step=step, images=step * 64, time=float(step), epoch=0, metrics={TOTAL: 1 / step, XE: 2 / step})
        )
    assert recorder._log is not None
    recorder._log._events.flush()


def stop(recorder: Recorder, step: int) -> None:
    recorder(Stopped(step=step, images=step * 64, time=float(step), reason="stopped"))


@pytest.mark.slow
def test_a_run_is_followed_from_an_empty_folder_into_its_second_event_file(tmp_path: Path):
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    terminal = Terminal("replay", "--follow", run_dir)
    terminal.wait(lambda text: "holds no TensorBoard event files. Waiting" in " ".join(text.split()))
    recorder = Recorder(run_dir, ["jem-tui", "train"])
    recorder(started(0))
    write(recorder, 1, 5)
    terminal.wait(lambda text: "WAITING" in text and "5/5" in text)
    write(recorder, 6, 9)
    terminal.wait(lambda text: "WAITING" in text and "9/9" in text)
    stop(recorder, 9)
    terminal.wait(lambda text: "end of the recording: stopped" in text)
    resumed = Recorder(run_dir, ["jem-tui", "train", "--resume"])
    resumed(started(9))
    write(resumed, 10, 12)
    terminal.wait(lambda text: "WAITING" in text and "12/12" in text and "resumed from step 9" in text)
    stop(resumed, 12)
    terminal.send("q")
    assert terminal.end() == 0


@pytest.mark.slow
def test_a_foreign_log_is_followed(tmp_path: Path):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    writer.add_scalar(TOTAL, 3.0, 1)
    writer.flush()
    terminal = Terminal("replay", "--follow", tmp_path)
    terminal.wait(lambda text: "WAITING" in text and "1/1" in text)
    for step in range(2, 8):
        writer.add_scalar(TOTAL, 3.0 / step, step)
    writer.flush()
    terminal.wait(lambda text: "WAITING" in text and "7/7" in text)
    terminal.send("q")
    assert terminal.end() == 0
    writer.close()
