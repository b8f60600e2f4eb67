"""The life of a watched run: its folder, what it records, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jem_tui
from jem_tui.errors import InputError, JemError
from jem_tui.events.commands import Stop
from jem_tui.events.run import Evaluated, Note, RunStarted, StepDone, Stopped
from jem_tui.run_files import ERROR_FILE
from jem_tui.stream.reader.read_points import read_points
from jem_tui.stream.runs.run_dir import read_run_file
from tests.watching.loops import losses, pictures, recorded, status, take_steps


def test_a_loop_is_recorded_step_by_step(tmp_path):
    settings = {"lr": 0.5, "data": "mine", "train": 3, "seed": 7}
    with jem_tui.watch(tmp_path / "run", total_steps=3, config=settings, class_names=["a", "b"]) as run:
        run.note("before the first step")
        for number in range(3):
            run.step({"train/acc": np.float32(0.25)}, images=64, loss=number + 0.1)
    (started,) = recorded(tmp_path / "run", RunStarted)
    assert started.config == {"watched": settings}
    assert (started.seed, started.total_steps, started.class_names) == (7, 3, ("a", "b"))
    steps = recorded(tmp_path / "run", StepDone)
    assert [(step.step, step.images) for step in steps] == [(1, 64), (2, 128), (3, 192)]
    assert steps[0].metrics == {"train/acc": 0.25, "loss": float(np.float32(0.1))}
    assert [note.text for note in recorded(tmp_path / "run", Note)] == ["before the first step"]
    assert status(tmp_path / "run") == "finished"
    assert read_run_file(tmp_path / "run").step == 3


def test_nothing_is_written_before_the_first_step(tmp_path):
    with pytest.raises(KeyError), jem_tui.watch(tmp_path / "run"):
        raise KeyError
    assert not (tmp_path / "run").exists()


def test_images_are_counted_as_steps_by_default(tmp_path):
    with jem_tui.watch(tmp_path / "run") as run:
        run.step(loss=1.0), run.step(loss=1.0)
    assert [step.images for step in recorded(tmp_path / "run", StepDone)] == [1, 2]


def test_an_exception_leaves_unchanged_and_the_run_has_failed(tmp_path):
    with pytest.raises(ZeroDivisionError, match="by zero"), jem_tui.watch(tmp_path / "run") as run:
        run.step(loss=1.0)
        1 / 0  # noqa: B018
    assert status(tmp_path / "run") == "failed"
    text = (tmp_path / "run" / ERROR_FILE).read_text()
    assert "1 / 0" in text
    assert text.startswith("Unexpected ZeroDivisionError: division by zero.")


@pytest.mark.parametrize(
    ("error", "ended"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(1), "failed"),
        (SystemExit(0), "finished"),
        (JemError("x"), "failed"),
    ],
    ids=repr,
)
def test_the_end_follows_from_the_exception(tmp_path, error, ended):
    with pytest.raises(type(error)), jem_tui.watch(tmp_path / "run") as run:
        run.step(loss=1.0)
        raise error
    assert status(tmp_path / "run") == ended


@pytest.mark.parametrize("reason", ["stopped", "interrupted"])
def test_a_stop_ends_the_block_and_no_more(tmp_path, reason):
    with jem_tui.watch(tmp_path / "run") as run:
        take_steps(run, 9, Stop(reason=reason))
        raise AssertionError("the loop continued")
    assert (status(tmp_path / "run"), run.steps, run.active) == (reason, 1, False)
    with pytest.raises(RuntimeError, match="The run has ended"):
        run.step(loss=1.0)


def test_without_a_block_close_ends_the_run(tmp_path):
    run = jem_tui.watch(tmp_path / "run")
    take_steps(run, 2)
    run.send(Stop())
    for _ in range(2):
        with pytest.raises(jem_tui.StopTraining):
            take_steps(run, 1)
    run.close(), run.close()
    assert status(tmp_path / "run") == "stopped"
    assert len(recorded(tmp_path / "run", Stopped)) == 1


@pytest.mark.parametrize(("last", "ended"), [("", "finished"), ("1 / 0", "failed")])
def test_the_end_of_the_program_ends_the_run(tmp_path, last, ended):
    code = f"import jem_tui\nrun = jem_tui.watch({str(tmp_path / 'run')!r})\nrun.step(loss=1.0)\n{last}"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert status(tmp_path / "run") == ended
    assert (tmp_path / "run" / ERROR_FILE).exists() == (ended == "failed")


def test_importing_takes_neither_torch_nor_textual():
    code = (
        "import sys, jem_tui\n"
        "heavy = {'torch', 'torchvision', 'textual', 'numpy', 'tensorboard'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
        "jem_tui.watch\n"
        "assert not {'torch', 'torchvision', 'textual', 'rich', 'typer'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_can_be_imported():
    assert all(getattr(jem_tui, name) is not None for name in jem_tui.__all__)
    assert set(jem_tui.__all__) <= set(dir(jem_tui))
    with pytest.raises(AttributeError, match="no attribute 'wach'"):
        _ = jem_tui.wach


@pytest.mark.parametrize(
    ("arguments", "variables", "line"),
    [
        ({}, {}, "jem-tui: recording to runs/a b · jem-tui attach 'runs/a b'\n"),
        ({"door": False}, {}, "jem-tui: recording to runs/a b · jem-tui replay 'runs/a b'\n"),
        ({"quiet": True}, {}, ""),
        ({}, {"JEM_TUI_ANNOUNCE": "door.json"}, ""),
        ({}, {"RANK": "1"}, ""),
    ],
)
def test_the_first_step_prints_where_the_run_is(tmp_path, monkeypatch, capfd, arguments, variables, line):
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with jem_tui.watch("runs/a b", **arguments) as run:
        assert capfd.readouterr() == ("", "")
        take_steps(run, 2)
    assert capfd.readouterr() == ("", line)


def test_scores_are_recorded(tmp_path):
    with jem_tui.watch(tmp_path / "run") as run:
        run.step(loss=1.0)
        run.evaluated({"accuracy": np.float64(0.5)})
    (scores,) = recorded(tmp_path / "run", Evaluated)
    assert (scores.split, scores.scores) == ("validation", {"accuracy": 0.5})
    assert read_run_file(tmp_path / "run").accuracy == 0.5


def test_a_folder_with_content_is_refused_and_a_run_in_it_continued(tmp_path):
    folder = tmp_path / "run"
    with jem_tui.watch(folder, resume=True) as run:
        take_steps(run, 6)
    with pytest.raises(
        InputError, match=r"is not empty. Call jem_tui.watch with resume=True .*, with another folder, or without"
    ):
        jem_tui.watch(folder)
    with jem_tui.watch(folder, resume=True, start_step=4) as run:
        assert run.steps == 4
        take_steps(run, 3)
    assert read_run_file(folder).step == 7
    assert read_points(folder).points["loss"].step.tolist() == list(range(1, 8))
    # A killed run has taken more steps than run.json states
    with jem_tui.watch(folder, resume=True, start_step=9) as run:
        take_steps(run, 1)
    assert read_run_file(folder).step == 10
    with pytest.raises(ValueError, match="start_step must be"):
        jem_tui.watch(folder, resume=True, start_step=-1)


def test_a_run_of_another_kind_is_not_continued(tmp_path):
    from tests.stream.stream_events import record, small_run

    record(tmp_path / "run", small_run(3))
    with pytest.raises(InputError, match=r"was not recorded by jem_tui.watch. Continue it with jem-tui train --resume"):
        jem_tui.watch(tmp_path / "run", resume=True)


def test_without_a_folder_a_new_one_is_named_after_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["scripts/my_gan.py"])
    run = jem_tui.watch()
    take_steps(run, 1)
    run.close()
    (folder,) = (tmp_path / "runs").iterdir()
    assert "my-gan" in folder.name
    assert losses(folder) == [1.0]


@pytest.mark.parametrize("variable", ["RANK", "SLURM_PROCID", "LOCAL_RANK"])
def test_ranks_above_zero_are_silent(tmp_path, monkeypatch, variable):
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setenv(variable, "3")
    with jem_tui.watch(tmp_path / "run") as run:
        run.on(jem_tui.SaveNow, lambda: None)
        run.knob("rate", lambda: 1.0, print)
        take_steps(run, 2, Stop())
        run.samples(pictures()), run.note("x"), run.evaluated({})
    assert not run.active
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        jem_tui.watch(tmp_path / "file" / "run")


def test_a_failing_recorder_does_not_end_the_loop(tmp_path, monkeypatch, capsys):
    from jem_tui.stream.writer.recorder import Recorder

    record = Recorder.__call__

    def fail(self: Recorder, event: object) -> None:
        if isinstance(event, StepDone) and event.step == 2:
            raise MemoryError("no memory")
        record(self, event)

    monkeypatch.setattr(Recorder, "__call__", fail)
    with jem_tui.watch(tmp_path / "run") as run:
        take_steps(run, 5)
    assert run.steps == 5
    assert "can no longer be recorded" in capsys.readouterr().err
    assert len(losses(tmp_path / "run")) == 1


def test_a_run_folder_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with jem_tui.watch("runs/mine") as run:
        monkeypatch.chdir("/")
        take_steps(run, 1)
    assert status(tmp_path / "runs" / "mine") == "finished"
    assert run.run_dir == Path(tmp_path / "runs" / "mine")
